"""What a write holds: the values that it was asked for, and those that its record gained."""

from collections.abc import Iterator
from functools import cached_property

import msgspec

from session_classify.evidence.conversation.claims.objects import keys_in
from session_classify.evidence.conversation.ledger import Write
from session_classify.model import JsonValue

_MOST = 2_000
_REFUND = ("refund", "credit", "reimburse")
_CHARGE = ("payment", "charge", "debit", "paid", "purchase")


class Leaf(msgspec.Struct, frozen=True):
    """One plain value and where it stands."""

    path: str
    name: str
    """The field, or that of the list that the value is in."""
    value: str | int | float | bool


class Moved(msgspec.Struct, frozen=True):
    """Money that a record gained an entry for."""

    path: str
    value: float
    direction: str
    """`refunded`, `charged` or empty where the entry does not say."""


class Stored:
    """The values of one confirmed write."""

    def __init__(self, write: Write) -> None:
        self.write = write

    @cached_property
    def asked(self) -> tuple[Leaf, ...]:
        """The plain values of the arguments."""
        return tuple(leaves_of(self.write.call.arguments))

    @cached_property
    def keys(self) -> frozenset[str]:
        """The words of the arguments, ids among them."""
        return keys_in(" ".join(str(leaf.value) for leaf in self.asked))

    @cached_property
    def every_key(self) -> frozenset[str]:
        """The words of the arguments and of the whole result."""
        return self.keys | keys_in(self.write.call.result or "")

    @cached_property
    def gained(self) -> tuple[Leaf, ...]:
        """The plain values that the record gained; all where nobody knows what was before."""
        if not self.write.compared_with:
            return tuple(leaves_of(self.write.data))
        return tuple(
            leaf for change in self.write.changes for leaf in leaves_of(change.after, change.path)
        )

    @cached_property
    def held(self) -> tuple[Leaf, ...]:
        """Every plain value of its arguments and its record."""
        return (*self.asked, *leaves_of(self.write.data))

    @cached_property
    def numbers(self) -> frozenset[float]:
        """Every number that it holds, without its sign."""
        return frozenset(abs(float(leaf.value)) for leaf in self.held if _is_number(leaf.value))

    @cached_property
    def moved(self) -> tuple[Moved, ...]:
        """The money that the record gained."""
        entries = [(change.path, change.after) for change in self.write.changes]
        if not self.write.compared_with:
            entries = [("", self.write.data)]
        return tuple(moved for path, after in entries for moved in _moved(after, path))

    @cached_property
    def differences(self) -> frozenset[float]:
        """By how much the numbers changed: an answer may tell the difference of two prices."""
        return frozenset(
            round(abs(float(change.after) - float(change.before)), 2)
            for change in self.write.changes
            if _is_number(change.before) and _is_number(change.after)
        )


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def leaves_of(value: JsonValue, path: str = "") -> Iterator[Leaf]:
    """Yield the plain values inside a value, up to a limit."""
    left = [(value, path, path.rpartition(".")[2].partition("[")[0])]
    count = 0
    while left and count < _MOST:
        item, at, name = left.pop()
        count += 1
        if isinstance(item, dict):
            left.extend((v, f"{at}.{k}" if at else k, k) for k, v in reversed(item.items()))
        elif isinstance(item, list):
            numbered = list(enumerate(item))
            left.extend((v, f"{at}[{i}]", name) for i, v in reversed(numbered))
        elif isinstance(item, str | int | float):
            yield Leaf(at, name, item)


def _moved(value: JsonValue, path: str) -> Iterator[Moved]:
    """Yield the sums in a value, each with what the fields beside it say of its direction."""
    if isinstance(value, list):
        for position, item in enumerate(value):
            yield from _moved(item, f"{path}[{position}]")
    if not isinstance(value, dict):
        return
    words = " ".join(v for v in value.values() if isinstance(v, str) and len(v) < 40).lower()
    for key, item in value.items():
        at = f"{path}.{key}" if path else key
        if isinstance(item, dict | list):
            yield from _moved(item, at)
        elif _is_number(item) and "amount" in key.lower():
            yield Moved(at, round(float(item), 2), _direction(float(item), f"{path} {words}"))


def _direction(value: float, words: str) -> str:
    low = words.lower()
    if value < 0 or any(word in low for word in _REFUND):
        return "refunded"
    return "charged" if any(word in low for word in _CHARGE) else ""
