"""Checks of told values that are texts: addresses, names, payment methods and options."""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from session_classify.evidence.conversation.claims.checks import Part, Seen, plain
from session_classify.evidence.conversation.claims.claim import ToldValue
from session_classify.evidence.conversation.claims.line import words_of
from session_classify.evidence.conversation.claims.objects import form_of, ids_of, is_telling
from session_classify.evidence.conversation.claims.stored import Leaf, Stored
from session_classify.evidence.conversation.records import is_id
from session_classify.lazy import lazy_pattern

_ENOUGH = 3
"""So many values of one write in a sentence: it tells the rest as well."""
_SMALL = 30
_CODE = 4
_ABBREVIATION = 3
_REACH = 6
_MARKS = frozenset(",.:;()-|")
_ENDS = _MARKS - {","}
"""Digits of a number that is a code, such as a postal code."""
_ENDING = lazy_pattern(r"\bending (?:in|with) (\d{2,4})\b", re.IGNORECASE)
_PAYMENTS = {
    "paypal": "paypal",
    "gift": "gift card",
    "certificate": "certificate",
    "voucher": "certificate",
    "visa": "card",
    "mastercard": "card",
    "amex": "card",
    "credit": "card",
    "debit": "card",
}
_INTO = frozenset(("to", "in", "into", "as", "with", ":", "is", "now", "on", "for"))
_ARTICLES = frozenset(("the", "a", "an", "new", "your"))


def check_address(part: Part, _: Seen) -> Iterator[ToldValue]:
    """Compare the rest of a sentence that tells several of a write's arguments with the others."""
    for stored in part.scope:
        leaves = [leaf for leaf in stored.asked if not _is_id_field(leaf) and str(leaf.value)]
        tokens = {leaf.path: words_of(str(leaf.value)) for leaf in leaves}
        here = set(part.words)
        there = [leaf for leaf in leaves if here.issuperset(tokens[leaf.path])]
        if len({plain(leaf.value) for leaf in there}) < _ENOUGH:
            continue
        for leaf in there:
            yield part.told(stored, leaf.path, str(leaf.value), leaf.value, matches=True)
        taken = {word for leaf in there for word in tokens[leaf.path]}
        segment = _segment(part.words, taken)
        pieces = [piece for piece in _pieces(segment) if not taken.intersection(piece)]
        missing = [leaf for leaf in leaves if leaf not in there]
        for leaf in missing:
            other = _contender(tokens[leaf.path], segment, pieces)
            if not other and len(missing) == len(pieces) == 1:
                other = _instead(tokens[leaf.path], pieces[0])
            if other:
                yield part.told(stored, leaf.path, " ".join(other), leaf.value, matches=False)


def _instead(value: list[str], piece: list[str]) -> list[str]:
    """Return the only words left between commas for the only value left; no abbreviation of it."""
    if not all(word.isalpha() for word in (*value, *piece)) or set(value) & set(piece):
        return []
    short, long = sorted((value, piece), key=lambda words: len("".join(words)))
    abbreviated = len("".join(short)) <= _ABBREVIATION and short[0][0] == long[0][0]
    return [] if abbreviated else piece


def _is_id_field(leaf: Leaf) -> bool:
    return leaf.name.lower().endswith(("id", "ids", "key"))


def _segment(words: list[str], taken: set[str]) -> list[str]:
    """Return the words around those that are known, up to the next mark that is no comma."""
    places = [place for place, word in enumerate(words) if word in taken and word != ","]
    begin, end = places[0], places[-1] + 1
    while begin > max(places[0] - _REACH, 0) and words[begin - 1] not in _ENDS:
        begin -= 1
    while end < min(places[-1] + _REACH, len(words)) and words[end] not in _ENDS:
        end += 1
    return words[begin:end]


def _pieces(segment: list[str]) -> Iterator[list[str]]:
    """Yield the words between two commas or other marks."""
    piece: list[str] = []
    for word in (*segment, ","):
        if word not in _MARKS:
            piece.append(word)
        elif piece:
            yield piece
            piece = []


