"""Objects that were printed for people, read by their fields.

SDKs record what a tool returned by `repr` or `str` where they cannot encode it, and programs print
their results. Python, Java, Kotlin, Rust, Go, Node and Ruby print `Name(field=value)` with brackets
and separators of their own (references/sources/outcomes.md#printed-objects).
"""

import ast
import re

from session_classify.lazy import lazy_pattern
from session_classify.model import JsonValue

_DEEPEST = 12
_MOST_FIELDS = 500
_OPENINGS = {"(": ")", "{": "}", "[": "]", "<": ">"}
_NAMED = lazy_pattern(r"\A(?:&|#<|<)?(?:struct )?([A-Za-z_][\w.$:]{0,120})? ?([({\[])\s*")
"""A type's name and the bracket that opens its fields; or the bracket alone."""
_ANGLE = lazy_pattern(r"\A#?<(?:struct )?([A-Za-z_][\w.$:]{0,120}) (?=[A-Za-z_@]\w{0,60}=)")
_BARE = lazy_pattern(r"\A[A-Za-z_]\w{0,60}=(?:['\"\[{]|(?:True|False|None|-?\d+)(?=\s|\Z))")
"""What `str` makes of a Pydantic model: fields alone, separated by blanks."""
_LIST = lazy_pattern(r"\A\[\s{0,20}[A-Za-z_][\w.]{0,120}\(")
_TOKEN = lazy_pattern(
    r"""(?sx)
    "(?:[^"\\]|\\.)*+(?:"(?:\s?:)?)? | (?<!\w)'(?:[^'\\]|\\.)*+(?:'(?:\s?:)?)?
    | [\[{(] | [\]})]
    | (?<![^\s,([{]) @? [A-Za-z_$][\w$]{0,60} (?: \s?=(?![=>]) | :(?=[\s\w'"\[{<&-]) )
    """
)
_FAILURE = lazy_pattern(r"(?i:error|exception|failure|timeout)\Z|\AErr\Z|Retry\Z")
_LITERAL = lazy_pattern(r"(?:True|False|None|'[^'\\]*+'|\"[^\"\\]*+\")(?=[\s.,;:])")
"""A value of Python behind which a text goes on."""
_PROSE = lazy_pattern(r"(?!(?:True|False|None)\b)[\w.+-]{1,60}\s")
_PAIR = lazy_pattern(r"\A\((True|False), (?=['\"{\[])")
"""A tuple of a flag and what there is to say."""
_MAPPING = lazy_pattern(r"\A(?:OrderedDict|defaultdict|Counter|mappingproxy)\Z")
_ENUM = lazy_pattern(r"\A<[\w.]{1,120}: ?('[^']{0,200}'|-?\d{1,20})>\Z")
_SOME = lazy_pattern(r"\A(?:Some|Ok|Optional|Just)[(\[](.*)[)\]]\Z", re.DOTALL)
_NUMBER = lazy_pattern(r"\A-?\d{1,18}(?:\.\d{1,18})?\Z")
_WORDS: dict[str, JsonValue] = {
    "True": True, "true": True, "False": False, "false": False, "None": None, "null": None,
    "nil": None, "<nil>": None, "undefined": None,
}  # fmt: skip


def printed_object(text: str) -> tuple[JsonValue, str] | None:
    """Return the fields of a printed object as a dict, and the text behind it.

    An exception is the text `Name: message`, a list of printed objects a list. None for a text
    that is no printed object.
    """
    return _object(text.strip(), _DEEPEST)


def _object(text: str, levels: int) -> tuple[JsonValue, str] | None:
    if not levels:
        return None
    if pair := _PAIR.match(text):
        end = closing(_TOKEN, text, 0)
        said = _read(text[pair.end() : end - 1].strip().removesuffix(","), levels)
        return ({"ok": pair.group(1) == "True", "message": said}, text[end:]) if end else None
    line, _, behind = text.partition("\n")
    if _BARE.match(line):
        fields = _fields(line, levels)
        is_prose = any(isinstance(v, str) and _PROSE.match(v) for v in _raw(line).values())
        return (fields, behind.strip()) if fields and not is_prose else None
    angle = _ANGLE.match(line)
    if angle and (end := line.rfind(">")) > angle.end():
        fields = _fields(line[angle.end() : end], levels)
        rest = f"{line[end + 1 :]}\n{behind}".strip()
        return (_named(angle.group(1), fields, ""), rest) if fields else None
    named = _NAMED.match(text)
    return _in_brackets(text, named, levels) if named else None


def _in_brackets(text: str, named: re.Match[str], levels: int) -> tuple[JsonValue, str] | None:
    """Return the object whose name and opening bracket were found, and the text behind it."""
    end = closing(_TOKEN, text, named.start(2))
    name, bracket = named.group(1) or "", named.group(2)
    between = text[named.end(1) : named.start(2)] if name else ""
    if not end or not _is_type(name, between, bracket):
        return None
    inside = text[named.end() : end - 1]
    rest = text[end:].strip().removeprefix(">").strip()
    if not name and bracket == "[":
        items = _items(inside, levels) if _LIST.match(text) else None
        return None if items is None else (items, rest)
    fields = _mapping(inside) if _MAPPING.match(name) else _fields(inside, levels)
    # `RuntimeError(...) was raised` is a sentence.
    goes_on = rest and not text[end:].startswith("\n")
    if not fields and (goes_on or not _FAILURE.search(name)):
        return None
    return _named(name, fields, inside), rest


