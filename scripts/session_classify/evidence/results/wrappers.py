"""Wrappers around results: what SDKs, protocols and gateways put around what a tool returned.

`unwrapped` takes them off once, for the outcome, the ledger and every other reader of results. In
goes the recorded text, out come the value inside and the wrappers' own fields, outermost first.
Each wrapper is a row of `WRAPPERS`; sources: references/sources/outcomes.md#wrappers.
"""

from functools import lru_cache

import msgspec

from session_classify.evidence.results.decoding import decoded
from session_classify.jsontext import parsed
from session_classify.model import JsonValue

Fields = dict[str, JsonValue]

_LAYERS = 60
"""Wrappers that are taken off one after the other."""
_LONGEST_WORD = 40


class Wrapper(msgspec.Struct, frozen=True):
    """One form of wrapper: an object of which one field holds the result."""

    source: str
    inside: tuple[str, ...]
    """Fields that may hold the result; the first that is not empty does."""
    marks: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Any one of these fields with one of these values (any value where none is listed) makes an
    object this wrapper, whatever else it holds."""
    beside: frozenset[str] = frozenset()
    """Without a mark: the fields, as `plain` names them, that may stand beside the result."""


@lru_cache(4096)
def plain(name: str) -> str:
    """Return a field's name without case, underscores and hyphens: `errorCode` is `error_code`.

    Two underscores at its beginning, which mark names of a protocol, stay.
    """
    bare = name.replace("_", "").replace("-", "").replace(" ", "").replace("$", "").lower()
    return "__" + bare if name.startswith("__") else bare


_OF_THE_CALL = frozenset(
    """status statuscode statustext httpstatus httpstatuscode success succeeded ok error errors
    errormessage errorcode iserror message msg requestid traceid timestamp duration durationms
    durationseconds elapsed elapsedms took tookms cached headers isbase64encoded metadata meta
    warnings extensions exitcode returncode rc exitstatus exit stderr stdout interrupted timedout
    structuredcontent artifact signal killed responsemetadata usererrors failed retryable
    multivalueheaders version tool toolname toolcallid callid""".split()
)
"""Fields of a wrapper without a mark: they speak of the call, not of a record."""

WRAPPERS = (
    Wrapper(
        "MCP CallToolResult",
        ("structuredContent", "structured_content", "content"),
        marks=(("isError", ()), ("is_error", ()), ("structuredContent", ())),
    ),
    Wrapper("JSON-RPC response", ("result",), marks=(("jsonrpc", ()),)),
    Wrapper(
        "chat message of a tool (OpenAI, LangChain)",
        ("content",),
        marks=(
            ("role", ("tool", "function")),
            ("type", ("tool", "function", "tool_result", "mcp_tool_result", "tool-return")),
            ("tool_call_id", ()),
            ("part_kind", ("tool-return", "retry-prompt")),
        ),
    ),
    Wrapper("message around a tool's message", ("message",), beside=_OF_THE_CALL - {"message"}),
    Wrapper(
        "OpenAI Responses item",
        ("output",),
        marks=(("type", ("function_call_output", "custom_tool_call_output", "mcp_call")),),
    ),
    Wrapper("LangChain dump", ("kwargs",), marks=(("lc", ()),)),
    Wrapper("Bedrock Converse", ("toolResult",), marks=(("toolResult", ()),)),
    Wrapper("Bedrock Converse", ("content",), marks=(("toolUseId", ()),)),
    Wrapper("Gemini", ("functionResponse",), marks=(("functionResponse", ()),)),
    Wrapper("Gemini", ("function_response",), marks=(("function_response", ()),)),
    Wrapper("Vercel AI", ("output", "result"), marks=(("toolCallId", ()),)),
    Wrapper(
        "Vercel AI, output of a tool result",
        ("value",),
        beside=frozenset({"type"}),
    ),
    Wrapper("Gemini, function response", ("response",), beside=frozenset({"name", "id"})),
    Wrapper("text block", ("text",), marks=(("type", ("text", "output_text", "input_text")),)),
    Wrapper("function message", ("function",), beside=frozenset({"type", "id"})),
    Wrapper("LangGraph Command", ("update",), beside=frozenset({"graph", "resume", "goto"})),
    Wrapper("LangGraph state", ("messages",)),
    Wrapper(
        "gateways and frameworks",
        ("result", "output", "response", "data", "content", "body", "payload", "returnValue",
         "return_value", "toolResponse", "tool_response", "tool_result", "toolOutput",
         "tool_output", "contents", "json"),
        beside=_OF_THE_CALL,
    ),
)  # fmt: skip


class Shell(msgspec.Struct, frozen=True):
    """The fields of one wrapper, without the result inside."""

    fields: Fields
    is_marked: bool
    """Its form is known, and says that a call ended well whenever no error was raised."""


class Unwrapped(msgspec.Struct, frozen=True):
    """A result without its wrappers."""

    data: JsonValue
    rest: str = ""
    """The text behind the value, where a text begins with a value."""
    shells: tuple[Shell, ...] = ()
    marks: tuple[str, ...] = ()
    """Marks that stood around the text (`decoding.Value`)."""


def unwrapped(result: JsonValue) -> Unwrapped:
    """Return what a result holds, without the wrappers around it: its text, or a decoded value."""
    shells: list[Shell] = []
    rest: list[str] = []
    marks: list[str] = []
    value = result
    for _ in range(_LAYERS):
        if isinstance(value, str):
            found = decoded(value)
            marks += found.marks
            rest += [found.rest] if found.rest else []
            if isinstance(found.data, str):
                value = found.data
                break
            value = found.data
        inner, shell = _taken_off(value)
        if shell is not None:
            shells.append(shell)
        if inner is value:
            break
        value = inner
    return Unwrapped(value, "\n".join(rest), tuple(shells), tuple(marks))


def _taken_off(value: JsonValue) -> tuple[JsonValue, Shell | None]:
    """Return what a wrapper holds and its fields; the value itself where it is none."""
    if isinstance(value, list):
        return _of_list(value), None
    if not isinstance(value, dict):
        return value, None
    for row in WRAPPERS:
        if _fits(row, value):
            named = [name for name in row.inside if name in value]
            name = next((n for n in named if value[n] not in (None, "", [], {})), named[0])
            inside = value[name]
            is_word = not isinstance(inside, dict | list) and _is_word(inside)
            shell = {k: v for k, v in value.items() if k != name or is_word}
            return inside, Shell(shell, bool(row.marks))
    return value, None


def _is_word(value: JsonValue) -> bool:
    """Tell whether a value is one word, such as `error`: it may be a status as well."""
    return not isinstance(value, str) or (len(value) <= _LONGEST_WORD and " " not in value.strip())


def _fits(row: Wrapper, value: Fields) -> bool:
    named = [name for name in row.inside if name in value]
    if not named:
        return False
    if row.marks:
        return any(
            name in value and (not wanted or value[name] in wanted) for name, wanted in row.marks
        )
    others = {plain(name) for name in value if name not in named}
    return others <= row.beside and (len(named) == 1 or _one_filled(value, named))


def _one_filled(value: Fields, named: list[str]) -> bool:
    return sum(value[name] not in (None, "", [], {}) for name in named) <= 1


def _of_list(blocks: list[JsonValue]) -> JsonValue:
    """Return the text of content blocks, or the only message of a list; else the list itself.

    Some MCP servers give each row of their answer a block of its own: those are rows again.
    """
    if blocks and all(_is_text_block(block) for block in blocks):
        texts = [block["text"] for block in blocks]
        if len(texts) == 1:
            return texts[0]
        rows = [parsed(text) for text in texts]
        return rows if all(isinstance(row, dict) for row in rows) else "\n".join(texts)
    if blocks and all(isinstance(block, dict) and set(block) == {"text"} for block in blocks):
        return _of_list([{"type": "text", **block} for block in blocks])
    if len(blocks) == 1 and isinstance(blocks[0], dict):
        block = blocks[0]
        is_wrapper = any(row.marks and _fits(row, block) for row in WRAPPERS)
        return block if is_wrapper or set(block) == {"json"} else blocks
    return blocks


def _is_text_block(block: JsonValue) -> bool:
    return (
        isinstance(block, dict)
        and block.get("type", "text") in ("text", "input_text", "output_text")
        and isinstance(block.get("text"), str)
        and set(block) <= {"type", "text", "annotations", "meta", "_meta"}
    )
