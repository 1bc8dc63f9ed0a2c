"""Whether an answer that does not say how a call ended shows that a change was made.

In goes a decoded result and what the call asked for. A record confirms a change: it has an id or a
field that the call named, an id of its own, or any id where the call makes something new
(references/sources/outcomes.md#fields).
"""

from collections.abc import Iterator

from session_classify.evidence.conversation.records import is_id, mentioned_ids, record_id
from session_classify.evidence.results.fields import Told
from session_classify.evidence.results.signs import Asked
from session_classify.evidence.results.wrappers import Fields, plain
from session_classify.model import JsonValue, ToolCall
from session_classify.profiles.kinds import name_words
from session_classify.vocabulary import LEDGER_KINDS, Outcome, ToolKind

_MOST_ROWS = 200
_DEEPEST_FIELD = 6
_LEVELS_OF_RECORDS = 3
_MOST_FIELDS = 2_000


def asked_by(call: ToolCall) -> Asked:
    """Return what is known of a call before its result is read."""
    pairs = dict(_scalars(call.arguments))
    verbs = frozenset(word.lower() for word in name_words(call.name))
    return Asked(
        strict=call.kind in LEDGER_KINDS,
        verbs=verbs,
        tool=plain(call.name),
        makes=call.kind is ToolKind.HANDOVER or bool(verbs & _MAKING and not verbs & _CHANGING),
        values=frozenset(text for name, texts in pairs.items() for text in texts),
        pairs=frozenset((name, text) for name, texts in pairs.items() for text in texts),
    )


def by_record(data: JsonValue, asked: Asked) -> Told:
    """Confirm a record: it has what the call named or set, or an id of its own."""
    if not asked.strict:
        return Outcome.UNKNOWN, "returned the record"
    named = set(mentioned_ids(data)) if asked.values else set()
    if any(key.casefold() in asked.values for key in named):
        return Outcome.CONFIRMED, "returned the record"
    for name, texts in _scalars(data):
        if any((name, text) in asked.pairs or _is_target(text, asked) for text in texts):
            return Outcome.CONFIRMED, "returned the record"
    if any(_own_id(record, asked) for record in _records(data)):
        return Outcome.CONFIRMED, "returned the record"
    return Outcome.UNKNOWN, "an answer that does not say how it ended"


def _is_target(text: str, asked: Asked) -> bool:
    """Tell whether a handover's tool is named after what a text names: `transfer_to_sales`."""
    return asked.makes and len(text) > 4 and plain(text) in asked.tool


_REQUEST_IDS = frozenset(
    "requestid traceid correlationid spanid sessionid toolcallid callid".split()
)
_CHANGING = frozenset("cancel delete remove update modify change edit return".split())
_MAKING = frozenset(
    "create add book new make insert post open place issue submit register schedule order".split()
)


def _own_id(record: Fields, asked: Asked) -> bool:
    """Tell whether a record has an id of its own.

    Any id will do of what a creation made, and where the trace does not tell what was asked.
    """
    if record_id({"id": record.get("id")}):
        return True
    kept = {name: v for name, v in record.items() if plain(name) not in _REQUEST_IDS}
    if asked.makes and any(is_id(value) for value in kept.values()):
        return True
    return (asked.makes or not asked.values) and record_id(kept) != ""


def _records(data: JsonValue) -> Iterator[Fields]:
    """Yield an object, or the rows of a list, and the objects inside, outer ones first."""
    level = [data]
    for _ in range(_LEVELS_OF_RECORDS):
        rows = [row for item in level for row in (item if isinstance(item, list) else [item])]
        records = [row for row in rows[:_MOST_ROWS] if isinstance(row, dict)]
        yield from records
        level = [v for record in records for v in record.values() if isinstance(v, dict)]


def _scalars(data: JsonValue) -> Iterator[tuple[str, list[str]]]:
    """Yield the fields of a value with their scalars as text, at most some thousand."""
    found: dict[str, list[str]] = {}
    left: list[tuple[str, JsonValue, int]] = [("", data, 0)]
    for _ in range(_MOST_FIELDS):
        if not left:
            break
        name, value, level = left.pop()
        if isinstance(value, dict) and level < _DEEPEST_FIELD:
            left.extend((plain(key), item, level + 1) for key, item in value.items())
        elif isinstance(value, list) and level < _DEEPEST_FIELD:
            left.extend((name, item, level + 1) for item in value[:_MOST_ROWS])
        elif isinstance(value, str | int | float) and not isinstance(value, bool) and value != "":
            found.setdefault(name, []).append(str(value).casefold())
    yield from found.items()