def _is_type(name: str, between: str, bracket: str) -> bool:
    """Tell whether a word before a bracket is a type's name: `Note (see 3)` is a sentence."""
    if not name:
        return bracket != "("
    return not between or (bracket == "{" and name[0].isupper())


def _named(name: str, fields: dict[str, JsonValue], inside: str) -> JsonValue:
    """Return an object's fields; those of an exception as its text."""
    if not _FAILURE.search(name):
        return fields
    said = next((v for v in fields.values() if isinstance(v, str)), "") if fields else inside
    message = _scalar(str(said).strip())
    return f"{name.rpartition('.')[2]}: {message if isinstance(message, str) else said}"


def closing(tokens: re.Pattern[str], text: str, start: int) -> int:
    """Return the place behind the bracket that closes the one at `start`; 0 where none does.

    `tokens` finds brackets and the quoted texts in which brackets do not count.
    """
    depth = 0
    for token in tokens.finditer(text, start):
        mark = token.group()[0]
        if mark in "[{(":
            depth += 1
        elif mark in "]})":
            depth -= 1
            if depth <= 0:
                return token.end()
    return 0


def _fields(inside: str, levels: int) -> dict[str, JsonValue]:
    """Return `name=value` and `name: value` pairs that stand side by side; {} where there are none.

    The pairs are separated by commas or blanks; what stands before the first of them makes the
    text no list of fields.
    """
    return {name: _read(raw, levels) for name, raw in _raw(inside).items()}


def _raw(inside: str) -> dict[str, str]:
    keys: list[tuple[str, int, int]] = []
    depth = 0
    for token in _TOKEN.finditer(inside):
        mark = token.group()
        if mark[0] in "[{(":
            depth += 1
        elif mark[0] in "]})":
            depth -= 1
        elif depth == 0 and (mark[0] not in "\"'" or mark.endswith(":")):
            keys.append((mark.rstrip("=: ").lstrip("@").strip("\"'"), token.start(), token.end()))
    if not keys or inside[: keys[0][1]].strip() or len(keys) > _MOST_FIELDS:
        return {}
    ends = [start for _, start, _ in keys[1:]] + [len(inside)]
    return {
        name: inside[begin:end].strip().removesuffix(",").strip()
        for (name, _, begin), end in zip(keys, ends, strict=True)
    }


def _mapping(inside: str) -> dict[str, JsonValue]:
    """Return the dict or the pairs that a mapping of Python's library was printed with."""
    literal = _literal(inside[inside.find(", {") + 2 :] if ", {" in inside[:80] else inside)
    if isinstance(literal, dict):
        return literal
    is_pairs = isinstance(literal, list) and all(
        isinstance(pair, list) and len(pair) == 2 for pair in literal
    )
    return {str(name): value for name, value in literal} if is_pairs else {}


def _items(inside: str, levels: int) -> list[JsonValue] | None:
    """Return the printed objects of a list; None where one of its items is something else."""
    items: list[JsonValue] = []
    rest = inside.strip()
    while rest:
        found = _object(rest, levels - 1)
        if found is None or len(items) >= _MOST_FIELDS:
            return None
        items.append(found[0])
        rest = found[1].lstrip(", \n")
    return items


def _read(text: str, levels: int) -> JsonValue:
    """Return the value of one field: a scalar, a literal of Python, a printed object or text."""
    some = _SOME.match(text)
    text = some.group(1).strip() if some else text
    value = _scalar(text)
    if value != text or not text:
        return value
    if whole := _LITERAL.match(text):
        return _scalar(whole.group())
    if text[0] in "[{(":
        literal = _literal(text)
        if literal is not None:
            return literal
    found = _object(text, levels - 1)
    return text if found is None or found[1] else found[0]


def _scalar(text: str) -> JsonValue:
    """Return what a word, a number or a quoted string stands for; any other text as it is."""
    if text in _WORDS:
        return _WORDS[text]
    if _NUMBER.match(text):
        return float(text) if "." in text else int(text)
    enum = _ENUM.match(text)
    inner = enum.group(1) if enum else text
    if inner[:1] in ("'", '"') and inner[-1:] == inner[:1] and len(inner) > 1:
        literal = _literal(inner)
        return inner[1:-1] if literal is None else literal
    return inner


def _literal(text: str) -> JsonValue:
    """Return a literal of Python as a JSON value; None where it is none."""
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes in strings that are none
            value = ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    return _as_json(value)


def _as_json(value: object) -> JsonValue:
    if isinstance(value, dict):
        return {str(key): _as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_as_json(item) for item in value]
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
