"""Mask secrets in texts and structs: each is replaced by its kind and a short digest.

Equal secrets have equal digests, so that a reader sees whether two places hold the same one.
"""

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import Any, TypeVar

import msgspec

from session_classify.lazy import lazy_pattern
from session_classify.redaction.escapes import unescaped
from session_classify.redaction.format import Format
from session_classify.redaction.formats import FORMATS

T = TypeVar("T")

_LETTERS = b"+-./0123456789=ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~"
_SHAPE = bytes(97 if code in _LETTERS else 32 for code in range(256))
_LONG = lazy_pattern(b"a" * 16 + b"a*+")
"""Shortest length of a token that is recognized by its prefix."""
_LABELS = ("name", "key", "header", "field")
"""Keys under which an object names what its `value` holds."""


def without_secrets(text: str) -> str:
    """Return a text with each secret of a known format masked."""
    return _text(text, FORMATS)


def redacted(value: T) -> T:
    """Return a struct with the secrets in all its texts masked; the same object if it has none."""
    data, _ = unescaped(msgspec.json.encode(value))
    small = data.lower()
    formats = [
        one
        for one in _hinted(data, small, FORMATS)
        if next(one.spans(data, small), None) is not None
    ]
    if not formats:
        return value
    return msgspec.convert(_masked(msgspec.to_builtins(value), formats), type(value))


def _masked(value: Any, formats: Sequence[Format]) -> Any:
    if isinstance(value, str):
        return _text(value, formats)
    if isinstance(value, dict):
        label = next((value[key] for key in _LABELS if isinstance(value.get(key), str)), "")
        return {
            _masked(key, formats): _named(label if key == "value" and label else key, item, formats)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        if len(value) == 2:  # a header, as a pair of name and value
            return [_masked(value[0], formats), _named(value[0], value[1], formats)]
        return [_masked(item, formats) for item in value]
    return value


def _named(name: Any, value: Any, formats: Sequence[Format]) -> Any:
    """Return a value masked; some formats are recognized only with the name of the value."""
    if not isinstance(value, str) or not isinstance(name, str):
        return _masked(value, formats)
    before = f'{name}":"'
    found = _text(f'{before}{value}"', formats)
    if found.startswith(before) and found.endswith('"'):
        return found[len(before) : -1]
    return _text(value, formats)


def _text(text: str, formats: Sequence[Format]) -> str:
    data = text.encode("utf-8", "surrogatepass")
    masked = _without(data, formats)
    return text if masked is data else masked.decode("utf-8", "surrogatepass")


def _without(data: bytes, formats: Sequence[Format]) -> bytes:
    """Return the data with the secrets of these formats masked; the same object if it has none."""
    plain, origin = unescaped(data)
    parts: list[bytes] = []
    at = 0
    for start, end, kind in _secrets(plain, formats):
        mark = blake2b(plain[start:end], digest_size=2).hexdigest()
        parts += [data[at : origin(start)], f"<secret: {kind} {mark}>".encode()]
        at = origin(end)
    return b"".join((*parts, data[at:])) if parts else data


def _secrets(data: bytes, formats: Sequence[Format]) -> Iterator[tuple[int, int, str]]:
    """Yield begin, end and kind of each secret; overlapping ones are merged."""
    small = data.lower()
    found = [
        (start, -end, row, one.kind)
        for row, one in enumerate(_hinted(data, small, formats))
        for start, end in one.spans(data, small)
    ]
    begin, stop, kind = 0, 0, ""
    for start, end, _, other in sorted(found):
        if start >= stop:
            if stop:
                yield begin, stop, kind
            begin, stop, kind = start, -end, other
        stop = max(stop, -end)
    if stop:
        yield begin, stop, kind


def _hinted(data: bytes, small: bytes, formats: Sequence[Format]) -> Iterator[Format]:
    """Yield the formats with a hint in the data: far faster than matching all patterns."""
    # LLM calls repeat their history, so each word is checked only once.
    words = {data[m.start() : m.end()] for m in _LONG.finditer(data.translate(_SHAPE))}
    long = b" ".join(words)
    for one in formats:
        for hint in one.hints:
            if hint in (small if one.name else data if hint.strip(_LETTERS) else long):
                yield one
                break
