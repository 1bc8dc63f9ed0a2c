"""Placeholders: what stands in place of content that was not recorded, and is never content.

In goes a text, out comes what is missing there. A placeholder is the whole text; a text that quotes
one is a text. Sources of the forms: references/sources/completeness.md#placeholders.
"""

import re
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache

import msgspec

from session_classify.lazy import lazy_pattern

MASKS = ("<REDACTED_INPUT>", "<MASKED_STREAMING_RESPONSE>", "REDACTED")
"""Placeholders of a feature flag (`references/sources/spans.md#masked-content`)."""


class Missing(StrEnum):
    """Why content is not there, in the order in which a digest names it."""

    DROPPED = "dropped"
    """By a size limit of the SDK or of an agent."""
    UNSERIALIZABLE = "unserializable"
    MASKED = "masked"
    MEDIA = "media"
    """A picture, a recording or a file: named, not shown."""
    UNKNOWN = "unknown"
    """A part of a message whose type no table lists."""


class MissingParts(msgspec.Struct, frozen=True):
    """How many parts of a turn are missing for one reason."""

    why: Missing
    count: int


class Placeholder(msgspec.Struct, frozen=True):
    """One form of a placeholder."""

    source: str
    why: Missing
    pattern: re.Pattern[str]


def _placeholder(source: str, why: Missing, pattern: str) -> Placeholder:
    return Placeholder(source, why, lazy_pattern(pattern))


PLACEHOLDERS = (
    _placeholder(
        "Datadog SDKs, dropped_io",
        Missing.DROPPED,
        r"\[This value has been dropped because this span's size exceeds [^\[\]\n]{1,60}\]",
    ),
    _placeholder("Langfuse SDKs", Missing.DROPPED, r"<truncated due to size exceeding limit>"),
    _placeholder(
        "agents that clear old results",
        Missing.DROPPED,
        r"\[Old tool result content cleared[^\[\]\n]{0,100}\]",
    ),
    _placeholder(
        "size limits of other recorders",
        Missing.DROPPED,
        r"(?i)[\[<(][^\[\]<>()\n]{0,80}\b(?:content|value|input|output|result|payload|data)"
        r" (?:was |has been |is )?(?:dropped|omitted|removed|discarded|not (?:recorded|captured))"
        r"[:,]? [^\[\]<>()\n]{0,80}\b(?:size|large|long|limit)\b[^\[\]<>()\n]{0,40}[\])>]",
    ),
    _placeholder(
        "ddtrace, safe_json",
        Missing.UNSERIALIZABLE,
        r"\[(?:Uns|Non-s|Not s)erializable object(?: of type [\w.]{1,100}"
        r"|: <[^<>\n]{1,200} at 0x[0-9a-fA-F]{1,16}>)?\]",
    ),
    _placeholder(
        "Python, default repr",
        Missing.UNSERIALIZABLE,
        r"<(?:[\w.<>]{1,200} object|(?:async_)?generator object [\w.<>]{1,200}"
        r"|(?:coroutine object|function|bound method) [\w.<>]{1,200})"
        r" at 0x[0-9a-fA-F]{1,16}>",
    ),
    _placeholder("JavaScript, String(object)", Missing.UNSERIALIZABLE, r"\[object [A-Z]\w{0,40}\]"),
    _placeholder("JSON.stringify guards", Missing.UNSERIALIZABLE, r"\[Circular[^\[\]\n]{0,40}\]"),
    _placeholder(
        "a word in capitals, in angle brackets",
        Missing.MASKED,
        r"<[A-Z][A-Z0-9]{1,40}(?:[_-][A-Z0-9]{1,40}){0,8}>",
    ),
    _placeholder("OpenInference", Missing.MASKED, r"__REDACTED__"),
    _placeholder(
        "Sentry, Ray, Logfire and other scrubbers",
        Missing.MASKED,
        r"(?i)[\[<](?:redacted|filtered|masked|scrubbed|hidden)"
        r"(?: (?:due to|by|for) [^\[\]<>\n]{1,60})?[\]>]",
    ),
    _placeholder("scrubbers", Missing.MASKED, r"\*{3,64}"),
)
"""The forms of a whole text; the masks of `MASKS` may have a short wrapper as well."""

_LONGEST = 400
"""Characters of the longest placeholder."""
_WRAPPING = 30
"""Characters beside a mask that still count as its wrapper."""
_MEDIA = lazy_pattern(
    r"\[(?:image|audio|video|file|document|pdf)\b[^\[\]\n]{0,200}\]|\(\[IMAGE DETECTED\]\)"
)
"""A line of a text that stands for a picture, a recording or a file."""


def placeholder(text: str | None) -> Missing | None:
    """Return why a text is no content; None for content and for no text at all."""
    if not text:
        return None
    stripped = text.strip()
    found = _form_of(stripped) if len(stripped) <= _LONGEST else None
    return found or (Missing.MASKED if _has_mask(stripped) else None)


@lru_cache(2048)
def _form_of(stripped: str) -> Missing | None:
    """Return why a whole text of one of the forms is none; short texts recur in a session."""
    return next((row.why for row in PLACEHOLDERS if row.pattern.fullmatch(stripped)), None)


def is_masked(text: str | None) -> bool:
    """Tell whether a placeholder of any kind stands in place of the text."""
    return placeholder(text) is not None


def media_in(text: str) -> int:
    """Return how many lines of a text stand for a picture, a recording or a file."""
    if "[" not in text:
        return 0
    return sum(bool(_MEDIA.fullmatch(line.strip())) for line in text.split("\n"))


def counted_parts(found: Iterable[Missing]) -> tuple[MissingParts, ...]:
    """Return the reasons with their counts, in the order of `Missing`."""
    counts = Counter(found)
    return tuple(MissingParts(why, counts[why]) for why in Missing if counts[why])


def with_count(
    parts: tuple[MissingParts, ...], why: Missing, more: int
) -> tuple[MissingParts, ...]:
    """Return the parts with further ones that are missing for a reason."""
    counts = Counter({part.why: part.count for part in parts})
    counts[why] += more
    return tuple(MissingParts(one, counts[one]) for one in Missing if counts[one])


def _has_mask(stripped: str) -> bool:
    """Tell whether a mask stands in place of the text, alone or inside a short wrapper."""
    if stripped in MASKS:
        return True
    if "<" not in stripped:
        return False
    marks = [mask for mask in MASKS if mask.startswith("<") and mask in stripped]
    for mask in marks:
        stripped = stripped.replace(mask, "")
    return bool(marks) and len(stripped.strip()) <= _WRAPPING
