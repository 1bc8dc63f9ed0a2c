"""`mcp[:URL or COMMAND]`: Datadog's MCP server, hosted or on this machine."""

from session_classify.backends import Backend
from session_classify.backends.addresses import is_plain_endpoint
from session_classify.backends.caller import Caller
from session_classify.backends.environment import (
    LOCAL_SERVER,
    MCP_FIX,
    has_mcp,
    keys_here,
    token_here,
    with_library,
)
from session_classify.backends.kind import Availability, BackendKind, OpenRequest
from session_classify.backends.kinds import kind_of

_AUDIT = ("pup", "api")
"""Kinds that answer audit calls in place of a server without a tool for them."""


def _caller(where: str) -> Caller:
    from session_classify.backends.fallback import Fallback
    from session_classify.backends.mcp import open_mcp

    # An explicit server may belong to another organisation than the keys of this environment.
    return Fallback(open_mcp(where), None if where else _audit_caller())


def _audit_caller() -> Caller | None:
    for name in _AUDIT:
        kind = kind_of(name)
        if kind and kind.caller and kind.availability and kind.availability().works:
            return kind.caller("")
    return None


def _open(request: OpenRequest) -> Backend:
    from session_classify.backends.live import open_live

    return open_live(_caller(request.where), request)


def _availability() -> Availability:
    import shutil

    keys, token, local = all(keys_here().values()), token_here(), shutil.which(LOCAL_SERVER)
    found = ", ".join(
        (
            f"library {'installed' if has_mcp() else 'not installed'}",
            f"keys {'set' if keys else 'not set'}",
            f"DD_ACCESS_TOKEN {'set' if token else 'not set'}",
            f"{LOCAL_SERVER} {'found' if local else 'not on the PATH'}",
        )
    )
    missing = f"export DD_API_KEY=… DD_APP_KEY=…, or DD_ACCESS_TOKEN=…, or install {LOCAL_SERVER}"
    fixes = [] if keys or token or local else [missing]
    return with_library(found, fixes, "" if has_mcp() else MCP_FIX, "mcp")


KIND = BackendKind(
    "mcp",
    "mcp[:URL or COMMAND]",
    _open,
    is_safe_address=lambda url: is_plain_endpoint("mcp", url),
    caller=_caller,
    availability=_availability,
    preference=2,
)
