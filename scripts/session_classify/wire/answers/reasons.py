"""Why something is no answer: its encoding, its wrapper, where it is cut, which keys it has."""

import msgspec

from session_classify.wire.answers.encodings import closed
from session_classify.wire.answers.payload import Payload
from session_classify.wire.answers.shapes import Shape

_SHOWN = 6
"""Keys or words that are quoted."""
_LONGEST = 40
_QUOTED = 80
"""Characters of a key, and of a text, that are shown."""


def described(payload: Payload, shape: Shape) -> str:
    """Return what a payload is, in words; for one of no known shape, the reason.

    The words are quoted from the file: whoever prints them does so as any text of a trace.
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
    # Bytes that were no UTF-8 when the text was taken out of its envelope are marked.
    if "\ufffd" in text[:4_000]:
        return f"text that is not UTF-8, or binary data ({_gist(data)})"
    return f"text without JSON or a table ({_gist(data)})"


def _of_broken(data: bytes, error: msgspec.DecodeError) -> str:
    """Tell JSON that ends in the middle from JSON that is wrong somewhere, and rows of neither."""
    lines = [line for line in data.splitlines() if line.strip()]
    if "truncated" in str(error):
        return f"JSON that was cut: it ends in the middle, at byte {len(data):,}"
    if len(lines) > 1 and lines[0].rstrip().endswith(b"}"):
        return f"lines of JSON of which none is a row of a known answer ({_gist(lines[0])})"
    return f"no JSON, though it begins like it ({error})"


def _listed(keys: dict[str, msgspec.Raw] | None) -> str:
    shown = [" ".join(key.split())[:_LONGEST] for key in list(keys or ())[:_SHOWN]]
    more = len(keys or ()) - len(shown)
    return (", ".join(shown) or "none") + (f" and {more} more" if more > 0 else "")


def _gist(data: bytes) -> str:
    from session_classify.redaction import without_secrets  # half a secret is not known as one

    text = " ".join(without_secrets(data[:400].decode("utf-8", "replace")).split())
    return text if len(text) <= _QUOTED else text[: _QUOTED - 1] + "…"
