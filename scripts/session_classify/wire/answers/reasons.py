"""Why something is no answer: its encoding, its wrapper, where it is cut, which keys it has."""

import msgspec

from session_classify.wire.answers.encodings import closed
from session_classify.wire.answers.payload import Payload
from session_classify.wire.answers.plain_names import plain
from session_classify.wire.answers.shapes import Shape

_SHOWN = 6
"""Keys that are named."""
_QUOTED = 80
"""Characters of an error that are shown."""


def described(payload: Payload, shape: Shape) -> str:
    """Return what a payload is, in words; for one of no known shape, the reason.

    Nothing of a file that is no answer is quoted but plain names of keys: it may be anybody's.
    """
    if shape is Shape.ERROR:
        return f"an error answer ({_gist(payload.data)})"
    if shape is not Shape.OTHER:
        return str(shape)
    if not payload.is_json:
        return _of_text(payload.data)
    try:
        value = msgspec.json.decode(payload.data, type=_ANY)
    except UnicodeDecodeError as error:
        return f"JSON that is not UTF-8 ({error.reason} at byte {error.start:,})"
    except RecursionError:
        return "JSON that nests too deeply"
    except msgspec.DecodeError as error:
        return _of_broken(payload.data, error)
    if isinstance(value, list):
        inner = next((row for row in value if isinstance(row, dict)), None)
        kind = f"objects with the keys {_listed(inner)}" if inner else "values that are no objects"
        return f"a JSON list of {kind}, which no known answer has"
    return f"a JSON object with the keys {_listed(value)}, which no known answer has"


_ANY = (
    list[dict[str, msgspec.Raw] | int | float | str | bool | list[msgspec.Raw] | None]
    | dict[str, msgspec.Raw]
)


def _of_text(data: bytes) -> str:
    if words := closed(data):
        return f"{words}; unpack it, or pass the result itself"
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        return f"text that is not UTF-8 ({error.reason} at byte {error.start:,})"
    lines = len(text.splitlines())
    return f"text without JSON or a table ({lines:,} line{'s' if lines != 1 else ''})"


def _of_broken(data: bytes, error: msgspec.DecodeError) -> str:
    """Tell JSON that ends in the middle from JSON that is wrong somewhere, and rows of neither."""
    lines = [line for line in data.splitlines() if line.strip()]
    if "truncated" in str(error):
        return f"JSON that was cut: it ends in the middle, at byte {len(data):,}"
    if len(lines) > 1 and lines[0].rstrip().endswith(b"}"):
        return f"{len(lines):,} lines, of which none is a row of a known answer"
    return f"no JSON, though it begins like it ({error})"


def _listed(keys: dict[str, msgspec.Raw] | None) -> str:
    shown = list(dict.fromkeys(plain(key) for key in list(keys or ())[:_SHOWN]))
    more = len(keys or ()) - _SHOWN
    return (", ".join(shown) or "none") + (f" and {more} more" if more > 0 else "")


def _gist(data: bytes) -> str:
    from session_classify.redaction import without_secrets  # half a secret is not known as one

    text = " ".join(without_secrets(data[:400].decode("utf-8", "replace")).split())
    return text if len(text) <= _QUOTED else text[: _QUOTED - 1] + "…"
