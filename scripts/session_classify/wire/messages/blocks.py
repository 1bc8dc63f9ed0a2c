"""Read one part of a message: text, reasoning, a call, a result, or media that are only named."""

from session_classify.jsontext import compact_json, parsed
from session_classify.model import JsonValue
from session_classify.wire.messages.arguments import mended_arguments
from session_classify.wire.messages.block_types import BlockType, Kind, plain
from session_classify.wire.messages.detect import (
    TYPE_KEYS,
    Fields,
    block_type,
    fields_of,
    first_text,
    part_by_key,
    tool_id_of,
)
from session_classify.wire.messages.parts import CallPart, Parts, ResultPart

_NAMES = ("name", "toolname", "functioncallname")
_ARGUMENTS = (
    "arguments args input action operation argumentsjson functioncallargumentsjson servertoolcall"
).split()
_OWN_ARGUMENTS = ("code", "language", "queries", "query", "prompt")
"""Keys that are the arguments themselves where a provider's own tool has no object of them."""
_RESULTS = (
    "result output response content outputs results servertoolcallresponse errortext error"
).split()
_REASONING = "text thinking reasoning reasoningtext summary content".split()
_TEXTS = ("text", "content", "refusal", "value", "transcript")
_TYPED_OUTPUTS = frozenset(
    ("text", "json", "content", "error-text", "error-json", "execution-denied")
)
"""Types of the output of a tool in the AI SDK, with a value beside: messages.md#vercel-ai-sdk."""
_PAYLOADS = frozenset(
    "data source imageurl fileid filedata inputaudio bytes attachmentkey modality format".split()
)
"""Keys of media that hold them or point at them."""
_MEDIA_KINDS = ("modality", "mimetype", "mediatype")
_FILE_NAMES = ("filename", "name", "title", "displayname")
_FAILED = frozenset(
    plain(word)
    for word in """error failed failure incomplete cancelled denied interrupted retried output-error
    output-denied outcome_failed outcome_deadline_exceeded""".split()
)
"""States of a result that say it failed; each is a word of a schema: messages.md#states."""
_ENDED = _FAILED | {"completed", "success", "outputavailable"}


def add_block(block: JsonValue, parts: Parts) -> None:
    """Sort one part of a message into its texts, calls, results and the rest."""
    found = block_type(block)
    if found is not None:
        add_known(*found, parts)
    elif not isinstance(block, dict):
        parts.texts.append(compact_json(block))
    else:
        _add_unknown(block, parts)


def _add_unknown(block: dict[str, JsonValue], parts: Parts) -> None:
    """Name what no row of the table lists; a text in it is still read.

    An object that names no type may be the app's own content: it is shown as JSON.
    """
    fields = fields_of(block)
    named = next((fields[key] for key in TYPE_KEYS if isinstance(fields.get(key), str)), "")
    if not named and len(block) == 1 and isinstance(next(iter(block.values())), dict):
        named = next(iter(block))
    text = next((fields[key] for key in _TEXTS if isinstance(fields.get(key), str)), "")
    if named:
        parts.unknown.append(f"block {named}")
        parts.texts.append(text)
    elif block:
        parts.unknown.append(f"block of {', '.join(sorted(block)[:4])}")
        parts.texts.append(compact_json(block))


def add_known(row: BlockType, fields: Fields, parts: Parts) -> None:
    """Sort a part of a known type."""
    if row.kind is Kind.TEXT and fields.get("thought") is not True:
        _add_text(fields, parts)
    elif row.kind in (Kind.REASONING, Kind.TEXT):
        parts.reasoning.append(reasoning_of(fields))
    elif row.kind is Kind.CALL:
        parts.add_call(_call(fields, row.label))
    elif row.kind is Kind.RESULT:
        parts.add_result(_result(fields, row.label))
    elif row.kind is Kind.CALL_WITH_RESULT:
        inner = fields.get("toolinvocation")
        whole = {**fields, **fields_of(inner)} if isinstance(inner, dict) else fields
        call = _call(whole, row.label)
        parts.add_call(call)
        if (ended := _own_result(whole, call)) is not None:
            parts.add_result(ended)
    elif row.kind is Kind.MEDIA:
        _add_media(row.label, fields, parts)
    elif row.kind is Kind.DATA:
        parts.texts.append(compact_json(fields.get("value")))


def add_call(value: JsonValue, parts: Parts) -> None:
    """Read one entry of a list of calls, whatever it says of its type."""
    if isinstance(value, dict):
        fields = fields_of(value)
        inner = fields.get("toolcall")
        fields = fields_of(inner) if isinstance(inner, dict) else fields
        found = part_by_key(fields)
        fields = found[1] if found else fields
        call = _call(fields, "")
        parts.add_call(call)
        told = any(fields.get(key) is not None for key in ("result", "output", "errortext"))
        if told and (ended := _own_result(fields, call)) is not None:
            parts.add_result(ended)


def add_result(value: JsonValue, parts: Parts) -> None:
    """Read one entry of a list of results."""
    if isinstance(value, dict):
        parts.add_result(_result(fields_of(value), ""))


def span_call(value: JsonValue) -> CallPart | None:
    """Return the call that the input of a tool span is an envelope of; None for arguments alone."""
    found = block_type(value)
    if found is None or found[0].kind not in (Kind.CALL, Kind.CALL_WITH_RESULT):
        return None
    call = _call(found[1], found[0].label)
    return call if call.name and any(key in found[1] for key in _ARGUMENTS) else None


