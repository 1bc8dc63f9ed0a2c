"""Transcripts of agent clients: the results of Datadog's tools, taken out of a conversation.

A transcript is a list of messages or of events, one JSON object a line or all in one array. Calls
and results are told by the rows of two tables; each result is joined to its call by the call's id.
Sources: references/sources/clients.md#transcripts.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from session_classify.jsontext import UNREADABLE, compact_json
from session_classify.lazy import lazy_pattern
from session_classify.queries.call import RecordedAnswer
from session_classify.queries.call_key import bare_name
from session_classify.wire.answers.plain_names import plain
from session_classify.wire.answers.refusals import ended, is_pasted, is_stored_note, saved_to

TOOLS = frozenset(
    "search_llmobs_spans get_llmobs_trace get_llmobs_agent_loop get_llmobs_span_details "
    "get_llmobs_span_content expand_llmobs_spans find_llmobs_error_spans search_llm_obs_spans "
    "list_llm_obs_spans analyze_rum_events search_rum_events aggregate_rum_events "
    "aggregate_spans search_audit_events search_audit_logs".split()
)
"""The tools whose results are taken out."""
_COMMAND = lazy_pattern(r"(?<![\w.-])pup\s[^|;&\n]{0,100}?\b(?:llm-obs|rum|audit-logs)\b")
_ADDRESS = lazy_pattern(r"api/(?:v2|unstable)/(?:llm-obs|rum|audit)")
"""What a shell was told where its output is a result."""
_UNNAMED = "tool"
_SHELLS = frozenset({"bash", "shell", "exec", "execute", "exec_command", "local_shell", "terminal"})
_LOOKED_AT = 20
"""Rows that tell whether a list is a transcript."""
_DEEPEST = 4


class _Form(msgspec.Struct, frozen=True):
    """One way to write a call or a result: a key with a value, and where its parts lie."""

    key: str
    value: str
    id: str
    name: str = ""
    content: str = ""
    failed: str = ""


_CALLS = (
    _Form("type", "tool_use", "id", "name", "input"),
    _Form("type", "mcp_tool_use", "id", "name", "input"),
    _Form("type", "function_call", "call_id", "name", "arguments"),
    _Form("type", "custom_tool_call", "call_id", "name", "input"),
    _Form("type", "function", "id", "function.name", "function.arguments"),
    _Form("type", "tool-call", "toolCallId", "toolName", "input"),
    _Form("type", "mcp_tool_call_end", "call_id", "invocation.tool", "invocation.arguments"),
    _Form("type", "mcp_tool_call", "id", "tool", "arguments"),
)
"""Claude (`tool_use`), OpenAI (`function_call`, `function`), Vercel AI, Codex (`mcp_…`)."""
_RESULTS = (
    _Form("type", "tool_result", "tool_use_id", content="content", failed="is_error"),
    _Form("type", "mcp_tool_result", "tool_use_id", content="content", failed="is_error"),
    _Form("type", "function_call_output", "call_id", content="output"),
    _Form("type", "custom_tool_call_output", "call_id", content="output"),
    _Form("role", "tool", "tool_call_id", "name", "content"),
    _Form("type", "tool-result", "toolCallId", "toolName", "output"),
    _Form("type", "mcp_tool_call_end", "call_id", content="result.Ok"),
    _Form("type", "mcp_tool_call", "id", "tool", "result"),
)
_INNER = ("message", "payload", "item", "content", "tool_calls", "messages", "parts")
"""Keys below which messages, blocks and calls lie."""


class Transcript(msgspec.Struct):
    """The results of Datadog's tools in their order, and how many there are of other tools."""

    results: list[RecordedAnswer] = []
    others: Counter[str] = msgspec.field(default_factory=Counter)


def is_transcript(rows: Iterable[bytes]) -> bool:
    """Tell whether one of the first rows is a message or an event around one."""
    for _, row in zip(range(_LOOKED_AT), rows, strict=False):
        try:
            value = msgspec.json.decode(row)
        except UNREADABLE:
            continue
        if isinstance(value, dict) and not {"attributes", "span_id", "iterations"} & value.keys():
            inner = next((value[key] for key in ("message", "payload") if key in value), value)
            if isinstance(inner, dict) and ("role" in inner or _is_event(value, inner)):
                return True
    return False


