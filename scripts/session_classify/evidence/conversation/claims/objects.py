"""What a statement speaks of: the ids and the number of things it names, and their names."""

from collections.abc import Container, Iterator, Mapping
from functools import cached_property, lru_cache

import msgspec

from session_classify.evidence.conversation.claims import grammar
from session_classify.evidence.conversation.claims.line import tokens_of
from session_classify.evidence.conversation.grounding import named_words
from session_classify.evidence.conversation.ledger import Write
from session_classify.evidence.conversation.records import is_id, mentioned_ids, record_id
from session_classify.evidence.conversation.tool_results import ToolResult
from session_classify.jsontext import compact_json
from session_classify.lazy import lazy_pattern
from session_classify.model import JsonValue
from session_classify.profiles.kinds import name_words

_UNITS = frozenset(
    """business day days hour hours minute minutes second seconds week weeks month months year years
    times percent points cents dollars stars""".split()
)
_ELEMENT = lazy_pattern(r"(?<!\w)(\w++)\[([^\]]{1,80})\]")
_LONG_TEXT = 120
_KEY = lazy_pattern(r"[a-z0-9][\w-]*")
_LONGEST = 500_000
"""Characters of a result in which ids are looked for."""
_SHORT_ID = 4
_MOST_IDS = 20
_MOST_KEYS = 2_000


def ids_of(text: str, known: Container[str] = ()) -> list[str]:
    """Return the words of a text that look like ids or are known, in lower case without `#`."""
    looks = [word.lower().lstrip("#") for word in named_words(text) if "://" not in word]
    words = (token.word.lstrip("#") for token in tokens_of(text))
    return list(dict.fromkeys([*looks, *(word for word in words if word in known)]))[:_MOST_IDS]


def form_of(key: str) -> str:
    """Return the form of an id, without `#`: `a9-99` of `#W1-23`."""
    letters = key.lower().lstrip("#")
    return "".join("9" if c.isdigit() else "a" if c.isalpha() else c for c in letters)


def is_telling(key: str) -> bool:
    """Tell whether an id has so many letters and digits that another of its form is of its kind."""
    return sum(map(str.isdigit, key)) >= 2 and any(map(str.isalpha, key)) and len(key) >= 5


def keys_in(text: str) -> frozenset[str]:
    """Return the words of a text in lower case, ids among them, without `#`."""
    return frozenset(_KEY.findall(text[:_LONGEST].lower()))


class Count(msgspec.Struct, frozen=True):
    """How many things a statement says that it is about."""

    number: int
    """0 where it says "all" and no number."""
    noun: str
    is_bare: bool = True
    """Nothing stands between "all" and the noun that says which of them."""
    which: tuple[str, ...] = ()
    """The words between "all" and the noun: `business`."""


def count_of(subject: str, known: "Known") -> Count | None:
    """Return the number of things that words name: "both", "all three widgets", "3 orders".

    A bare number counts only before a noun that tools or fields of the session name too.
    """
    low = [token.word for token in tokens_of(subject)]
    for place, word in enumerate(low):
        rest = [w for w in low[place + 1 : place + 6] if w not in _SKIPPED]
        if word == "both" and rest:
            return Count(2, _noun(rest, known))
        if word == "all" and rest:
            number = _number(rest[0])
            nouns = rest[1:] if number else rest
            if not nouns:
                return None
            return Count(number, _noun(nouns, known), bool(known.by(nouns[0])), tuple(nouns[:3]))
        number = _number(word)
        if number > 1 and rest and rest[0] not in _UNITS and any(map(known.by, rest[:2])):
            return Count(number, _noun(rest[:2], known))
    return None


_SKIPPED = frozenset("of the your these those my our".split())


def _number(word: str) -> int:
    if word.isdigit() and len(word) <= 2:
        return int(word)
    return grammar.NUMBERS.get(word, 0)


def _noun(words: list[str], known: "Known") -> str:
    """Return the last word that the session knows, as it is known there; else the first."""
    return next((min(found) for w in reversed(words) if (found := known.by(w))), stem(words[0]))


class Known:
    """Words of a session's tools and fields, to be found by a word of an answer."""

    def __init__(self, words: set[str]) -> None:
        self._words = words
        self._size = 0
        self._found: dict[str, frozenset[str]] = {}

    def by(self, word: str) -> frozenset[str]:
        """Return the words that name the same thing: `baggage` for `bags`."""
        if len(self._words) != self._size:
            self._size, self._found = len(self._words), {}
        base = stem(word)
        if base not in self._found:
            self._found[base] = self._search(base)
        return self._found[base]

    def _search(self, base: str) -> frozenset[str]:
        if len(base) < _SHORT or base in _SMALL or not base.isalpha():
            return frozenset()
        if base in self._words:
            return frozenset((base,))
        return frozenset(known for known in self._words if known.startswith(base))


_SHORT = 3
_SMALL = grammar.DETERMINERS | grammar.ADVERBS | grammar.PREPOSITIONS | frozenset(("new", "has"))


