"""Checks of told values: each finds one kind in a part of an answer and in what a write holds."""

from collections.abc import Callable, Iterator
from functools import cached_property

import msgspec

from session_classify.evidence.conversation.claims.claim import ToldValue
from session_classify.evidence.conversation.claims.line import words_of
from session_classify.evidence.conversation.claims.objects import stem
from session_classify.evidence.conversation.claims.stored import Leaf, Moved, Stored
from session_classify.evidence.conversation.claims.values import (
    Sum,
    counts_in,
    days_in,
    label_in,
    number_of,
    quoted_in,
    sums_in,
)
from session_classify.model import JsonValue
from session_classify.profiles.kinds import name_words

_SHORT = 40
_YES_NO = {"yes": True, "true": True, "included": True, "no": False, "false": False, "none": False}
_MORE = frozenset("additional extra more another other additionally".split())


class Seen(msgspec.Struct, frozen=True):
    """What the session showed before: the values that each field may have."""

    domains: dict[str, set[str]] = msgspec.field(default_factory=dict)
    """By field: its short texts, in lower case and with blanks."""
    places: tuple[tuple[tuple[str, str], ...], ...] = ()
    """The addresses that records have, each by its fields."""
    rules: str = ""
    """The system prompts in lower case: they may name the values that a field may have."""


class Part:
    """A sentence of an answer with the writes that it speaks of."""

    def __init__(self, turn: int, sentence: str, text: str, scope: tuple[Stored, ...]) -> None:
        self.turn = turn
        self.sentence = sentence
        self.text = text
        self.scope = scope
        self.is_claim = False
        """It states an effect."""
        self.is_stated = False
        """It does, or it stands in a list below a sentence that does."""
        self.is_told = True
        """It tells how things are, and not how they could be."""

    @cached_property
    def words(self) -> list[str]:
        """The words and marks of the text in lower case."""
        return words_of(self.text)

    def told(
        self, stored: Stored, path: str, said: str, value: JsonValue, *, matches: bool
    ) -> ToldValue:
        """Return a value that this part tells."""
        return ToldValue(self.turn, stored.write.id, path, said, value, matches, self.sentence)


def plain(value: object) -> str:
    """Return a text as values are compared: in lower case, with blanks for underscores."""
    return " ".join(str(value).lower().replace("_", " ").split())


def check_money(part: Part, _: Seen) -> Iterator[ToldValue]:
    """Compare sums with the money that a write's record gained, and with its direction."""
    for told in sums_in(part.text):
        if told.is_share:
            continue
        entries = [(stored, moved) for stored in part.scope for moved in stored.moved]
        same = [(s, m) for s, m in entries if _is_value(told, abs(m.value))]
        right = [(s, m) for s, m in same if not _is_other_way(told, m)]
        if right or same:
            stored, moved = (right or same)[0]
            said = f"{told.shown} {told.direction}".strip()
            holds = f"{moved.value} {moved.direction}".strip()
            yield part.told(stored, moved.path, said, holds, matches=bool(right))
        elif not _is_elsewhere(told, part.scope):
            yield from _other_sum(part, told, entries) if told.direction else ()
            yield from _other_asked(part, told)


def _is_value(told: Sum, value: float) -> bool:
    whole = "." not in told.shown
    return abs(told.value - value) < 0.005 or (whole and told.value == round(value))


def _is_other_way(told: Sum, moved: Moved) -> bool:
    return bool(told.direction and moved.direction) and told.direction != moved.direction


def _is_elsewhere(told: Sum, scope: tuple[Stored, ...]) -> bool:
    """Tell whether a sum is that of several entries, a difference, or another number of a write."""
    for way in ("refunded", "charged", ""):
        total = sum(abs(m.value) for s in scope for m in s.moved if m.direction == way)
        if total and _is_value(told, total):
            return True
    numbers = (number for stored in scope for number in (*stored.numbers, *stored.differences))
    return any(_is_value(told, number) for number in numbers)


def _other_sum(part: Part, told: Sum, entries: list[tuple[Stored, Moved]]) -> Iterator[ToldValue]:
    """Yield the mismatch of a sum where each write's own money is known, and is another sum."""
    known = all(stored.write.compared_with or stored.write.asked for stored in part.scope)
    wanted = [(s, m) for s, m in entries if m.direction in (told.direction, "")]
    if known and wanted and len({m.value for _, m in wanted}) == 1:
        stored, moved = wanted[0]
        said = f"{told.shown} {told.direction}"
        yield part.told(stored, moved.path, said, moved.value, matches=False)


