"""The records that were read: a state that the answer tells may stand in one."""

from collections.abc import Iterator

import msgspec

from session_classify.evidence.conversation.claims.objects import id_fields, keys_in, stem
from session_classify.evidence.conversation.claims.stated import Stated
from session_classify.evidence.conversation.tool_results import ToolResult
from session_classify.jsontext import compact_json
from session_classify.lazy import lazy_pattern
from session_classify.model import JsonValue
from session_classify.profiles.kinds import name_words
from session_classify.vocabulary import ToolKind

_WORD = lazy_pattern(r"[a-z]+")
_VALUE = 80
"""Characters of a text up to which it is a status and no prose."""
_MOST_RECORDS = 50


class Record(msgspec.Struct, frozen=True):
    """One result that was read."""

    id: str
    keys: frozenset[str]
    """Words of its arguments and its result."""
    states: frozenset[str]
    """Words of its short values; of a result that is no object, all words."""
    is_cut: bool
    """It begins like an object and is none: what it held is not known."""
    of: tuple[tuple[str, str], ...] = ()
    """The ids by which a read asked for it; none for what a write returned."""


class Records(msgspec.Struct):
    """The results of reads so far."""

    read: list[Record] = []
    listed: dict[str, tuple[int, int]] = {}
    """By noun: the turn and the size of the last list of such things."""

    def add(self, reading: ToolResult) -> None:
        """Keep what a read showed."""
        result = reading.call.result or ""
        whole = isinstance(reading.data, dict | list)
        states = _states(reading.data) if whole else result.lower()
        keys = keys_in(compact_json(reading.call.arguments)) | keys_in(result)
        is_cut = not whole and result.lstrip()[:1] in ("{", "[")
        asked = id_fields(reading.call.arguments) if reading.call.kind is ToolKind.READ else ()
        words = frozenset(_WORD.findall(states))
        self.read.append(Record(reading.call.id, keys, words, is_cut, tuple(asked)))
        for noun, size in _lists(reading):
            self.listed[noun] = (reading.turn, size)

    def showing(self, stated: Stated, ids: tuple[str, ...], *, trust_cut: bool) -> tuple[str, ...]:
        """Return the calls whose record shows a state, of the things named where any are named.

        A record that is not whole may show it: `trust_cut`.
        """
        among = self.read
        if ids:
            among = [r for r in among if r.keys.intersection(ids)]
        return tuple(
            record.id
            for record in among
            if _shows(record.states, stated) or (trust_cut and record.is_cut and ids)
        )

    def lists(self, key: str) -> bool:
        """Tell whether a result that was read names an id."""
        return any(key in record.keys for record in self.read)

    def alike(self, made: set[tuple[str, str]], which: tuple[str, ...]) -> int:
        """Return how many things were read that are as those made and described by the same words.

        The words are those of `which` that each record of a thing made has; 0 where none is.
        """
        fields = {name for name, _ in made}
        read = [record for record in self.read if any(name in fields for name, _ in record.of)]
        own = [record.states for record in read if made.intersection(record.of)]
        words = frozenset(which).intersection(*own) if own else frozenset()
        same = {pair for r in read if words <= r.states for pair in r.of if pair[0] in fields}
        return len(same) if words else 0

    def number_of(self, noun: str, turn: int) -> int:
        """Return how many of something a result of a turn listed; 0 where none did."""
        listed, size = self.listed.get(noun, (0, 0))
        return size if listed == turn else 0


def is_cut(result: str | None, data: JsonValue) -> bool:
    """Tell whether a result begins like an object and is none: its end was not recorded."""
    return not isinstance(data, dict | list) and (result or "").lstrip()[:1] in ("{", "[")


def _shows(states: frozenset[str], stated: Stated) -> bool:
    """Tell whether words of a record say what was stated: the verb, with its noun if it has one."""
    nouns = set(stated.nouns)
    if stated.kind.money == "refunded" and "refund" in states:
        return True
    return bool(spellings(stated.verb) & states) and (not nouns or bool(nouns & states))


def spellings(verb: str) -> set[str]:
    """Return both spellings of a word (`cancelled`, `canceled`)."""
    return {verb, verb.replace("cancelled", "canceled"), verb.replace("canceled", "cancelled")}


def _states(data: JsonValue) -> str:
    return " ".join(_short_values(data)).lower()


def _short_values(data: JsonValue) -> Iterator[str]:
    if isinstance(data, dict):
        for value in data.values():
            yield from _short_values(value)
    elif isinstance(data, list):
        for item in data:
            yield from _short_values(item)
    elif isinstance(data, str) and len(data) <= _VALUE:
        yield data


def _lists(reading: ToolResult) -> Iterator[tuple[str, int]]:
    """Yield what a result lists and how many: by the field's name, or by the tool's last word."""
    data = reading.data
    if isinstance(data, list) and 1 < len(data) <= _MOST_RECORDS:
        yield from ((stem(word), len(data)) for word in name_words(reading.call.name)[-1:])
    if isinstance(data, dict):
        for name, value in data.items():
            if isinstance(value, list) and 1 < len(value) <= _MOST_RECORDS:
                yield from ((stem(word), len(value)) for word in name_words(name)[-1:])