def _contender(value: list[str], segment: list[str], pieces: list[list[str]]) -> list[str]:
    """Return what stands in a value's place; nothing where it may be the same in other words."""
    if len(value) == 1 and value[0].isdigit():
        same = [word for word in segment if word.isdigit() and len(word) == len(value[0])]
        return same[:1] if len(value[0]) >= _CODE else []
    numbers = {word for word in value if any(map(str.isdigit, word))}
    for piece in pieces:
        others = {word for word in piece if any(map(str.isdigit, word))}
        if set(piece) & set(value) and numbers and others and not numbers & others:
            return piece
    return []


def check_names(part: Part, _: Seen) -> Iterator[ToldValue]:
    """Compare the persons that a statement names with those that the write was asked for."""
    if not part.is_stated:
        return
    pairs = [
        (one, other)
        for one, other in pairwise(_WORD.findall(part.text))
        if one[:1].isupper() and other[:1].isupper()
    ]
    for stored in part.scope:
        people = list(_people(stored))
        full = {(str(first.value), str(last.value)) for first, last in people}
        for first, last in people:
            one, other = str(first.value), str(last.value)
            said = next((pair for pair in pairs if (one == pair[0]) != (other == pair[1])), None)
            if (one, other) in pairs:
                yield part.told(stored, last.path, f"{one} {other}", other, matches=True)
            elif said is not None and said not in full and not _TITLES.intersection(said):
                leaf = last if said[0] == one else first
                yield part.told(stored, leaf.path, " ".join(said), leaf.value, matches=False)


_WORD = lazy_pattern(r"[^\W\d_][\w'’-]*|[^\w\s]")
_TITLES = frozenset("Mr Mrs Ms Dr Passenger Passengers Name Traveler Guest Customer User".split())


def _people(stored: Stored) -> Iterator[tuple[Leaf, Leaf]]:
    """Yield the first and the last name of each person among the arguments."""
    by_place: dict[str, dict[str, Leaf]] = {}
    for leaf in stored.asked:
        low = leaf.name.lower()
        for kind in ("first", "last"):
            if kind in low and "name" in low:
                by_place.setdefault(leaf.path.rpartition(".")[0], {})[kind] = leaf
    yield from ((p["first"], p["last"]) for p in by_place.values() if len(p) == 2)


def check_payment(part: Part, _: Seen) -> Iterator[ToldValue]:
    """Compare the payment method that a part names with the one that the write was asked for."""
    words = part.words
    told = {_PAYMENTS[word] for word in words if word in _PAYMENTS}
    if not told or "previous" in words:
        return
    for stored in part.scope:
        leaves = [leaf for leaf in stored.asked if "payment" in leaf.path and is_id(leaf.value)]
        if not leaves or not all(map(_method, leaves)):
            continue
        same = next((leaf for leaf in leaves if _method(leaf) in told), None)
        leaf = same or leaves[0]
        said = " and ".join(sorted(told))
        yield part.told(stored, leaf.path, said, leaf.value, matches=same is not None)
        ending = _ENDING.search(part.text)
        digits = {
            str(resolved.record[key])
            for resolved in stored.write.resolved
            if resolved.id in {str(leaf.value) for leaf in leaves}
            for key in resolved.record
            if "last" in key and "four" in key
        }
        if same and ending and digits and ending[1] not in digits:
            yield part.told(stored, leaf.path, ending[0], min(digits), matches=False)


def _method(leaf: Leaf) -> str:
    words = plain(leaf.value).replace("-", " ").split()
    return next((_PAYMENTS[w] for w in words if w in _PAYMENTS), "card" if "card" in words else "")


