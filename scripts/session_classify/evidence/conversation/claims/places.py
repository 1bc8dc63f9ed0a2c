"""Places: where an answer says that something goes, and the address that the write's record has."""

from collections.abc import Iterator

from session_classify.evidence.conversation.claims.checks import Part, Seen, plain
from session_classify.evidence.conversation.claims.claim import ToldValue
from session_classify.evidence.conversation.claims.stored import leaves_of
from session_classify.lazy import lazy_pattern
from session_classify.model import JsonValue

_GOES = frozenset(
    """ship ships shipped shipping deliver delivers delivered delivery send sends sent mail mailed
    go goes arrive arrives dispatched""".split()
)
_TO = lazy_pattern(
    r"\bto your ([A-Z][\w.']{1,20}(?: [A-Z][\w.']{1,20}){0,2})"
    r" (?:address|home|office|house|place)\b"
)
_FIELDS = frozenset("city town state zip zipcode postal postcode street address1 line1".split())
_MOST = 500

Place = tuple[tuple[str, str], ...]
"""The fields of one address with their values."""


def places_of(data: JsonValue) -> Iterator[Place]:
    """Yield each address in a value: an object with two fields that only addresses have."""
    left, count = [data], 0
    while left and count < _MOST:
        item = left.pop()
        count += 1
        if isinstance(item, dict):
            if len(_FIELDS.intersection(key.lower() for key in item)) > 1:
                yield tuple((leaf.path, str(leaf.value)) for leaf in leaves_of(item))
            left.extend(value for value in item.values() if isinstance(value, dict | list))
        elif isinstance(item, list):
            left.extend(value for value in item if isinstance(value, dict | list))


def check_place(part: Part, seen: Seen) -> Iterator[ToldValue]:
    """Compare "will ship to your NYC address" with the address of the record that was written.

    It is another one only where the session shows that one too.
    """
    match = _TO.search(part.text) if _GOES.intersection(part.words) else None
    if match is None:
        return
    told = match[1]
    for stored in part.scope:
        here = list(places_of(stored.write.data))
        if not here:
            continue
        same = next((field for place in here for field in place if _names(told, field[1])), None)
        if same is not None:
            yield part.told(stored, same[0], told, same[1], matches=True)
        elif any(_names(told, value) for place in seen.places for _, value in place):
            city = next((field for field in here[0] if field[0] == "city"), here[0][0])
            yield part.told(stored, city[0], told, city[1], matches=False)


def _names(told: str, value: str) -> bool:
    """Tell whether a word names a part of an address: as it is, or by its initials (`NYC`)."""
    here, holds = plain(told).replace(".", ""), plain(value)
    initials = "".join(word[0] for word in holds.split())
    return len(holds) > 1 and (
        here == holds or here in holds.split() or here in (initials, f"{initials}c")
    )