def _call(fields: Fields, label: str) -> CallPart:
    body = next(
        (
            fields_of(held)
            for held in map(fields.get, ("function", "custom"))
            if isinstance(held, dict)
        ),
        fields,
    )
    given = next((body[key] for key in _ARGUMENTS if body.get(key) is not None), None)
    if given is None:
        given = {key: body[key] for key in _OWN_ARGUMENTS if body.get(key) is not None}
    return CallPart(
        name=first_text(body, _NAMES) or label,
        arguments=mended_arguments(given),
        tool_id=tool_id_of(fields),
    )


def _result(fields: Fields, label: str) -> ResultPart:
    content = next((fields[key] for key in _RESULTS if fields.get(key) is not None), None)
    text, failed = result_text(content)
    return ResultPart(
        name=first_text(fields, _NAMES) or label,
        text=text,
        tool_id=tool_id_of(fields),
        is_error=failed or is_failed(fields),
    )


def _own_result(fields: Fields, call: CallPart) -> ResultPart | None:
    """Return how a call ended that its own item tells; None where it tells nothing yet."""
    told = next((fields[key] for key in _RESULTS if fields.get(key) is not None), None)
    state = next((fields[k] for k in ("state", "status") if isinstance(fields.get(k), str)), "")
    if told is None and plain(state) not in _ENDED:
        return None
    text, failed = result_text({"status": state} if told is None else told)
    return ResultPart(call.name, text, call.tool_id, failed or is_failed(fields))


def is_failed(fields: Fields) -> bool:
    """Tell whether the fields of a result mark it as an error."""
    states = (fields.get(key) for key in ("status", "state", "outcome"))
    return (
        fields.get("iserror") is True
        or fields.get("partkind") == "retry-prompt"
        or bool(fields.get("error") or fields.get("errortext"))
        or any(isinstance(state, str) and plain(state) in _FAILED for state in states)
    )


def result_text(content: JsonValue) -> tuple[str, bool]:
    """Return the text of a result and whether its own type says that it is an error."""
    if content is None:
        return "", False
    if isinstance(content, list) and content and all(map(_is_readable, content)):
        parts = Parts()
        for block in content:
            add_block(block, parts)
        return "\n".join(parts.texts), False
    named = content.get("type") if isinstance(content, dict) else None
    if named in _TYPED_OUTPUTS and set(content) & {"value", "reason"}:
        text, failed = result_text(content.get("value", content.get("reason")))
        return text, failed or named.startswith(("error", "execution"))
    if named == "computer_screenshot":
        return media_name("image"), False
    return compact_json(content), str(named).endswith("_tool_result_error")


def _is_readable(block: JsonValue) -> bool:
    """Tell whether a part of a result is text or media, and not a record of the tool's own.

    A list of files may hold `{"type": "file", …}`, a list of comments `{"id": 1, "text": …}`.
    """
    found = block_type(block)
    if found is None:
        return False
    kind, fields = found[0].kind, found[1]
    if kind is Kind.MEDIA:
        return any(key in fields for key in _PAYLOADS)
    is_typed = any(key in fields for key in TYPE_KEYS) or set(fields) <= {"text"}
    return kind is Kind.DATA or (kind is Kind.TEXT and is_typed)


def _add_text(fields: Fields, parts: Parts) -> None:
    """Add the text of a part; some libraries have a value or a list of parts inside the text."""
    told = next((fields[key] for key in _TEXTS if fields.get(key) not in (None, "")), "")
    if isinstance(told, dict):
        told = told.get("value", told.get("text", told))
    for block in told if isinstance(told, list) else [compact_json(told)]:
        add_block(block, parts)


def reasoning_of(value: JsonValue) -> str:
    """Return what a model thought, out of the texts and lists of any of these shapes."""
    if isinstance(value, str):
        data = parsed(value)
        is_shape = isinstance(data, list) or (
            isinstance(data, dict) and any(key in _REASONING for key in fields_of(data))
        )
        return reasoning_of(data) if is_shape else value
    if isinstance(value, list):
        return "\n".join(filter(None, map(reasoning_of, value)))
    if isinstance(value, dict):
        fields = fields_of(value)
        return "\n".join(filter(None, (reasoning_of(fields.get(key)) for key in _REASONING)))
    return ""


def _add_media(label: str, fields: Fields, parts: Parts) -> None:
    """Name media by kind and file; what an audio part transcribes is its text."""
    holders = (fields.get(key) for key in ("file", "source", "document", label))
    inner = next((fields_of(holder) for holder in holders if isinstance(holder, dict)), {})
    both = {**inner, **fields}
    if isinstance(said := both.get("transcript"), str) and said:
        parts.texts.append(said)
        return
    told = " ".join(str(both.get(key) or "") for key in _MEDIA_KINDS)
    kind = next((kind for kind in ("image", "audio", "video") if kind in told), label)
    parts.add_media(media_name(kind, first_text(both, _FILE_NAMES)))


def media_name(kind: str, name: str = "") -> str:
    """Return how media are named in a text: `[image]`, `[file order.pdf]`."""
    if kind == "audio":
        return "[audio, not transcribed]"
    return f"[{kind} {' '.join(name.split())[:80]}]" if name and kind == "file" else f"[{kind}]"