def _other_asked(part: Part, told: Sum) -> Iterator[ToldValue]:
    """Yield the mismatch of a sum in a statement about a write that was asked for sums."""
    asked = part.scope[0].write.asked if len(part.scope) == 1 and part.is_stated else ()
    if _PRICES.intersection(part.words) or _is_value(told, sum(a.value for a in asked)):
        return
    for near in sorted(asked, key=lambda amount: abs(amount.value - told.value))[:1]:
        yield part.told(part.scope[0], near.path, told.shown, near.value, matches=False)


_PRICES = frozenset("price priced prices cost costs total fare fee balance remaining".split())


def check_label(part: Part, seen: Seen) -> Iterator[ToldValue]:
    """Compare a line such as `Cabin: Economy` with the argument of that name."""
    found = label_in(part.text) or quoted_in(part.text) if part.is_stated else None
    if found is None:
        return
    label = {stem(word) for word in name_words(found[0])}
    is_quoted = label_in(part.text) is None
    for stored in part.scope:
        leaves = [leaf for leaf in stored.asked if _is_named(leaf.name, label)]
        if not leaves:
            continue
        same = next((leaf for leaf in leaves if same_value(found[1], leaf)), None)
        if same is not None:
            yield part.told(stored, same.path, found[1], same.value, matches=True)
        elif (is_quoted or _is_other(found[1], leaves, seen)) and not any(
            same_value(found[1], leaf) for leaf in stored.held
        ):
            yield part.told(stored, leaves[0].path, found[1], leaves[0].value, matches=False)


def _is_named(name: str, label: set[str]) -> bool:
    words = {stem(word) for word in name_words(name)}
    return bool(words) and words <= label


def same_value(said: str, leaf: Leaf) -> bool:
    """Tell whether a told value is a stored one: as a number, a date, yes or no, or a text."""
    value = leaf.value
    told = plain(said)
    if isinstance(value, bool):
        return _YES_NO.get(told.partition(" ")[0]) is value
    if isinstance(value, int | float):
        number = number_of(said)
        return number is not None and abs(number - value) < 0.005
    days = days_in(value)
    if days:
        return any(day.fits(other) for day in days for other in days_in(said))
    holds = plain(value)
    return bool(holds) and (holds in told or told in holds)


def _is_other(said: str, leaves: list[Leaf], seen: Seen) -> bool:
    """Tell whether a told value is certainly another one of the same kind as the stored."""
    value, name = leaves[0].value, leaves[0].name
    if len({str(leaf.value) for leaf in leaves}) > 1:
        return False
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number_of(said) is not None and "%" not in said
    if isinstance(value, bool) or plain(value) in _YES_NO:
        return plain(said) in _YES_NO
    if days_in(str(value)):
        return bool(days_in(said))
    told = plain(said)
    ruled = len(told) > 2 and told in seen.rules and plain(value) in seen.rules
    return len(said) <= _SHORT and (ruled or told in seen.domains.get(name, ()))


def check_days(part: Part, _: Seen) -> Iterator[ToldValue]:
    """Compare the dates of a statement with those that a write was asked for."""
    told = days_in(part.text) if part.is_stated else ()
    if not told:
        return
    for stored in part.scope:
        asked = [(leaf, day) for leaf in stored.asked for day in days_in(str(leaf.value))]
        held = [day for leaf in stored.held for day in days_in(str(leaf.value))]
        for day in told:
            same = next((leaf for leaf, other in asked if day.fits(other)), None)
            if same is not None:
                yield part.told(stored, same.path, day.shown, same.value, matches=True)
        known = any(day.fits(other) for day in told for other in held)
        if asked and not known and len(part.scope) == 1:
            leaf = asked[0][0]
            yield part.told(stored, leaf.path, told[0].shown, leaf.value, matches=False)


def check_counts(part: Part, _: Seen) -> Iterator[ToldValue]:
    """Compare "1 free checked bag" with the numbers of that name among the arguments."""
    if not part.is_stated or _MORE.intersection(part.words):
        return
    for number, behind in counts_in(part.words):
        nouns = [stem(word) for word in behind if word.isalpha() and len(word) > 2]
        for stored in part.scope:
            leaves = [leaf for leaf in stored.asked if _counts(leaf, nouns)]
            same = next((leaf for leaf in leaves if leaf.value == number), None)
            said = f"{number} {' '.join(behind)}"
            if same is not None:
                yield part.told(stored, same.path, said, same.value, matches=True)
            elif leaves and number not in stored.differences:
                yield part.told(stored, leaves[0].path, said, leaves[0].value, matches=False)


def _counts(leaf: Leaf, nouns: list[str]) -> bool:
    whole = isinstance(leaf.value, int) and not isinstance(leaf.value, bool)
    words = name_words(leaf.name)
    return whole and bool(words) and any(stem(words[-1]).startswith(noun) for noun in nouns)


CHECKS: tuple[Callable[[Part, Seen], Iterator[ToldValue]], ...] = (
    check_money,
    check_label,
    check_days,
    check_counts,
)
