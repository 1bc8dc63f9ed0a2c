"""The environment of live backends: site, keys, token, installed libraries."""

import os
from importlib.util import find_spec

from session_classify.backends.kind import Availability
from session_classify.errors import UsageError, pip
from session_classify.invocation import is_launched
from session_classify.vocabulary import DEFAULT_SITE

CLIENT_FIX = pip("datadog-api-client")
"""Command that installs the official client into the running Python."""

MCP_FIX = pip("mcp>=2.3")
"""Command that installs the official MCP library into the running Python."""

LOCAL_SERVER = "datadog_mcp_cli"
"""Datadog's local MCP server; its `login` command authenticates it."""


_READ_ONLY = "DD_READ_ONLY"
_NO = ("", "0", "false", "no")


def refuse_when_read_only(what: str) -> None:
    """Raise UsageError where DD_READ_ONLY is set; `what` says what is not done."""
    if os.environ.get(_READ_ONLY, "").strip().lower() not in _NO:
        raise UsageError(f"{_READ_ONLY} is set: {what}; unset it to write")


def site_here() -> str:
    """Return the site of the environment, else the default one."""
    return os.environ.get("DD_SITE") or DEFAULT_SITE


def keys_here() -> dict[str, str]:
    """Return the keys of the environment by name; empty where one is not set."""
    return {
        "DD_API_KEY": os.environ.get("DD_API_KEY") or "",
        "DD_APP_KEY": os.environ.get("DD_APP_KEY") or os.environ.get("DD_APPLICATION_KEY") or "",
    }


def token_here() -> str:
    """Return the bearer token of the environment, in pup's variable; empty where it is not set."""
    return os.environ.get("DD_ACCESS_TOKEN") or ""


def has_mcp() -> bool:
    """Return whether the official MCP library is installed."""
    return find_spec("mcp") is not None


def has_client() -> bool:
    """Return whether the official client of the API is installed."""
    return find_spec("datadog_api_client") is not None


def with_library(found: str, fixes: list[str], library_fix: str, extra: str) -> Availability:
    """Return the availability of a backend that needs the library of an extra.

    `library_fix` installs the library and is empty where it is installed. The launcher installs it
    at the first use, so with the launcher a missing library does not make the backend unavailable.
    """
    if library_fix and is_launched():
        return Availability(False, found, "; ".join(fixes), "" if fixes else extra)
    fixes = [*fixes, library_fix] if library_fix else fixes
    return Availability(not fixes, found, "; ".join(fixes))
