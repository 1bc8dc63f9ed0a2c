"""Classify server addresses: local ones, and Datadog's."""

import re

from session_classify.backends.environment import site_here
from session_classify.lazy import lazy_pattern
from session_classify.vocabulary import DATADOG_SITES, LOCAL_HOSTS

_ADDRESS = lazy_pattern(
    r"(https?)://([a-z0-9.-]{1,253}|\[[0-9a-f:]{2,39}\])(?::\d{1,5})?((?:/[!-~]*)?)", re.IGNORECASE
)
"""An address of which every library reads the same host: no user, no backslash, no blanks.

`urlsplit` finds 127.0.0.1 in `http://example.com\\@127.0.0.1/`, urllib3 sends it to example.com.
"""

_MCP_PATH = lazy_pattern(r"/(?:[\w-]{1,64}/){0,8}mcp/?(?:\?toolsets=[\w,-]{1,200})?", re.ASCII)


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
