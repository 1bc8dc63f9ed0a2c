"""The user's pip and uv settings for a private environment: where packages come from.

Index, proxy, certificate and cache settings apply, because a company may allow no other way.
Settings of where and what to install do not apply: `target`, `user`, `prefix`, `constraint`,
`no-deps` and the like are for other environments.
"""

from __future__ import annotations

import ast
import os
import subprocess

PIP = frozenset(
    """index-url extra-index-url no-index find-links trusted-host cert client-cert proxy retries
    timeout default-timeout resume-retries cache-dir no-cache-dir keyring-provider use-feature
    only-binary""".split()
)
"""Options of `pip install`, https://pip.pypa.io/en/stable/cli/pip_install/."""

UV = tuple(
    """UV_INDEX UV_DEFAULT_INDEX UV_EXTRA_INDEX_URL UV_FIND_LINKS UV_KEYRING_PROVIDER
    UV_INSECURE_HOST UV_NATIVE_TLS UV_SYSTEM_CERTS UV_HTTP UV_REQUEST_TIMEOUT UV_OFFLINE
    UV_CACHE_DIR UV_NO_CACHE UV_LINK_MODE UV_CONCURRENT UV_CONFIG_FILE UV_NO_CONFIG
    UV_PYTHON_INSTALL UV_PYTHON_DOWNLOADS UV_MANAGED_PYTHON UV_NO_MANAGED_PYTHON""".split()
)
"""Beginnings of variables, https://docs.astral.sh/uv/reference/environment/."""


def plain_environment() -> dict[str, str]:
    """Return the environment variables without those that affect Python, pip or uv."""
    steering = ("PYTHON", "PIP_", "UV_", "VIRTUAL_ENV", "CONDA_PREFIX", "__PYVENV_LAUNCHER__")
    return {name: value for name, value in os.environ.items() if not name.startswith(steering)}


def uv_environment() -> dict[str, str]:
    """Return the variables for uv, which also reads its configuration files."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(UV)}
    return {**plain_environment(), **kept}


def pip_environment(pythons: list[str]) -> dict[str, str]:
    """Return the variables for pip, from its variables and configuration files.

    The first of these Pythons with pip reads the files: a file may apply to one Python only.
    """
    variables = {
        name: value
        for name, value in os.environ.items()
        if name == "PIP_CONFIG_FILE" or _option(name) in PIP
    }
    environment = {**plain_environment(), **variables}
    for python in pythons:
        # A file may make pip quiet, run it as another Python, or list one file only.
        whole = {"PIP_QUIET": "0", "PIP_PYTHON": python, "PIP_LOG": os.devnull}
        whole.update({"PIP_USER": "0", "PIP_SITE": "0", "PIP_GLOBAL": "0"})
        listed = subprocess.run(
            [python, "-I", "-m", "pip", "config", "list"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={**environment, **whole}, encoding="utf-8", errors="replace", check=False,
        )  # fmt: skip
        if listed.returncode == 0:
            return {**environment, **kept(listed.stdout), "PIP_CONFIG_FILE": os.devnull}
    return environment


def kept(listed: str) -> dict[str, str]:
    """Return as variables the supported settings in `pip config list`: lines of `section.key='…'`.

    `install` overrides `global`, and variables override both.
    """
    found = {}
    for section in ("global", "install", ":env:"):
        for line in listed.splitlines():
            name, _, value = line.partition("=")
            if name.startswith(section + "."):
                key = name[len(section) + 1 :]
                if key in PIP:
                    found["PIP_" + key.upper().replace("-", "_")] = str(ast.literal_eval(value))
    return found


def _option(variable: str) -> str:
    """Return the option that a variable of pip sets, such as `index-url` for PIP_INDEX_URL."""
    prefix = "PIP_"
    if not variable.startswith(prefix):
        return ""
    return variable[len(prefix) :].lower().replace("_", "-")
