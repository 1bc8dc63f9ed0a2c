"""A family of phrases: the row of which `codes` and `phrases` are made.

A phrase is matched at the head of a text only, so that what a result quotes or lists tells nothing.
"""

import re

import msgspec

from session_classify.lazy import lazy_pattern
from session_classify.vocabulary import Outcome


class Phrase(msgspec.Struct, frozen=True):
    """One family of phrases."""

    source: str
    pattern: re.Pattern[str]
    outcome: Outcome | None = None
    """What it says; None where the words behind it tell the kind of failure."""
    strict: bool = False
    """It counts for calls that change something: a read may report it of something else."""
    counts: bool = False
    """The words may also begin a statistic: "Failed logins: 17" is none of these."""
    unless: tuple[str, ...] = ()
    """Words of a tool's name that make the phrase a success of that tool."""


def phrase(
    source: str,
    *forms: str,
    outcome: Outcome | None = None,
    strict: bool = False,
    counts: bool = False,
    unless: str = "",
) -> Phrase:
    """Return a family that begins with one of the forms, each a regular expression."""
    compiled = lazy_pattern(r"\A\W{0,4}(?:" + "|".join(forms) + ")", re.IGNORECASE)
    return Phrase(source, compiled, outcome, strict, counts, tuple(unless.split()))


END = (
    r"(?=\s{0,3}(?:[:.,;!({\n\[\u2013\u2014-]|\Z)"
    r"|\s(?:because|due|with|after|before|by|since|as|for|on)\b)"
)
"""What follows a word that ends a statement: punctuation, the end of the text, or a reason."""