@lru_cache(maxsize=4_096)
def stem(word: str) -> str:
    """Return a noun without the end of its plural: `baggage` of `baggages`, `address` stays."""
    low = word.lower()
    if low.endswith("ies") and len(low) > 4:
        return low[:-3] + "y"
    if low.endswith(("ches", "shes", "xes", "sses")):
        return low[:-2]
    return low[:-1] if low.endswith("s") and not low.endswith("ss") and len(low) > 3 else low


def keys_of(data: JsonValue, found: set[str]) -> None:
    """Add the stems of the words in a value's field names to a set, up to a limit."""
    if isinstance(data, dict):
        for key, value in data.items():
            if len(found) >= _MOST_KEYS:
                return
            if len(key) <= 40 and not any(c.isdigit() for c in key):
                found.update(stem(word) for word in name_words(key) if len(word) > 2)
            if isinstance(value, dict | list):
                keys_of(value, found)
    elif isinstance(data, list):
        for item in data[:50]:
            if isinstance(item, dict | list):
                keys_of(item, found)


class Schema(msgspec.Struct):
    """What the session's tools call things: words of their names and fields, and ids by field."""

    words: set[str] = set()
    ids: dict[str, set[str]] = {}
    every_id: set[str] = set()

    def add(self, reading: ToolResult) -> None:
        """Learn the names of a call, of its arguments and of its result."""
        self.words.update(stem(word) for word in name_words(reading.call.name) if len(word) > 2)
        keys_of(reading.call.arguments, self.words)
        keys_of(reading.data, self.words)
        for name, value in id_fields(reading.call.arguments):
            self.ids.setdefault(name, set()).add(value)
            if len(value) >= _SHORT_ID and any(map(str.isdigit, value)) and _KEY.fullmatch(value):
                self.every_id.add(value)


def id_fields(arguments: JsonValue) -> Iterator[tuple[str, str]]:
    """Yield `(field, id)` for the ids that arguments name, in lower case and without `#`.

    The field's name makes it one, or its letters and digits: a postal code is none.
    """
    if not isinstance(arguments, dict):
        return
    for name, value in arguments.items():
        for item in value if isinstance(value, list) else [value]:
            if not isinstance(item, str | int) or isinstance(item, bool):
                continue
            key = str(item).lower().lstrip("#")
            if record_id({name.removesuffix("s"): item}) or (is_id(item) and is_telling(key)):
                yield name, key


class Facts:
    """What claims are held against of one write, each made once."""

    def __init__(self, write: Write, verbs: frozenset[str]) -> None:
        self.write = write
        self.verbs = verbs
        """The words in the tool's name that tell its effect."""

    @cached_property
    def asked(self) -> frozenset[str]:
        """The words of the arguments, ids among them."""
        return keys_in(compact_json(self.write.call.arguments))

    @cached_property
    def whole(self) -> frozenset[str]:
        """The words of the arguments and of the result."""
        return self.asked | keys_in(self.write.call.result or "")

    @cached_property
    def ids(self) -> tuple[tuple[str, str], ...]:
        """The ids of the arguments by field."""
        return tuple(id_fields(self.write.call.arguments))

    @cached_property
    def target(self) -> str:
        """What it is about, to tell two writes of two things from one made twice."""
        named = sorted(set(mentioned_ids(self.write.call.arguments)))
        return "|".join(named) or compact_json(self.write.call.arguments)

    @cached_property
    def touched(self) -> frozenset[str]:
        """The stems of what the write named or changed, words of its arguments among them."""
        return touched(self.write) | {stem(word) for word in self.asked}


def touched(write: Write) -> frozenset[str]:
    """Return the stems of what a write named or changed: its tool, arguments and changed fields."""
    found = {stem(word) for word in name_words(write.call.name)}
    keys_of(write.call.arguments, found)
    if not write.compared_with:
        keys_of(write.data, found)  # nobody knows what of it is new
    for change in write.changes:
        found.update(stem(word) for word in name_words(change.path) if len(word) > 2)
        keys_of(change.after, found)
    return frozenset(found)


def capacity(write: Write, count: Count) -> int | None:
    """Return of how many things a write can be: what it changed, or what its arguments list.

    None where its arguments are too rich to count.
    """
    changed = {
        (name, at)
        for change in write.changes
        for name, at in _ELEMENT.findall(change.path)
        if stem(name) == count.noun
    }
    if changed:
        return len(changed)
    arguments = write.call.arguments
    if not isinstance(arguments, Mapping):
        return None
    best = 1
    is_one = count.noun in {stem(word) for word in name_words(write.call.name)}
    for name, value in arguments.items():
        if isinstance(value, list):
            of_it = not is_one or count.noun in {stem(word) for word in name_words(name)}
            best = max(best, len(value) if of_it else 1)
        elif isinstance(value, dict) or (isinstance(value, str) and len(value) > _LONG_TEXT):
            return None
        elif value == count.number and name_words(name):
            return count.number
    return best
