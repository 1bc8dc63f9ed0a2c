"""What a message holds in fields beside its content, and how its parts are put together."""

from session_classify.jsontext import parsed
from session_classify.lazy import lazy_pattern
from session_classify.model import JsonValue
from session_classify.wire.messages.block_types import Kind, known_type, plain
from session_classify.wire.messages.blocks import (
    add_block,
    add_call,
    add_result,
    is_failed,
    media_name,
    reasoning_of,
)
from session_classify.wire.messages.content import CONTENT_KEYS
from session_classify.wire.messages.detect import Fields, fields_of, first_text, tool_id_of
from session_classify.wire.messages.parts import Message, Parts, ResultPart
from session_classify.wire.messages.thoughts import without_thoughts

_CALLS = ("toolcalls", "functioncall", "toolinvocations", "invalidtoolcalls")
_RESULTS = ("toolresults",)
_REASONING = (
    "reasoningcontent reasoning reasoningdetails thinking thinkingblocks thought thoughts"
).split()
_MEDIA = {
    "audioparts": "audio",
    "imageparts": "image",
    "attachments": "file",
    "experimentalattachments": "file",
}
MESSAGE_KEYS = frozenset(("role", *CONTENT_KEYS, *_CALLS, *_RESULTS, *_REASONING, *_MEDIA))
"""Keys that make an object a message, whatever it says of its type."""
_KNOWN = MESSAGE_KEYS | frozenset(
    plain(word)
    for word in """role type kind part_kind name tool_name id tool_call_id tool_id call_id text
    refusal audio instructions additional_kwargs finish_reason stop_reason stop_sequence index
    status state outcome phase channel usage usage_metadata model model_name model_id annotations
    citations logprobs response_metadata provider_specific_fields provider_metadata provider_options
    provider_name provider_details provider_response_id provider_url vendor_details vendor_id
    example timestamp created_at created date ts run_id conversation_id thread_id metadata
    cache_control is_error error artifact recipient weight prefix end_turn object system_fingerprint
    thought_signature signature function_call_name function_call_arguments_json content_type
    safety_ratings citation_metadata grounding_metadata avg_logprobs message_id parent_id uuid
    lc""".split()
)
"""Keys of a message that are read, or that say nothing of the conversation: messages.md#keys."""
_UNSUPPORTED = lazy_pattern(r"\[Unsupported content type(?:\(s\))?: ([\w, -]{1,200})\]")
"""What ddtrace writes in place of a Bedrock block that it does not read."""


def unknown_keys(body: dict[str, JsonValue]) -> list[str]:
    """Name the keys of a message that hold something which nothing reads."""
    return [
        f"key {key}"
        for key, value in body.items()
        if plain(key) not in _KNOWN and value not in (None, "", [], {}, False)
    ]


def add_fields(fields: Fields, parts: Parts) -> None:
    """Add the calls, results, reasoning and media that a message holds beside its content."""
    for entry in _entries(fields, _CALLS):
        add_call(entry, parts)
    for entry in _entries(fields, _RESULTS):
        add_result(entry, parts)
    _add_shown(fields, parts)
    if name := fields.get("functioncallname"):
        add_call({"name": name, "arguments": fields.get("functioncallargumentsjson")}, parts)
    for key in _REASONING:
        thought = reasoning_of(fields.get(key))
        if thought and thought not in parts.reasoning:
            parts.reasoning.append(thought)
    extra = fields.get("additionalkwargs")
    if isinstance(extra, dict):
        told = _CALLS if parts.calls else ()
        add_fields({k: v for k, v in fields_of(extra).items() if k not in told}, parts)


def _add_shown(fields: Fields, parts: Parts) -> None:
    """Add what a person sees or hears beside the text: a refusal, audio, pictures, files."""
    if isinstance(refusal := fields.get("refusal"), str):
        parts.texts.append(refusal)
    if isinstance(audio := fields.get("audio"), dict) and not any(parts.texts):
        add_block({"type": "audio", **audio}, parts)
    for key, kind in _MEDIA.items():
        for entry in _entries(fields, (key,)):
            _add_attachment(kind, entry, parts)


def _add_attachment(kind: str, entry: dict[str, JsonValue], parts: Parts) -> None:
    """Name media unless the SDK's own mark for them, `[image]`, stands in the text."""
    if f"[{kind}]" in parts.texts:
        parts.media.append(f"[{kind}]")
    else:
        parts.add_media(media_name(kind, first_text(fields_of(entry), ("filename", "name"))))


def _entries(fields: Fields, keys: tuple[str, ...]) -> list[dict[str, JsonValue]]:
    """Return the objects in the lists under these keys; one object counts as a list of one."""
    found: list[dict[str, JsonValue]] = []
    for key in keys:
        value = parsed(fields.get(key))
        listed = value if isinstance(value, list) else [value]
        found += [entry for entry in listed if isinstance(entry, dict)]
    return found


def finished(role: str, parts: Parts, fields: Fields) -> Message:
    """Return the message of the parts, with thoughts and results where they belong."""
    parts.texts = [_supported(text, parts) for text in parts.texts]
    if role == "reasoning":
        parts.reasoning = [*map(reasoning_of, parts.texts), *parts.reasoning]
        parts.texts = []
    elif role in ("assistant", ""):
        told = [without_thoughts(text) for text in parts.texts]
        parts.texts = [text for text, _ in told]
        parts.reasoning += [thought for _, thought in told if thought]
    elif role == "tool" and not parts.results and any(parts.texts):
        text = "\n".join(text for text in parts.texts if text)
        name = first_text(fields, ("toolname", "name"))
        parts.results = [ResultPart(name, text, tool_id_of(fields, own=False), is_failed(fields))]
        parts.texts = []
    return parts.message(role)


def _supported(text: str, parts: Parts) -> str:
    """Return the text, or the name of the media that the SDK put a remark in place of."""
    found = _UNSUPPORTED.fullmatch(text)
    if found is None:
        return text
    row = known_type(found[1])
    if row is not None and row.kind is Kind.MEDIA:
        parts.media.append(name := media_name(row.label))
        return name
    if row is None or row.kind is not Kind.REASONING:
        parts.unknown.append(f"block {found[1]}")
    return ""