def read_transcript(rows: Iterable[bytes]) -> Transcript:
    """Take the results of Datadog's tools out of rows; a row that is no JSON holds none."""
    found = Transcript()
    calls: dict[str, tuple[str, Any]] = {}
    taken: set[str] = set()
    for row in rows:
        try:
            value = msgspec.json.decode(row)
        except UNREADABLE:
            continue
        for part in _parts(value, 0):
            for form in (form for form in _CALLS if part.get(form.key) == form.value):
                calls[str(part.get(form.id))] = (_text(part, form.name), _at(part, form.content))
            for form in (form for form in _RESULTS if part.get(form.key) == form.value):
                content = _at(part, form.content)
                key = str(part.get(form.id))
                if key in taken or form.id not in part or not _is_there(part, form.content):
                    continue
                taken.add(key)
                name, asked = calls.get(key, (_text(part, form.name), None))
                if not name and not calls:
                    name = _UNNAMED  # results alone: whoever passes them means them
                is_error = _at(part, form.failed) is True
                _add(found, name, asked, _whole(content, value), is_error=is_error)
    return found


def read_recorded(rows: Iterable[bytes]) -> list[RecordedAnswer]:
    """Return the answers of Datadog's tools in the rows of a transcript."""
    return read_transcript(rows).results


def is_ours(name: str, asked: Any) -> bool:
    """Tell a tool of Datadog's, under whatever prefix, and a shell that ran pup or called the API.

    `asked` are the arguments, as an object or as JSON in a string.
    """
    last = bare_name(name)
    if last in TOOLS or name == _UNNAMED:
        return True
    if last.lower() not in _SHELLS:
        return False
    command = compact_json(asked)
    return bool(_COMMAND.search(command) or _ADDRESS.search(command))


def _add(found: Transcript, name: str, asked: Any, content: Any, *, is_error: bool) -> None:
    if not is_ours(name, asked):
        last = bare_name(name)
        found.others[plain(last) if last else "tools without a name"] += 1
        return
    arguments = asked
    if isinstance(asked, str):
        try:
            arguments = msgspec.json.decode(asked)
        except UNREADABLE:
            arguments = {}
    text = content if isinstance(content, str) else compact_json(content)
    said = _only_text(content)
    if is_stored_note(said):
        return  # the result itself lies with the hook's others
    found.results.append(
        RecordedAnswer(
            bare_name(name),
            arguments if isinstance(arguments, dict) else {},
            text.encode("utf-8", "surrogatepass"),
            saved_to(text),
            ended(said, is_error=is_error),
        )
    )


def _whole(content: Any, row: Any) -> Any:
    """Return a result, or what the client kept beside it where a note stands in its place."""
    kept = row.get("toolUseResult") if isinstance(row, dict) else None
    return kept if is_pasted(_only_text(content)) and isinstance(kept, dict | list) else content


def _is_there(part: dict[str, Any], path: str) -> bool:
    """Return whether a part has a place for a result, be it null."""
    outer, _, last = path.rpartition(".")
    found = _at(part, outer) if outer else part
    return isinstance(found, dict) and last in found


def _only_text(content: Any) -> str:
    """Return a result that is one text, in a block or not; another one as JSON."""
    if isinstance(content, list) and len(content) == 1 and isinstance(content[0], dict):
        content = content[0].get("text", content)
    return content if isinstance(content, str) else compact_json(content)


def _is_event(outer: dict[str, Any], inner: dict[str, Any]) -> bool:
    return inner is not outer and "type" in inner and "type" in outer


def _parts(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    """Yield the messages, blocks and calls of a row, the outer before the inner."""
    if isinstance(value, list):
        for one in value:
            yield from _parts(one, depth)
    elif isinstance(value, dict):
        yield value
        for key in _INNER if depth < _DEEPEST else ():
            if isinstance(value.get(key), dict | list):
                yield from _parts(value[key], depth + 1)


def _at(part: dict[str, Any], path: str) -> Any:
    found: Any = part
    for step in path.split("."):
        found = found.get(step) if isinstance(found, dict) else None
    return found


def _text(part: dict[str, Any], path: str) -> str:
    return str(_at(part, path) or "") if path else ""
