"""Trace text made safe to print: nothing in it can act, hide, or pass for the tool's own text."""

import json
import re
from collections.abc import Mapping

from session_classify.lazy import lazy_pattern

_NAME = lazy_pattern(r"[\w.:/@-]{1,80}")
LEFT_OUT = "… [{:,} characters left out] …"
"""The mark that stands for what was cut from a text."""
_MARK = lazy_pattern(r"(?: … |… ?)\[([\d,]{1,15}) (?:more|characters left out)\](?: … | ?…)")
"""What an earlier cut left in a text: `clip`, and `shorten` of `printing/lines.py`."""

# Characters that act on a terminal or cannot be seen: controls (but line feed and tab), soft
# hyphen, grapheme joiner, Arabic letter mark, Hangul and Khmer fillers, Mongolian
# selectors, zero-width and bidi controls, line separators, invisible operators, variation selectors
# but the one of emoji, byte order mark, interlinear marks, musical controls, the whole plane of
# tags, controls of hieroglyphs, blanks that are no spaces (Braille, Khitan, musical), halves of
# surrogate pairs, and the code points that are no characters.
_NONCHARACTERS = "".join(chr(plane << 16 | low) for plane in range(17) for low in (0xFFFE, 0xFFFF))
_UNSEEN = lazy_pattern(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufdd0-\ufdef\ufe00-\ufe0e\ufeff\uffa0"
    "\ufff0-\ufffb\U00013430-\U0001345f\U00016fe4\U0001bca0-\U0001bca3\U0001d159"
    f"\U0001d173-\U0001d17a\U000e0000-\U000e0fff\ud800-\udfff{_NONCHARACTERS}]"
)


def visible(text: str) -> str:
    r"""Return the text with every invisible character escaped (`\u202e`)."""
    if text.isascii() and text.isprintable():
        return text  # the common case; the search below is ten times slower
    return _UNSEEN.sub(_spell, text.replace("\r\n", "\n"))


def visible_json(text: str) -> str:
    """Return JSON with every invisible character in strings escaped; its values are unchanged."""
    return _UNSEEN.sub(lambda match: json.dumps(match.group())[1:-1], text)


def one_line(text: str) -> str:
    """Return the text, visible, with line breaks replaced by marks."""
    if text.isascii() and text.isprintable():
        return text.strip()
    seen = visible(text)
    if "\n" not in seen:
        return seen.strip()
    return " ⏎ ".join(part.strip() for part in seen.split("\n")).strip()


def digest_line(text: str) -> str:
    """Return trace text for one line of a digest.

    In a digest an arrow separates a call from its outcome. Arrows in trace text are spelled out, so
    that an argument cannot forge an outcome.
    """
    return one_line(text).replace("→", "\\u2192")


def name_of(text: str) -> str:
    """Return a tool's name; text that is not a plain name is quoted and shortened."""
    return text if _NAME.fullmatch(text) else f'"{clip(one_line(text), 80)}"'


def digest_name(text: str) -> str:
    """Return a name for a line of a digest: as `name_of`, with arrows spelled out."""
    return digest_line(name_of(text))


def code(text: str) -> str:
    """Return the text as a code span of Markdown."""
    shown = one_line(text) or " "
    fence = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    pad = " " if shown[0] == "`" or shown[-1] == "`" else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def clip(text: str, limit: int, beyond: int = 0) -> str:
    """Return at most `limit` characters: head and tail, with the number of omitted ones between.

    Two thirds of the room are for the head. If the limit is too small for the number, only the head
    is kept. `beyond` counts characters already omitted after the first two thirds of `text`. What
    was omitted from the part that goes is part of the number.
    """
    if len(text) <= limit and not beyond:
        return text
    limit = min(limit, len(text))
    room = limit - len(f" {LEFT_OUT.format(omitted(text) + beyond)} ")
    if room < 12:
        return text[: max(limit - 1, 0)] + ("…" if limit > 0 else "")
    head, tail = _outside_marks(text, room * 2 // 3, len(text) - (room - room * 2 // 3))
    mark = LEFT_OUT.format(omitted(text[head:tail]) + beyond)
    return f"{text[:head]} {mark} {text[tail:]}"


def omitted(text: str) -> int:
    """Return how many characters a text stands for: its own, and those that its marks count."""
    if "left out]" not in text and " more]" not in text:
        return len(text)
    marks = list(_MARK.finditer(text))
    counted_ones = sum(int(mark.group(1).replace(",", "")) for mark in marks)
    return len(text) - sum(len(mark.group()) for mark in marks) + counted_ones


def _outside_marks(text: str, head: int, tail: int) -> tuple[int, int]:
    """Return the two cuts of a text, moved out of the marks of earlier cuts."""
    if "left out]" not in text and " more]" not in text:
        return head, tail
    for mark in _MARK.finditer(text):
        if mark.start() < head < mark.end():
            head = mark.start()
        if mark.start() < tail < mark.end():
            tail = mark.end()
    return head, tail


def counted(number: int, noun: str) -> str:
    """Return `1 turn`, `1,000 turns`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def ranked(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return names with their counts, the most frequent first, equal ones by name."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def tallied(counts: Mapping[str, int]) -> str:
    """Return counts as `agent 20, llm 3`, the most frequent first."""
    return ", ".join(f"{name} {count}" for name, count in ranked(counts))


def size(count: int) -> str:
    """Return a count of bytes in decimal units: `0 B`, `12.3 kB`, `1,234.5 GB`."""
    if count < 1_000:
        return f"{count} B"
    units = ((10**3, "kB"), (10**6, "MB"), (10**9, "GB"))
    factor, unit = next((one for one in units if count < one[0] * 999.95), units[-1])
    return f"{count / factor:,.1f} {unit}"


def block(text: str, indent: str = "") -> str:
    """Return the text with every line prefixed by `| `, so that none passes for the tool's own."""
    return "\n".join(f"{indent}| {line}" for line in text.split("\n"))


def _spell(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
