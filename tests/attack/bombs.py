"""Values that break readers: numbers, nesting, width, length, bytes, in place of any value."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.attack.places import Place, Step
from tests.attack.shapes import FORMS

_HOLE = "@@bomb@@"


@dataclass(frozen=True, slots=True)
class Bomb:
    """A value as it is written in a file of JSON; `size` says how much of it there is."""

    name: str
    text: bytes


def bombs(size: int) -> tuple[Bomb, ...]:
    """Return every bomb, the wide and long ones with about `size` characters."""
    numbers = (
        "1e308", "1e999", "-1e999", "NaN", "Infinity", "-0", "-0.0", "1e-999", "00", "-1",
        "18446744073709551616", "-9223372036854775809", "123456789012345678901234567890",
        "1" + "0" * 400, "99999999999999999999", "4102444800000", "1e30", "0.1", "1e15",
        "9" * 5_000,
    )  # fmt: skip
    deep = 100_000
    nested = {
        "deep-list": "[" * deep + "]" * deep,
        "deep-object": '{"a":' * deep + "1" + "}" * deep,
        "open-list": "[" * deep,
        "nested-100": "[" * 100 + "]" * 100,
        "nested-500": '{"a":' * 500 + "1" + "}" * 500,
        "nested-900": "[" * 900 + "]" * 900,
        "doubled-keys": '{"a": 1, "a": 2, "attributes": 3, "attributes": 4, "": 5, "": 6}',
        "empty-keys": '{"": {"": [{"": ""}]}}',
        "numbers": '{"a": [1e308, -1e308, 1e-308], "id": "abc-123", "total": 1e308}',
        "mixed": '[1, "a", null, true, {"a": null}, [], {}]',
        "null": "null",
        "true": "true",
    }
    # Inside a string, where JSON and what Python prints are read once more.
    inner = {
        "inner-numbers": '{"a": 1e999, "b": NaN, "id": "x1", "total": 1e308, "amount": -1e308}',
        "inner-integer": '{"total": ' + "9" * 5_000 + ', "id": "x1"}',
        "inner-wide-integer": '{"total": 1' + "0" * 400 + ', "id": "x1"}',
        "inner-64-bits": '{"total": 18446744073709551616, "id": "x1"}',
        "inner-nested": '{"a":' * 900 + "1" + "}" * 900,
        "inner-open": "[" * deep,
        "inner-surrogate": '{"a": "\\ud800", "id": "\\udfff"}',
        "python-nested": "{'a': " + "[" * 5_000 + "]" * 5_000 + "}",
        "python-minus": "{'a': " + "-" * 20_000 + "1}",
        "python-plus": "{'a': " + "1+" * 20_000 + "1}",
        "python-integer": "{'a': " + "9" * 5_000 + "}",
        "python-odd": "{'a': {1, 2}, 'b': (1,), 'c': b'x', 'd': 1j, 'e': ..., 'f': None}",
        "python-strings": "{'a': " + "'x' " * (size // 4) + "}",
    }
    long = {
        "long-text": json.dumps("a" * size),
        "long-lines": json.dumps("a\n" * (size // 2)),
        "long-brackets": json.dumps("<[({" * (size // 4)),
        "long-integer": "9" * size,
        "wide-object": "{" + ",".join(f'"k{n}":{n}' for n in range(size // 10)) + "}",
        "wide-list": "[" + "1," * (size // 2) + "1]",
        "wide-rows": "[" + '{"id":"a-1","n":1},' * (size // 18) + "{}]",
    }
    texts = {
        **{f"number {text[:20]}": text for text in numbers},
        **nested,
        **{name: json.dumps(text) for name, text in inner.items()},
        **long,
        "surrogates": '"\\ud800 \\udfff \\ud83d"',
        "nul": '"a\\u0000b"',
    }
    made = [Bomb(name, text.encode()) for name, text in texts.items()]
    made.append(Bomb("no-utf-8", b'"\xff\xfe\x80"'))
    made.append(Bomb("raw-controls", b'"\x00\x01\x1b[2J"'))
    return tuple(made)


def every_place(document: Any, path: tuple[Step, ...] = ()) -> Iterator[Place]:
    """Yield the place of every value, whatever it is, below files and rows."""
    if len(path) > 2 or (len(path) == 2 and isinstance(path[1], str)):
        yield Place(path, "value")
    inner = document.items() if isinstance(document, dict) else enumerate(document)
    for step, value in inner:
        if isinstance(value, dict | list):
            yield from every_place(value, (*path, step))
        elif path:
            yield Place((*path, step), "value")


def bombed(documents: dict[str, Any], place: Place, bomb: Bomb) -> dict[str, bytes]:
    """Return the files of documents with the bomb as the value at a place."""
    marked = _marked(documents, place.path)
    files = {}
    for name, document in marked.items():
        form = FORMS[name[name.rindex(".") :]]
        text = form(document).encode("utf-8", "surrogatepass")
        quoted = json.dumps(_HOLE).encode()
        files[name] = text.replace(quoted, bomb.text).replace(_HOLE.encode(), bomb.text)
    return files


def _marked(document: Any, path: tuple[Step, ...]) -> Any:
    if not path:
        return _HOLE
    copy = document.copy()
    copy[path[0]] = _marked(document[path[0]], path[1:])
    return copy
