"""Envelopes: what clients, hooks, servers, shells and recorders put around a result.

The content tells the envelope, never the file's name. Envelopes lie in each other in any order:
what is inside one is opened like a file of its own, until a result, a table or a text is left.
Sources: references/sources/clients.md#persisted-results and the sections behind it.
"""

from codecs import BOM_UTF8

import msgspec
from msgspec.structs import replace

from session_classify.errors import UnusableInputError
from session_classify.wire.answers.blocks import texts_of
from session_classify.wire.answers.encodings import Budget, undone
from session_classify.wire.answers.payload import Around, Payload
from session_classify.wire.answers.printed import (
    NOISE,
    PRINTED,
    Printed,
    after_prefix,
    begins_json,
    leading,
    uncoloured,
    without_nan,
)
from session_classify.wire.answers.pup_output import AN_ERROR, pup_inside
from session_classify.wire.answers.refusals import (
    ERROR,
    NothingInsideError,
    refuse_cut,
    refuse_error,
    refuse_pasted,
)
from session_classify.wire.answers.transcripts import is_transcript, read_transcript
from session_classify.wire.answers.wrappers import (
    arguments_of,
    inside,
    is_blocks,
    is_result,
    is_row,
    keys_of,
    wrapper_of,
)

_SURE = (b"{", b"[", b"\x1f\x8b\x08")
"""How JSON and gzip begin: what begins so and is refused was meant as a result."""
_DEEPEST = 24
"""Envelopes in each other; real chains have six."""


def open_envelope(data: bytes, name: str) -> Payload:
    """Return the first result inside whatever is around it; raises what `open_envelopes` raises."""
    return open_envelopes(data, name)[0]


def open_envelopes(data: bytes, name: str) -> list[Payload]:
    """Return every result in one file: blocks, batches, streams and transcripts hold several.

    Raises UnusableInputError, saying what to do, for an empty file, a result that the client cut,
    the text that a model sees in place of a file, an error result, an encoding that is damaged or
    too large, and a wrapper without a result. Where one of several results is none, it is returned
    as an error answer beside the others.
    """
    around = Around(Budget(name))
    if not data.strip():
        raise UnusableInputError(f"{name} is empty; expected a persisted or printed result")
    try:
        found = _open(data, around)
    except UnicodeDecodeError as error:
        raise not_utf8(name, error) from error
    if not found:
        raise UnusableInputError(f"{name} is empty inside; expected a persisted or printed result")
    return found


def not_utf8(name: str, error: UnicodeDecodeError) -> UnusableInputError:
    """Return the error for a file whose strings are not UTF-8, found when they are decoded."""
    return UnusableInputError(f"{name} is not UTF-8 ({error}); pass the file as it was written")


def _open(data: bytes, around: Around) -> list[Payload]:
    if around.depth > _DEEPEST:
        raise UnusableInputError(
            f"{around.name} is wrapped more than {_DEEPEST} times; pass the result itself"
        )
    while data.startswith(BOM_UTF8):
        data = data.removeprefix(BOM_UTF8)
    if encoded := undone(data, around.budget):
        return _open(encoded[1], around.inside(encoded[0]))
    if b"\x1b" in data and (plain := uncoloured(data)) != data:
        return _open(plain, around)
    if data[:400].lstrip()[:1] not in (b"{", b"[") or data.lstrip().startswith(b"[Resource from "):
        text = data.decode("utf-8", "replace")
        found = _from_text(text, around)
        # Bytes that are no UTF-8 are kept for telling what they are.
        return [replace(one, data=data) if one.data == _bytes(text) else one for one in found]
    data = without_nan(data)
    if is_blocks(data):
        return _from_blocks(data, around)
    try:
        if data.lstrip()[:1] == b"[":
            return _from_list(msgspec.json.decode(data, type=list[msgspec.Raw]), data, around)
        return _from_object(msgspec.json.decode(data, type=dict[str, msgspec.Raw]), data, around)
    except (msgspec.DecodeError, RecursionError):
        return _from_broken(data, around)


