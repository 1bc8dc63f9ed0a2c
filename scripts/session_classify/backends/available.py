"""Which live backends work on this machine, and what the others lack."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec

from session_classify.invocation import is_launched
from session_classify.vocabulary import DATADOG_SITES, DEFAULT_SITE, LOCAL_HOSTS

CLIENT_FIX = f"{shlex.quote(sys.executable)} -m pip install datadog-api-client"
"""Command that installs the official client into the running Python."""

MCP_FIX = f"{shlex.quote(sys.executable)} -m pip install 'mcp>=2.3'"
"""Command that installs the official MCP library into the running Python."""

LOCAL_SERVER = "datadog_mcp_cli"
"""Datadog's local MCP server; its `login` command authenticates it."""


@dataclass(frozen=True, slots=True)
class Availability:
    """One backend: whether it works here, what was found, and what to do if it does not."""

    name: str
    works: bool
    found: str
    fix: str = ""
    extra: str = ""
    """The extra that is all it lacks, which the launcher installs at the first use."""


def availability() -> tuple[Availability, ...]:
    """Return the live backends in the order of `auto`; keys are never shown."""
    return _api(), _mcp(), _pup()


def first_choice(backends: Iterable[Availability]) -> str:
    """Return the first backend that works, else the first that the launcher can set up."""
    found = sorted(backends, key=lambda one: not one.works)
    return next((one.name for one in found if one.works or one.extra), "")


def site_here() -> str:
    """Return the site of the environment, else the default one."""
    return os.environ.get("DD_SITE") or DEFAULT_SITE


def keys_here() -> dict[str, str]:
    """Return the keys of the environment by name; empty where one is not set."""
    return {
        "DD_API_KEY": os.environ.get("DD_API_KEY") or "",
        "DD_APP_KEY": os.environ.get("DD_APP_KEY") or os.environ.get("DD_APPLICATION_KEY") or "",
    }


_ADDRESS = re.compile(
    r"(https?)://([a-z0-9.-]{1,253}|\[[0-9a-f:]{2,39}\])(?::\d{1,5})?((?:/[!-~]*)?)", re.IGNORECASE
)
"""An address whose host every library parses alike: no user, no backslash, no blanks.

`urlsplit` finds 127.0.0.1 in `http://example.com\\@127.0.0.1/`, urllib3 sends it to example.com.
"""

_MCP_PATH = re.compile(r"/(?:[\w-]{1,64}/){0,8}mcp/?(?:\?toolsets=[\w,-]{1,200})?", re.ASCII)


def is_local(url: str) -> bool:
    """Return whether an address is on this machine: a stand-in, which accepts any keys."""
    return _parts(url)[1] in LOCAL_HOSTS


def is_datadog(url: str) -> bool:
    """Return whether keys may be sent to an address: https, and a Datadog site or DD_SITE."""
    scheme, host, _ = _parts(url)
    sites = (*DATADOG_SITES, site_here())
    return scheme == "https" and any(f".{host}".endswith(f".{site}") for site in sites)


def is_plain_endpoint(kind: str, url: str) -> bool:
    """Return whether an address is exactly that of an `api`, `mcp` or `lapdog` server.

    It is on this machine, or Datadog's host of that name (`api.SITE`, `mcp.SITE`). With a path or
    query it could reach another service there, such as an intake, which stores the query's text in
    the account whose key it contains. Only an MCP server has a path, which ends in `/mcp`.
    """
    _, host, rest = _parts(url)
    is_known = is_local(url) or (is_datadog(url) and host.partition(".")[0] == kind)
    return is_known and (rest in ("", "/") or (kind == "mcp" and bool(_MCP_PATH.fullmatch(rest))))


def _parts(url: str) -> tuple[str, str, str]:
    """Return scheme, host and the rest of an address; empty for one that is not plain."""
    found = _ADDRESS.fullmatch(url)
    if found is None:
        return "", "", ""
    scheme, host, rest = found.groups()
    return scheme.lower(), host.lower().strip("[]"), rest


def token_here() -> str:
    """Return the bearer token of the environment, in pup's variable; empty where it is not set."""
    return os.environ.get("DD_ACCESS_TOKEN") or ""


def has_mcp() -> bool:
    """Return whether the official MCP library is installed."""
    return find_spec("mcp") is not None


def has_client() -> bool:
    """Return whether the official client of the API is installed."""
    return find_spec("datadog_api_client") is not None


def _api() -> Availability:
    keys, client = keys_here(), has_client()
    found = ", ".join(
        (
            *(f"{name} {'set' if key else 'not set'}" for name, key in keys.items()),
            f"client {'installed' if client else 'not installed'}",
            f"site {site_here()}",
        )
    )
    fixes = [] if all(keys.values()) else ["export DD_API_KEY=… DD_APP_KEY=… (and DD_SITE)"]
    return _with_library("api", found, fixes, "" if client else CLIENT_FIX)


def _mcp() -> Availability:
    keys, token, local = all(keys_here().values()), token_here(), shutil.which(LOCAL_SERVER)
    found = ", ".join(
        (
            f"library {'installed' if has_mcp() else 'not installed'}",
            f"keys {'set' if keys else 'not set'}",
            f"DD_ACCESS_TOKEN {'set' if token else 'not set'}",
            f"{LOCAL_SERVER} {'found' if local else 'not on the PATH'}",
        )
    )
    named = f"export DD_API_KEY=… DD_APP_KEY=…, or DD_ACCESS_TOKEN=…, or install {LOCAL_SERVER}"
    fixes = [] if keys or token or local else [named]
    return _with_library("mcp", found, fixes, "" if has_mcp() else MCP_FIX)


def _with_library(name: str, found: str, fixes: list[str], library_fix: str) -> Availability:
    """Return a backend that needs the extra of its name; the launcher can install it."""
    if library_fix and is_launched():
        return Availability(name, False, found, "; ".join(fixes), "" if fixes else name)
    fixes = [*fixes, library_fix] if library_fix else fixes
    return Availability(name, not fixes, found, "; ".join(fixes))


def _pup() -> Availability:
    program = shutil.which("pup")
    if program is None:
        return Availability("pup", False, "not on the PATH", "install pup, then `pup auth login`")
    try:
        version = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Availability("pup", False, f"{program} does not run: {error}", "install pup anew")
    said = " ".join((version.stdout or version.stderr).split())[:80]
    works = version.returncode == 0
    return Availability("pup", works, f"{program}, {said}", "" if works else "install pup anew")
