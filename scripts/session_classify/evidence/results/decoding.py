"""The text of a tool result as a value: JSON, what Python and others print, text around them.

In goes the text as it was recorded, out come a JSON value and the text behind it. Forms and their
sources: references/sources/outcomes.md#values.
"""

import re

import msgspec

from session_classify.evidence.results.printed_objects import closing, printed_object
from session_classify.jsontext import UNREADABLE, mended, parsed
from session_classify.lazy import lazy_pattern
from session_classify.model import JsonValue

_LONGEST = 1_000_000
"""Characters beyond which a text that is no JSON is not searched for a value at its head."""
_LAYERS = 4
"""Texts inside texts that are opened: a JSON string that holds a fenced block, and so on."""

_COLOUR = lazy_pattern(r"\x1b\[[\d;]{0,20}[A-Za-z]")
_FENCE = lazy_pattern(r"\A```[a-z0-9]{0,12}\n")
_AROUND = (
    ("[Unserializable object: ", "]"),
    ("<tool_use_error>", "</tool_use_error>"),
    ("<output>", "</output>"),
)
"""Marks around the text of a result, with no meaning of their own but for the error's."""
_LABEL = lazy_pattern(
    r"\A(?:(?:tool|function|command) )?(?:result|output|response|observation)\s*+[:=]\s*+"
    r"(?=[\[{\"])",
    re.IGNORECASE,
)
_QUOTED = lazy_pattern(
    r"""(?s)\A(?:"(?:[^"\\]|\\.)*+"|b'(?:[^'\\]|\\.)*+'|b"(?:[^"\\]|\\.)*+")(?=[ \t]*+(?:\n|\Z))"""
)
_BLANK = lazy_pattern(r"\s*+")
_TOKEN = lazy_pattern(r"""(?s)"(?:[^"\\]|\\.)*+"?|'(?:[^'\\]|\\.)*+'?|[\[{(]|[\]})]""")


class Lines(list[JsonValue]):
    """Objects that followed each other in one text (JSON lines)."""


class Value(msgspec.Struct, frozen=True):
    """A decoded result."""

    data: JsonValue
    """An object or list where the text is or begins with one, else the text itself."""
    rest: str = ""
    """The text behind the value."""
    marks: tuple[str, ...] = ()
    """Marks that stood around the text, by their beginning."""


def decoded(text: str) -> Value:
    """Return the value of a result's text; a text that holds none is returned as it is."""
    marks: list[str] = []
    inner, rest = text, ""
    for _ in range(_LAYERS):
        plain = _COLOUR.sub("", inner) if "\x1b[" in inner else inner
        opened, outside, mark = _opened(plain.lstrip("\ufeff \t\r\n"))
        data, behind = _value(opened)
        rest = "\n".join(filter(None, (behind, outside, rest)))
        marks += [mark] if mark else []
        if not isinstance(data, str):
            return Value(data, rest, tuple(marks))
        if data.strip() == inner.strip():
            break
        inner = data
    return Value(inner, rest, tuple(marks))


def _opened(text: str) -> tuple[str, str, str]:
    """Return the text inside marks, fences and labels, the text behind them, and the mark."""
    for begin, end in _AROUND:
        if text.startswith(begin):
            line, _, more = text.partition("\n") if end == "]" else (text, "", "")
            closing = line.rfind(end) if end == "]" else line.find(end)
            if closing > 0:
                behind = f"{line[closing + len(end) :]}\n{more}".strip()
                return line[len(begin) : closing], behind, begin
    if fence := _FENCE.match(text):
        closing = text.find("\n```", fence.end() - 1)
        if closing > 0:
            return text[fence.end() : closing], text[closing + 4 :].strip(), ""
    label = _LABEL.match(text)
    return (text[label.end() :] if label else text), "", ""


def _value(text: str) -> tuple[JsonValue, str]:
    """Return the value that a text is or begins with, and what stands behind it."""
    whole = parsed(text)
    if not isinstance(whole, str):
        return whole, ""
    if len(text) > _LONGEST:
        return text, ""
    if quoted := _QUOTED.match(text):
        return _quoted(quoted.group(), text), text[quoted.end() :].strip()
    if text[:1] in ("{", "["):
        found, rest = _at_head(text)
        if found is not None:
            return found, rest
    printed = printed_object(text)
    return (text, "") if printed is None else printed


def _quoted(quoted: str, text: str) -> str:
    """Return what a JSON string or a printed bytes object holds; the whole text for any other."""
    try:
        if quoted.startswith('"'):
            inner = msgspec.json.decode(mended(quoted.encode("utf-8", "surrogatepass")))
            return inner if isinstance(inner, str) else text
        import ast

        value = ast.literal_eval(quoted)
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else text
    except (*UNREADABLE, ValueError, SyntaxError, MemoryError):
        return text


def _at_head(text: str) -> tuple[JsonValue, str]:
    """Return the object, or list of objects, that a text begins with, and the text behind it.

    Objects that follow each other (JSON lines) are `Lines`. None where there is no such value.
    """
    found: list[JsonValue] = []
    at = first_end = 0
    while text[at : at + 1] in ("{", "["):
        end = closing(_TOKEN, text, at)
        value = parsed(text[at:end]) if end else None
        is_rows = isinstance(value, list) and value != [] and isinstance(value[0], dict)
        if not (isinstance(value, dict) or (is_rows and not found)):
            break
        found.append(value)
        first_end = first_end or end
        blank = _BLANK.match(text, end)
        at = blank.end() if blank else end
    if len(found) > 1 and at >= len(text) and isinstance(found[0], dict):
        return Lines(found), ""
    return (found[0], text[first_end:].strip()) if found else (None, "")