def _each(parts: list[tuple[bytes, Around]]) -> list[Payload]:
    """Open several results; one that is refused is an error answer, unless all are."""
    found: list[Payload] = []
    refused: list[Payload] = []
    first: UnusableInputError | None = None
    for data, around in parts:
        try:
            found += _open(data, around) if data.strip() else []
        except NothingInsideError as error:
            first = first or error
        except UnusableInputError as error:
            first = error if not refused else first
            words = f"{around.said('bare text')}, {AN_ERROR}"
            refused.append(around.payload(words, str(error).encode(), is_json=False))
    if first is not None and not found:
        raise first
    return found + refused


def _from_blocks(data: bytes, around: Around) -> list[Payload]:
    try:
        texts, kinds = texts_of(data)
    except (msgspec.DecodeError, RecursionError) as error:
        values = leading(data.decode("utf-8", "replace")) or []
        if values and len(values[0]) < len(data.strip()):
            return _each([(_bytes(value), around.part()) for value in values])
        raise UnusableInputError(
            f"{around.name} begins as an array of text blocks, but: {error}"
        ) from error
    if not any(text.strip() for text in texts):
        raise NothingInsideError(
            f"{around.name} holds blocks of {', '.join(kinds) or 'no type'} without a text"
        )
    for text in texts:
        refuse_cut(text[:400], around.name)
    inner = [text for text in map(_unprefixed, texts) if begins_json(text)]
    joined = "\n".join(texts)
    if not inner:
        return _open(_bytes(joined), around.inside("array of text blocks"))
    if any("\t" in text for text in texts if not begins_json(text)):
        # A table is text, and what is said about it may be an object beside it.
        return _from_text(joined, around.inside("array of text blocks"))
    words = "JSON in an array of text blocks"
    if len(texts) > len(inner):
        words += " beside metadata"
    return _each([(_bytes(text), around.inside(words)) for text in inner])


def _unprefixed(text: str) -> str:
    """Return a text without what a client or server wrote in front of its JSON."""
    rest = after_prefix(text)
    return rest if rest is not None and begins_json(rest) else text


def _from_list(rows: list[msgspec.Raw], data: bytes, around: Around) -> list[Payload]:
    """Open a batch, a transcript or a list of wrappers; any other list is a result."""
    words = around.said("bare JSON")
    head = bytes(rows[0]) if rows else b""
    if head[:1] != b"{":
        return [around.payload(words, data, is_json=True)]
    if opened := _from_rows(list(map(bytes, rows)), around):
        return opened
    return [around.payload(words, data, is_json=True)]


def _from_rows(rows: list[bytes], around: Around) -> list[Payload]:
    """Open rows that are a transcript, or of which the first is a wrapper; else nothing."""
    if not is_transcript(rows):
        is_wrapped = wrapper_of(keys_of(rows[0])) is not None
        return _each([(row, around.part()) for row in rows]) if is_wrapped else []
    found = read_transcript(rows)
    if not found.results:
        others = ", ".join(f"{count} of {name}" for name, count in found.others.most_common(5))
        raise UnusableInputError(
            f"{around.name} is a transcript without a result of Datadog's tools or of pup; "
            f"it has results: {others or 'none'}"
        )
    words = "a client's transcript"
    return _each(
        [
            (one.data, around.part().inside(f"{words}, {one.tool}", arguments=one.arguments))
            for one in found.results
        ]
    )


def _from_object(keys: dict[str, msgspec.Raw], data: bytes, around: Around) -> list[Payload]:
    row = wrapper_of(keys)
    if row is None:
        return _from_pup(keys, data, around)
    found, is_error = inside(row, keys)
    inner = around.inside(row.words, "bare JSON", arguments=arguments_of(keys))
    if not found:
        if row.empty:
            raise NothingInsideError(f"{around.name} is {row.empty}")
        raise UnusableInputError(f"{around.name} is an error without a word about it")
    if is_error:
        return _from_error(found, inner)
    return _open_value(found, inner)


