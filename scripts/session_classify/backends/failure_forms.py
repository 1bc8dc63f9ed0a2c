"""Known formats of error messages that contain a status."""

import re
from http import HTTPStatus

import msgspec

from session_classify.lazy import lazy_pattern

NO_STATUS = 0
NETWORK = -1
"""No answer, so no status: the connection failed or timed out."""
NO_LOGIN = -2
"""No credentials, so nothing was sent."""
NO_MATTER = -3
"""A different error; the rest of the message has no status."""


class Form(msgspec.Struct, frozen=True):
    """One format of message, matched at the beginning of a message or of a part of it."""

    source: str
    """The specification, library or program that writes it."""
    pattern: re.Pattern[str]
    """Its group 1 is the status, unless `means` is set."""
    means: int = NO_STATUS


_STATUS = r"([45]\d\d)(?!\d)"
_PHRASES = {s.value: s.phrase for s in HTTPStatus if s >= HTTPStatus.BAD_REQUEST}
_PAIRS = "|".join(
    (
        *(f"{code} {phrase}" for code, phrase in _PHRASES.items()),
        "503 Service Temporarily Unavailable",
    )
)
_PHRASE = "|".join(sorted({*_PHRASES.values(), "Service Temporarily Unavailable"}))
_CLOSED = r"""(?=$|[:;,.)\]}'"<]| [-\u2013\u2014({<\[]| for | from http)"""
_ENDS = rf"(?: (?:{_PHRASE}))?{_CLOSED}"
"""What may follow a status: its phrase, punctuation or the end. `HTTP 401 spans` has none."""
_REST = r"(?=\.?\s*$|: | \()"
"""Only a colon or brackets may follow: the words are the whole message, or a part of it."""
_BEGIN = r"(?:\A|(?<=\AError: ))"
"""The beginning of the whole message: elsewhere a bare number is not a status."""
_GONE = "(?:span|trace|session|resource|event)"


def _form(source: str, pattern: str, means: int = NO_STATUS) -> Form:
    return Form(source, lazy_pattern(pattern, re.IGNORECASE | re.MULTILINE), means)


_GRPC = {
    "PermissionDenied": 403,
    "Unauthenticated": 401,
    "NotFound": 404,
    "ResourceExhausted": 429,
    "Unavailable": 503,
    "DeadlineExceeded": 504,
    "InvalidArgument": 400,
    "Internal": 500,
}
"""gRPC codes and their HTTP status in the gRPC gateway."""
_ACTIONS = "request|query|search|operation|connection|call|connect|read|write|server|upstream"
_NETWORK = {
    "reqwest, which pup uses": r"error sending request for url \(|client error \((?:Connect|SendR"
    r"equest)\)|connection closed before message completed|dns error",
    "operating systems": r"(?:\[Errno \d{1,4}\] |connect: )?connection (?:refused|reset by peer"
    r"|aborted|timed out)",
    "name lookup (getaddrinfo)": r"(?:\[Errno -?\d{1,4}\] )?(?:temporary failure in name "
    r"resolution|name or service not known|nodename nor servname)",
    "timeouts of Python, Go, Rust and Node": rf"(?:the )?(?:(?:{_ACTIONS}) ){{0,2}}timed out"
    r"(?=$|[.,;:)]| after )|context deadline exceeded|i/o timeout",
    "Python http.client and urllib3": r"Remote end closed connection without response"
    r"|\('Connection aborted\.'|Max retries exceeded with url|IncompleteRead\(",
    "Go net": r"(?:dial|read|write) (?:tcp|udp)[ :]|unexpected EOF" + _REST,
    "Node net and undici": r"(?:connect|read|write|getaddrinfo) E[A-Z_]{4,16}\b|fetch failed"
    rf"{_REST}|socket hang up{_REST}",
    "httpx": r"All connection attempts failed|Server disconnected without sending a response",
    "servers that are overloaded": r"(?:the )?(?:(?:service|server|resource|backend) )?(?:is )?"
    r"temporarily (?:unavailable|overloaded)",
    "a client that could not connect": r"failed to connect(?: to \S{1,300})?(?=$|[:.,;])",
}

