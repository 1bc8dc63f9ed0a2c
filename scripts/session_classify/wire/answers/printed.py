"""What programs and people put around JSON in a text: colours, warnings, fences, event streams.

Each row of `PRINTED` takes a text and returns the texts inside it; None where it is something
else. Sources: references/sources/clients.md#texts-around-a-result.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Sequence
from json import JSONDecoder

import msgspec

from session_classify.lazy import lazy_pattern

_COLOUR = lazy_pattern(rb"\x1b(?:\[[0-9;:?]*+[@-~]|\][^\x07\x1b]*+(?:\x07|\x1b\\)?|[@-Z\\^_])")
"""A control sequence of a terminal (ECMA-48), or the title and link commands of xterm."""
_NO_NUMBER = lazy_pattern(rb'"(?:[^"\\\n]++|\\.)*+"?|(-?\b(?:NaN|Infinity)\b)')
_BASE64 = lazy_pattern(r"[A-Za-z0-9+/_-]{24,}={0,2}")
_BASE64_HEAD = lazy_pattern(r"[A-Za-z0-9+/_=\s-]+")
_HEAD = 400
_PREFIX = lazy_pattern(r"\A\s*(?:<METADATA>.*?</METADATA>|\[Resource from [^\]]*\])\s*", re.DOTALL)
_FENCE = lazy_pattern(r" {0,3}(`{3,}+|~{3,}+)[^`]*+")
_FIELD = lazy_pattern(r"(data|event|id|retry)?:")
_NOISE_LINES = 40
"""Lines of warnings and logs that are looked through for the JSON behind them."""


class Printed(msgspec.Struct, frozen=True):
    """One way to print JSON among other text: its name, and what takes the inside out."""

    words: str
    inside: Callable[[str], Sequence[str | bytes] | None]


def uncoloured(data: bytes) -> bytes:
    """Return a text without a terminal's control sequences; JSON has no such character."""
    return _COLOUR.sub(b"", data)


def without_nan(data: bytes) -> bytes:
    """Return JSON with null for the numbers that Python and JavaScript print and JSON has not."""
    if b"NaN" not in data and b"Infinity" not in data:
        return data
    return _NO_NUMBER.sub(lambda match: b"null" if match.group(1) else match.group(), data)


def begins_json(text: str) -> bool:
    """Tell whether a text begins as an object or a list; the mark of a resource is none."""
    head = text[:400].lstrip()
    return head[:1] in ("{", "[") and not head.startswith("[Resource from ")


def is_json(text: str) -> bool:
    """Tell whether a text is one JSON value from its beginning to its end."""
    try:
        msgspec.json.decode(text.encode("utf-8", "surrogatepass"), type=msgspec.Raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def after_prefix(text: str) -> str | None:
    """Return what stands behind a server's metadata or a client's mark; None without them."""
    if text.lstrip()[:1] not in ("<", "["):
        return None
    rest = _PREFIX.sub("", text)
    return rest if rest != text else None


def _behind_prefix(text: str) -> list[str] | None:
    rest = after_prefix(text)
    return None if rest is None else [rest]


def _quoted(text: str) -> list[str] | None:
    """Return the text that a JSON string holds, as `jq` prints one without `-r`."""
    if text.lstrip()[:1] != '"':
        return None
    try:
        return [msgspec.json.decode(text.encode("utf-8", "surrogatepass"), type=str)]
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _fenced(text: str) -> list[str] | None:
    """Return what stands in Markdown fences, with or without other text around them."""
    if "```" not in text and "~~~" not in text:
        return None
    found, mark, block = list[str](), "", list[str]()
    for line in _lines(text):
        if not mark:
            opened = _FENCE.fullmatch(line)
            mark, block = (opened.group(1) if opened else ""), []
            if "\t" in line:
                return None  # a cell of a table is somebody's content
        elif line.strip().startswith(mark) and not line.strip().strip(mark[0]):
            found.append("\n".join(block))
            mark = ""
        else:
            block.append(line)
    if mark:
        found.append("\n".join(block))
    return found or None


def _events(text: str) -> list[str] | None:
    """Return the data of each event of a stream; None where a line is not of one."""
    if not _FIELD.match(text[:10].lstrip()):
        return None
    events: list[list[str]] = [[]]
    for line in _lines(text):
        field = _FIELD.match(line)
        if not line:
            events.append([])
        elif not field:
            return None
        elif field.group(1) == "data":
            events[-1].append(line[5:].removeprefix(" "))
    data = ("\n".join(lines) for lines in events if lines)
    return [one for one in data if one.strip() and one != "[DONE]"] or None


def _base64(text: str) -> list[bytes] | None:
    """Return the bytes behind base64 that fills a text, in either alphabet."""
    if not _BASE64_HEAD.fullmatch(text[:_HEAD]):
        return None
    text = "".join(text.split())
    if not _BASE64.fullmatch(text):
        return None
    text = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return [base64.b64decode(text + "=" * (-len(text) % 4), validate=True)]
    except (binascii.Error, ValueError):
        return None


def _lines(text: str) -> list[str]:
    """Return the lines of a text; other separators of Unicode may stand inside a JSON string."""
    return text.replace("\r\n", "\n").split("\n")


def _behind_noise(text: str) -> list[str] | None:
    """Return the text from the JSON on that stands behind lines of warnings and logs."""
    at = 0
    for _ in range(_NOISE_LINES):
        start, at = at, text.find("\n", at) + 1
        if not at or "\t" in text[start:at]:
            return None  # with a tab it is the head of a table
        line = text[at : at + 400].partition("\n")[0]
        if begins_json(line) and next(_leading(text[at:]), None):
            return [text[at:]]
    return None


def leading(text: str) -> list[str] | None:
    """Return the JSON values that a text begins with, one after the other; None without one.

    An object behind them that is broken comes last: whoever reads it tells why.
    """
    return list(_leading(text)) or None


def _leading(text: str) -> Iterator[str]:
    decoder = JSONDecoder()
    at = 0
    while begins_json(text[at : at + 400]):
        start = at + 400 - len(text[at : at + 400].ljust(400, "x").lstrip())
        try:
            _, at = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            if at and text[start] == "{":
                yield text[start:]
            return
        rest = text[at : at + 400].partition("\n")[0].strip()
        if text[start] == "[" and rest and not begins_json(rest):
            return  # a line of a log that begins with a number in brackets
        yield text[start:at]


PRINTED = (
    Printed("after a prefix", _behind_prefix),
    Printed("a JSON string", _quoted),
    Printed("an event stream", _events),
    Printed("a Markdown fence", _fenced),
    Printed("base64", _base64),
)
"""What a text is opened as, the first that fits."""
NOISE = Printed("after other lines", _behind_noise)
"""Comes last: an error answer with JSON behind it is an error."""
