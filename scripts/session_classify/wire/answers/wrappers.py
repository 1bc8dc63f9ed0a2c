"""JSON objects around a result: what clients, hooks, servers and recorders put it into.

Each row of `WRAPPERS` names the keys that tell a wrapper and where the result lies in it; a new
wrapper is a row. Sources: references/sources/clients.md#wrappers.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from session_classify.jsontext import UNREADABLE
from session_classify.lazy import lazy_pattern

Keys = Mapping[str, msgspec.Raw]
Path = tuple[str, ...]


class Wrapper(msgspec.Struct, frozen=True):
    """One kind of object around a result."""

    words: str
    needs: tuple[tuple[str, ...], ...]
    """Keys that tell it: of each group one is there."""
    inside: tuple[Path, ...]
    """Where the result is: the first of these paths that leads to something."""
    errors: tuple[Path, ...] = ()
    """What is there in place of a result, or `true` where the result is an error."""
    empty: str = ""
    """What the object is when nothing is inside, for the refusal; empty where that says nothing."""
    keeps: str = ""
    """How the inside must begin for it to be a result; empty where anything is one."""


WRAPPERS = (
    Wrapper(
        "JSON-RPC answer",
        (("jsonrpc",),),
        (("result",),),
        errors=(("error",),),
        empty="a JSON-RPC message without a result",
    ),
    Wrapper(
        "hook input",
        (("hook_event_name", "hookEventName", "tool_name", "toolName", "tool_input", "toolArgs"),),
        (
            ("tool_response",),
            ("tool_output",),
            ("result_json",),
            ("toolResult",),
            ("tool_result",),
            ("response",),
            ("output",),
            ("result",),
        ),
        errors=(("error",), ("tool_error",)),
        empty="input of a hook that runs before the tool answers; take the one after it",
    ),
    Wrapper(
        "hook output",
        (("hookSpecificOutput",),),
        (
            ("hookSpecificOutput", "updatedToolOutput"),
            ("hookSpecificOutput", "updatedMCPToolOutput"),
            ("hookSpecificOutput", "additionalContext"),
        ),
        empty="output of a hook without a result",
    ),
    Wrapper(
        "tool result",
        (("structuredContent", "structured_content"),),
        (("structuredContent",), ("structured_content",)),
        errors=(("isError",), ("is_error",)),
        keeps="data",
    ),
    Wrapper(
        "tool result",
        (("content",),),
        (("content",),),
        errors=(("isError",), ("is_error",)),
        keeps="blocks",
    ),
    Wrapper(
        "tool result",
        (("structuredContent", "structured_content"),),
        (("structuredContent",), ("structured_content",)),
        errors=(("isError",), ("is_error",)),
    ),
    Wrapper(
        "tool result",
        (("tool_use_id", "tool_call_id", "call_id"),),
        (("content",), ("output",), ("result",)),
        errors=(("is_error",),),
    ),
    Wrapper("tool result", (("toolResult",),), (("toolResult",),)),
    Wrapper("text block", (("text",), ("type",)), (("text",),)),
    Wrapper("embedded resource", (("resource",),), (("resource", "text"), ("resource", "blob"))),
    Wrapper("embedded resource", (("contents",),), (("contents",),), keeps="blocks"),
    Wrapper(
        "shell result",
        (("stdout",), ("stderr", "interrupted", "exit_code", "exitCode", "returncode")),
        (("stdout",), ("stderr",)),
    ),
    Wrapper("shell result", (("output",), ("metadata", "exit_code", "returncode")), (("output",),)),
    Wrapper("conversation", (("messages",),), (("messages",),)),
    Wrapper("tool result", (("llmContent",),), (("llmContent",),)),
    Wrapper("tool result", (("textResultForLlm",),), (("textResultForLlm",),)),
    Wrapper(
        "HTTP response",
        (("body",), ("status", "statusCode", "status_code")),
        (("body",),),
    ),
    Wrapper("HTTP archive", (("log",),), (("log", "entries"),)),
    Wrapper("entry of an HTTP archive", (("request",), ("response",)), (("response", "content"),)),
    Wrapper("HTTP content", (("mimeType", "mime_type"), ("text",)), (("text",),)),
    Wrapper("embedded resource", (("uri",), ("text", "blob")), (("text",), ("blob",))),
    Wrapper(
        "tool result",
        (("content",), ("isError", "structuredContent")),
        (),
        empty="a tool result without content",
    ),
)
"""Every wrapper, the first that fits; what has no row is a result, or is told as unknown."""

KNOWN = frozenset(
    "iterations spans error_spans buckets field attributes span_id event_type columns "
    "resourceSpans".split()
)
"""Keys of results: an object that has one of them is not looked into."""
_BLOCK = lazy_pattern(
    rb'\s*\[\s*\{\s*"(?:type"\s*:\s*"(?:text|resource|resource_link|image|audio|json)"'
    rb'|text"\s*:|uri"\s*:|resource"\s*:|annotations"\s*:|_meta"\s*:)'
)
_NOTHING = (b"", b"null", b"false", b'""', b"{}", b"[]")
_DATA = lazy_pattern(rb'[\[{]|"(?:\\[nrt]|\s)*+[\[{]|"[^"]*?\\t')
"""An object, a list, the text of one, or a table."""


def is_blocks(data: bytes) -> bool:
    """Tell an array of content blocks by its head."""
    return _BLOCK.match(data[:200]) is not None


def is_row(data: bytes) -> bool:
    """Tell a row of an export or a list, one a line, from the first of several results."""
    keys = keys_of(data)
    return "attributes" in keys or ("span_id" in keys and "field" not in keys)


def is_result(data: bytes) -> bool:
    """Tell an object that holds a result from a row of something else."""
    return not (KNOWN | {"data", "result"}).isdisjoint(keys_of(data))


def keys_of(data: bytes) -> Keys:
    """Return the keys of an object with their values; none for any other value."""
    try:
        return msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    except UNREADABLE:
        return {}


def wrapper_of(keys: Keys) -> Wrapper | None:
    """Return the wrapper that an object is; None for a result, and for what is not known."""
    is_message = "role" in keys and "tool_call_id" not in keys
    if is_message or not KNOWN.isdisjoint(keys):
        return None
    return next((row for row in WRAPPERS if _fits(row, keys)), None)


def inside(row: Wrapper, keys: Keys) -> tuple[bytes, bool]:
    """Return what a wrapper holds, empty where it holds nothing, and whether it is an error."""
    found = next(filter(None, (_at(keys, path) for path in row.inside)), b"")
    error = next(filter(None, (_at(keys, path) for path in row.errors)), b"")
    if error in (b"", b"true"):
        return found, error == b"true"
    return (found, False) if found else (error, True)


def arguments_of(keys: Keys) -> dict[str, Any]:
    """Return what a hook says that the tool was asked."""
    for key in ("tool_input", "toolArgs"):
        try:
            value = msgspec.json.decode(bytes(keys.get(key, b"null")))
            value = msgspec.json.decode(value) if isinstance(value, str) else value
        except UNREADABLE:
            continue
        if isinstance(value, dict):
            return value
    return {}


def _fits(row: Wrapper, keys: Keys) -> bool:
    if not all(any(key in keys for key in group) for group in row.needs):
        return False
    found = next(filter(None, (_at(keys, path) for path in row.inside)), b"")
    if row.keeps == "blocks":
        return is_blocks(found)
    if row.keeps == "data":
        return _holds_data(found)
    return bool(found or row.empty or any(_at(keys, path) for path in row.errors))


def _holds_data(value: bytes) -> bool:
    """Tell structured content that holds data from one that only says how long the text is."""
    return any(_DATA.match(bytes(one)[:400]) for one in keys_of(value).values())


def _at(keys: Keys, path: Path) -> bytes:
    """Return the value at a path; empty where there is none, or nothing in it."""
    found = bytes(keys.get(path[0], b""))
    for step in path[1:]:
        found = bytes(keys_of(found).get(step, b""))
    return b"" if found in _NOTHING else found