def check_options(part: Part, seen: Seen) -> Iterator[ToldValue]:
    """Compare "to business class" with the argument that has such values: `cabin`."""
    if not part.is_stated:
        return
    text = f" {' '.join(part.words)} "
    for stored in part.scope:
        for name, leaves in _worded(stored).items():
            domain = {value for value in seen.domains.get(name, ()) if _is_worded(value)}
            own = {plain(leaf.value): leaf for leaf in leaves}
            if not 1 < len(domain) <= _SMALL:
                continue
            told = _options(text, domain)
            for value in told & own.keys():
                yield part.told(stored, own[value].path, value, own[value].value, matches=True)
            led = {value for value in told if _leads(text, value)}
            if len(own) == 1 and led and not led & own.keys():
                leaf = leaves[0]
                yield part.told(stored, leaf.path, min(led), leaf.value, matches=False)


def _worded(stored: Stored) -> dict[str, list[Leaf]]:
    """Return the arguments by field whose values are words and no ids, dates or names."""
    found: dict[str, list[Leaf]] = {}
    for leaf in stored.asked:
        if isinstance(leaf.value, str) and _is_worded(leaf.value) and "name" not in leaf.name:
            found.setdefault(leaf.name, []).append(leaf)
    return found


def _is_worded(value: str) -> bool:
    return bool(value) and not any(map(str.isdigit, value)) and "@" not in value


def _options(text: str, domain: set[str]) -> set[str]:
    """Return the values of a field that a text names, the longest where one is part of another."""
    named = [value for value in domain if f" {value} " in text]
    return {v for v in named if not any(v != other and v in other for other in named)}


def _leads(text: str, value: str) -> bool:
    before = text[: text.index(f" {value} ")].split()
    while before and before[-1] in _ARTICLES:
        before.pop()
    return bool(before) and before[-1] in _INTO


def check_items(part: Part, seen: Seen) -> Iterator[ToldValue]:
    """Compare the options of the things that a write's ids name with those that a part tells.

    Another option is a mismatch where the part tells a second one, which is right: then it
    describes that thing and no other.
    """
    if not part.is_stated:
        return
    text = f" {' '.join(part.words)} "
    for stored in part.scope:
        options = _options_of(stored)
        right = {name: v for name, values in options.items() for v in values if f" {v} " in text}
        every = {value for values in options.values() for value in values}
        for name, values in options.items():
            if name in right:
                yield part.told(stored, name, right[name], right[name], matches=True)
                continue
            others = _options(text, seen.domains.get(name, set())) - every
            if right and len(others) == 1:
                said, holds = next(iter(others)), ", ".join(sorted(values))
                yield part.told(stored, name, said, holds, matches=False)


def _options_of(stored: Stored) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for resolved in stored.write.resolved:
        inner = resolved.record.get("options")
        for name, value in (inner if isinstance(inner, dict) else {}).items():
            if isinstance(value, str) and value:
                found.setdefault(name, set()).add(plain(value))
    return found


def check_ids(part: Part, _: Seen) -> Iterator[ToldValue]:
    """Compare the ids of a list with the arguments of the same form."""
    if not part.is_stated or part.is_claim:
        return
    held = frozenset().union(*(stored.every_key for stored in part.scope))
    for stored in part.scope if len(part.scope) == 1 else ():
        forms = {form_of(str(leaf.value)): leaf for leaf in stored.asked if _is_key(leaf)}
        for key in ids_of(part.text):
            leaf = forms.get(form_of(key))
            if leaf is not None and key not in held:
                yield part.told(stored, leaf.path, key, leaf.value, matches=False)


def _is_key(leaf: Leaf) -> bool:
    """Tell whether an argument is an id inside another; a claim is held against the outer ones."""
    inner = "." in leaf.path or "[" in leaf.path
    return inner and is_id(leaf.value) and is_telling(str(leaf.value).lower())


CHECKS_OF_TEXTS: tuple[Callable[[Part, Seen], Iterator[ToldValue]], ...] = (
    check_address,
    check_names,
    check_payment,
    check_options,
    check_items,
    check_ids,
)
