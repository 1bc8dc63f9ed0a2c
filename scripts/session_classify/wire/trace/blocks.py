"""Read one part of a message: text, reasoning, a call, a result, or media that are only named."""

from session_classify.jsontext import compact_json, parsed
from session_classify.model import JsonValue
from session_classify.wire.trace.block_types import (
    BESIDE_ONE_KEY,
    BLOCK_TYPES,
    ONE_KEY,
    BlockType,
    Kind,
    known_type,
    plain,
)
from session_classify.wire.trace.call_arguments import mended_arguments
from session_classify.wire.trace.message_parts import CallPart, Parts, ResultPart

Fields = dict[str, JsonValue]
"""An object by the plain names of its keys; of two alike the first."""

TYPE_KEYS = ("partkind", "type", "kind")
_NAMES = ("name", "toolname", "functioncallname")
_IDS = ("toolid", "toolcallid", "callid", "tooluseid")
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
_MEDIA_KINDS = ("modality", "mimetype", "mediatype")
_FILE_NAMES = ("filename", "name", "title", "displayname")
_FAILED = frozenset(
    plain(word)
    for word in """error failed failure incomplete cancelled denied interrupted retried output-error
    output-denied outcome_failed outcome_deadline_exceeded""".split()
)
"""States of a result that say it failed; each is a word of a schema: messages.md#states."""
_ENDED = _FAILED | {"completed", "success", "outputavailable"}


def fields_of(value: dict[str, JsonValue]) -> Fields:
    """Return an object by the plain names of its keys."""
    found: Fields = {}
    for key, item in value.items():
        found.setdefault(plain(key), item)
    return found


def block_type(value: JsonValue) -> tuple[BlockType, Fields] | None:
    """Return the type of a part and its fields; None for what is no part of a known type."""
    if not isinstance(value, dict):
        return None
    fields = fields_of(value)
    named = next((fields[key] for key in TYPE_KEYS if isinstance(fields.get(key), str)), "")
    kind = known_type(named) if named else None
    if kind is not None:
        return kind, fields
    if named.startswith("tool-") and "toolcallid" in fields:
        name = named.removeprefix("tool-")
        return BLOCK_TYPES["dynamictool"], {**fields, "name": name}
    if not named and (found := _by_key(fields)):
        return found
    if not named and isinstance(fields.get("text"), str):
        thought = fields.get("thought") is True
        return BLOCK_TYPES["reasoning" if thought else "text"], fields
    return None


def _by_key(fields: Fields) -> tuple[BlockType, Fields] | None:
    """Return the part that stands under the key of its type, as in Bedrock and Gemini."""
    keys = [key for key, value in fields.items() if key in ONE_KEY and value is not None]
    if len(keys) != 1 or set(fields) - {keys[0]} - BESIDE_ONE_KEY:
        return None
    inner = fields[keys[0]]
    row = BLOCK_TYPES[keys[0]]
    if row.kind is Kind.DATA:
        return row, {"value": inner}
    return (row, fields_of(inner)) if isinstance(inner, dict) else None


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
    """Name what no row of the table lists; a text in it is still read."""
    fields = fields_of(block)
    named = next((fields[key] for key in TYPE_KEYS if isinstance(fields.get(key), str)), "")
    text = next((fields[key] for key in _TEXTS if isinstance(fields.get(key), str)), "")
    if not named and not block:
        return
    parts.unknown.append(f"block {named}" if named else f"block of {', '.join(sorted(block)[:4])}")
    parts.texts.append(text or (f"[{named}, not read]" if named else compact_json(block)))


def add_known(row: BlockType, fields: Fields, parts: Parts) -> None:
    """Sort a part of a known type."""
    if row.kind is Kind.TEXT and fields.get("thought") is not True:
        parts.texts.append(text_of(fields))
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
        found = _by_key(fields_of(value))
        fields = found[1] if found else fields_of(value)
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
    if isinstance(content, dict) and isinstance(named := content.get("type"), str):
        failed = plain(named).startswith("error") or plain(named).endswith(("error", "denied"))
        if set(content) <= {"type", "value", "reason", "providerOptions"}:
            inner = content.get("value", content.get("reason", named))
            text, inner_failed = result_text(inner)
            return text, failed or inner_failed
        return compact_json(content), failed
    return compact_json(content), False


def _is_readable(block: JsonValue) -> bool:
    found = block_type(block)
    return found is not None and found[0].kind in (Kind.TEXT, Kind.MEDIA, Kind.DATA)


def text_of(fields: Fields) -> str:
    """Return the text of a part; a value inside the text is one more level of some libraries."""
    told = next((fields[key] for key in _TEXTS if fields.get(key) not in (None, "")), "")
    if isinstance(told, dict):
        told = told.get("value", told.get("text", told))
    if isinstance(told, list):
        parts = Parts()
        for block in told:
            add_block(block, parts)
        return "\n".join(text for text in parts.texts if text)
    return compact_json(told)


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


def tool_id_of(fields: Fields, *, own: bool = True) -> str:
    """Return the id by which a call and its result are joined; with `own` an item's own id, too."""
    return first_text(fields, (*_IDS, "id") if own else _IDS)


def first_text(fields: Fields, keys: tuple[str, ...]) -> str:
    """Return the first of these fields that is filled, as text."""
    return next((str(fields[key]) for key in keys if fields.get(key)), "")