FORMS = (
    # The package's own format comes first, so that `as_answer` is decoded exactly.
    _form("this package", r"HTTP ([1-5]\d\d):"),
    _form("this package", r"no access(?=:| \()", NO_LOGIN),
    _form("this package", r"no response:", NETWORK),
    _form("this package", r"not answered:", NO_MATTER),
    _form("TypeScript MCP SDK, McpError: parse, request, method, parameters",
          r"MCP error -32(?:700|600|601|602)(?!\d)", NO_MATTER),
    _form("TypeScript MCP SDK, McpError: connection closed, request timed out",
          r"MCP error -3200[01](?!\d)", NETWORK),
    _form("pup, src/raw_client.rs",
          rf"(?:GET|POST|PUT|PATCH|DELETE) \S{{1,2000}}+ failed \(HTTP {_STATUS}\)"),
    _form("pup, src/api.rs; MCP servers over the API",
          rf"API error \((?:HTTP|status):? {_STATUS}[^)]{{0,60}}\)"),
    _form("MCP servers over the API", rf"API error:? {_STATUS}{_ENDS}"),
    _form("pup before 1.0 in Go, cmd/root.go",
          rf"failed to [^\n(){{}}]{{1,200}}\(status: {_STATUS}\)$"),
    _form("Datadog client in Rust, Debug of Error",
          rf"ResponseError\(ResponseContent \{{ status: {_STATUS},"),
    _form("Datadog client in Python, ApiException", rf"\({_STATUS}\)\s{{1,4}}Reason: "),
    _form("TypeScript MCP SDK, StreamableHTTPError",
          rf"Error POSTing to endpoint \(HTTP {_STATUS}\)"),
    _form("RFC 9112 status line; Python urllib; Rust MCP SDK",
          rf"HTTP(?:/\d(?:\.\d)?)?(?: error| status| status code| code| response)?:? {_STATUS}"
          rf"{_ENDS}"),
    _form("Starlette, HTTPException; a status that is all there is",
          rf"{_BEGIN}{_STATUS}(?=: |\.?\s*\Z)"),
    _form("MCP servers, of a span that is gone",
          rf"{_BEGIN}(404|410) {_GONE} not found{_REST}"),
    _form("Google API client in Go", rf"Error {_STATUS}: "),
    _form("httpx, raise_for_status",
          rf"(?:Client|Server) error '{_STATUS} [^'\n]{{1,60}}' for url"),
    _form("requests, raise_for_status", rf"{_STATUS} (?:Client|Server) Error: "),
    _form("axios; Datadog client in Rust, Display of Error; Go programs",
          r"(?:(?:request failed with|unexpected|received|got|error|response|server returned|"
          r"server responded with) )?(?:HTTP )?(?:status(?: code)?|error code)(?: is|:|=)? ?"
          rf"{_STATUS}{_ENDS}"),
    _form("RFC 9110 status and phrase; Datadog client in Go",
          rf"(?={_STATUS})(?:{_PAIRS}){_CLOSED}"),
    *(_form("RFC 9110 phrase alone, as Datadog's `errors` have it", phrase + _REST, code)
      for code, phrase in _PHRASES.items()),
    *(_form("gRPC, status.Error", rf"rpc error: code = {name}(?!\w)", code)
      for name, code in _GRPC.items()),
    _form("servers without a phrase of their own", rf"(?:permission|access) denied{_REST}", 403),
    _form("Datadog API", rf"Failed permission authorization checks{_REST}", 403),
    _form("servers that name what is gone",
          rf"{_GONE}(?: [\w-]{{1,80}})? not found{_REST}", 404),
    _form("pup, src/config.rs", r"authentication (?:required|expired|failed)(?=[:.]|$)", NO_LOGIN),
    _form("pup, src/raw_client.rs", r"no authentication configured", NO_LOGIN),
    _form("command lines without a login",
          r"(?:you are )?not (?:logged in|authenticated)(?=$|[.;:,]| \()", NO_LOGIN),
    *(_form(source, pattern, NETWORK) for source, pattern in _NETWORK.items()),
)  # fmt: skip
"""Every known format, the most specific first."""

WORDS = {
    **{phrase.replace(" ", "").replace("-", "").lower(): code for code, phrase in _PHRASES.items()},
    **{name.lower(): code for name, code in _GRPC.items()},
    "invalidtoken": 401,
    "insufficientscope": 403,
}
"""Status by the code words of JSON errors, in lower case without separators.

They are phrases of RFC 9110, codes of gRPC, and those of RFC 6750 for bearer tokens.
"""
