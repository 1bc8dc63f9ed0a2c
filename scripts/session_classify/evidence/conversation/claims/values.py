"""Values in a text: sums of money with their direction, dates, counts and named values."""

import re
from collections.abc import Iterator

import msgspec

from session_classify.evidence.conversation.claims import grammar
from session_classify.evidence.conversation.claims.line import words_of
from session_classify.lazy import lazy_pattern

_MONEY = lazy_pattern(r"[-\u2212]?[$€£][ \u00a0]?(\d[\d,]*(?:\.\d+)?)(?![\w%])")
_NUMBER = lazy_pattern(r"-?\d[\d,]*(?:\.\d+)?")
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_ISO = lazy_pattern(r"(?<![\d-])(\d{4})-(\d{2})-(\d{2})(?![\d-])")
_MONTH_DAY = lazy_pattern(
    rf"\b{_MONTH}\.? (\d{{1,2}})(?:st|nd|rd|th)?(?:,? (\d{{4}}))?(?!\d|:)", re.IGNORECASE
)
_DAY_MONTH = lazy_pattern(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?{_MONTH}\b(?:,? (\d{{4}}))?", re.IGNORECASE
)
_LABEL = lazy_pattern(r"^\**([A-Za-z][A-Za-z /-]{1,40}?)\**\s*:\**\s*(\S.{0,200})$")
_QUOTED = lazy_pattern(r"\b([a-z]{3,20})(?: is| was| of| as|:)? [\"“]([^\"“”]{2,60})(?:[\"”]|$)")
_REFUNDED = frozenset("refund refunded refunds credited credit reimbursed back returned".split())
_CHARGED = frozenset("charge charged charges paid debited billed deducted payment pay".split())


class Sum(msgspec.Struct, frozen=True):
    """A sum of money in a text."""

    value: float
    shown: str
    """As the text has it."""
    direction: str
    """`refunded`, `charged` or empty where the text does not say."""
    is_share: bool
    """It is for each of several: "$38 per passenger"."""


class Day(msgspec.Struct, frozen=True):
    """A date; the year is 0 where the text has none."""

    month: int
    day: int
    year: int
    shown: str

    def fits(self, other: "Day") -> bool:
        """Tell whether two dates are the same day, where one may lack its year."""
        same = (self.month, self.day) == (other.month, other.day)
        return same and (self.year == other.year or not self.year or not other.year)


def sums_in(text: str) -> Iterator[Sum]:
    """Yield the sums of money of a sentence, each with the direction that is nearest to it."""
    for match in _MONEY.finditer(text):
        before, after = words_of(text[: match.start()]), words_of(text[match.end() :])
        is_share = any(word in ("per", "each", "every", "apiece") for word in after[:3])
        value = float(match.group(1).replace(",", ""))
        yield Sum(value, match.group(), _direction(before, after), is_share)


def _direction(before: list[str], after: list[str]) -> str:
    for word, other in _pairs(before[::-1], after):
        for near in (word, other):
            if near in _REFUNDED:
                return "refunded"
            if near in _CHARGED:
                return "charged"
    return ""


def _pairs(left: list[str], right: list[str]) -> Iterator[tuple[str, str]]:
    for place in range(min(max(len(left), len(right)), 20)):
        yield (
            left[place] if place < len(left) else "",
            right[place] if place < len(right) else "",
        )


def days_in(text: str) -> tuple[Day, ...]:
    """Return the dates of a text that name a month."""
    found = [Day(int(m[2]), int(m[3]), int(m[1]), m[0]) for m in _ISO.finditer(text)]
    found += [Day(_month(m[1]), int(m[2]), int(m[3] or 0), m[0]) for m in _MONTH_DAY.finditer(text)]
    found += [Day(_month(m[2]), int(m[1]), int(m[3] or 0), m[0]) for m in _DAY_MONTH.finditer(text)]
    return tuple(day for day in found if 1 <= day.month <= 12 and 1 <= day.day <= 31)


def _month(name: str) -> int:
    return _MONTHS.index(name[:3].lower()) + 1


def label_in(text: str) -> tuple[str, str] | None:
    """Return `(label, value)` of a line such as `Cabin: Economy`."""
    match = _LABEL.match(text)
    return (match[1], match[2].strip().strip("*").strip()) if match else None


def quoted_in(text: str) -> tuple[str, str] | None:
    """Return `(label, value)` of a word before a quoted text: `the reason "no longer needed"`."""
    match = _QUOTED.search(text)
    return (match[1], match[2].strip(" .,")) if match else None


def number_of(text: str) -> float | None:
    """Return the number that a text is or begins with; None where it is none."""
    match = _NUMBER.match(text.strip().lstrip("$€£"))
    if match:
        return float(match.group().replace(",", ""))
    words = text.lower().split()
    return float(grammar.NUMBERS[words[0]]) if words and words[0] in grammar.NUMBERS else None


def counts_in(words: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield each small number of a sentence with the three words behind it: `1 free bag`."""
    for place, word in enumerate(words):
        number = int(word) if word.isdigit() and len(word) <= 3 else grammar.NUMBERS.get(word, -1)
        if number >= 0:
            yield number, words[place + 1 : place + 4]