def _open_value(value: bytes, around: Around) -> list[Payload]:
    """Open a JSON value; the text of a string that is one."""
    if value.startswith(b'"'):
        text = msgspec.json.decode(value, type=str)
        return _open(_bytes(text), around) if text.strip() else []
    return _open(value, around)


def _from_error(value: bytes, around: Around) -> list[Payload]:
    """Return an error that says not found as an answer; raises UnusableInputError for others."""
    if is_blocks(value):
        text = "\n".join(texts_of(value)[0])
    elif value.startswith(b'"'):
        text = msgspec.json.decode(value, type=str)
    else:
        text = value.decode("utf-8", "replace")
    return _from_text(text if ERROR.match(text) else f"Error: {text}", around)


def _from_pup(keys: dict[str, msgspec.Raw], data: bytes, around: Around) -> list[Payload]:
    words, inner = pup_inside(keys, data, around.name)
    if words == AN_ERROR:
        words = f"{around.said('bare JSON')}, {words}"
        return [around.payload(words, inner, is_json=False)]
    if words:
        return _open_value(inner, around.inside(words, "bare JSON"))
    return [around.payload(around.said("bare JSON"), data, is_json=True)]


def _from_broken(data: bytes, around: Around) -> list[Payload]:
    """Open what begins as JSON and is not one value: rows, several values, lines of a log."""
    rows = [line for line in data.splitlines() if line.lstrip()[:1] == b"{"]
    if len(rows) > 1 and (opened := _from_rows(rows, around)):
        return opened
    text = data.decode("utf-8", "replace")
    if not (rows and is_row(rows[0])) and (values := leading(text)):
        # A value that is the whole text is what the strict decoder has just refused.
        is_part = len(values[0]) < len(text.strip())
        if is_part and (len(values) == 1 or is_result(_bytes(values[0]))):
            return _each([(_bytes(value), around.part()) for value in values])
    elif data.lstrip()[:1] == b"[":
        refuse_cut(text[:400], around.name)
        if opened := _printed(NOISE, text, around):
            return opened
    return [around.payload(around.said("bare JSON"), data, is_json=True)]


def _from_text(text: str, around: Around) -> list[Payload]:
    refuse_pasted(text, around.name)
    refuse_cut(text[:400], around.name)
    refuse_cut(text[-400:], around.name)
    for printed in PRINTED:
        if opened := _printed(printed, text, around):
            return opened
    refuse_error(text, around.name)
    # Behind a prefix lies a text, and the JSON in the prefix is about that text.
    if after_prefix(text) is None and (opened := _printed(NOISE, text, around)):
        return opened
    return [around.payload(around.said("bare text"), _bytes(text), is_json=False)]


def _printed(printed: Printed, text: str, around: Around) -> list[Payload]:
    """Open what a text is printed as; nothing where no result is inside: then it is a text."""
    parts = [one if isinstance(one, bytes) else _bytes(one) for one in printed.inside(text) or ()]
    if not parts:
        return []
    inner = around.part().inside(printed.words)
    if printed is PRINTED[0]:
        words = f"{around.said('bare text')} {printed.words}"
        inner = replace(around, words=(words,), depth=around.depth + 1)
    try:
        found = _each([(part, inner) for part in parts])
    except UnusableInputError:
        if any(part.lstrip().startswith(_SURE) for part in parts):
            raise
        return []
    if printed is PRINTED[0]:  # which says something about the table behind it
        return [payload for payload in found if payload.is_json]
    return [payload for payload in found if _is_answer(payload)]


def _is_answer(payload: Payload) -> bool:
    """Tell JSON, an error and a table from a text that says nothing."""
    is_error = payload.envelope.endswith(AN_ERROR)
    return payload.is_json or is_error or b"\t" in payload.data[:4_000]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
