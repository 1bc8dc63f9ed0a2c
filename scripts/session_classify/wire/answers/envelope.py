"""Envelopes: what agent clients and pup put around a result when they save or print it.

An envelope is detected by content, never by file name. Source:
`references/sources/clients.md#persisted-results`.
"""

import re
from dataclasses import dataclass

import msgspec

from session_classify.backends.failures import Kind, read_failure
from session_classify.errors import UnusableInputError


class _Block(msgspec.Struct):
    type: str = ""
    text: str = ""


class _Wrapper(msgspec.Struct):
    """The keys of wrappers; empty where missing."""

    result: msgspec.Raw = msgspec.Raw()
    status: msgspec.Raw = msgspec.Raw()
    data: msgspec.Raw = msgspec.Raw()
    errors: msgspec.Raw = msgspec.Raw()


@dataclass(frozen=True, slots=True)
class Payload:
    """A result without its envelope, not decoded yet."""

    name: str
    """The file, or `-`."""
    envelope: str
    """A description of the envelope."""
    data: bytes
    """JSON, or text if `is_json` is false: a table, or an error message."""
    is_json: bool


_BLOCKS = re.compile(rb'\s*\[\s*\{\s*"(?:type"\s*:\s*"text"|text"\s*:)')
_WRAPPED = re.compile(rb'\s*\{\s*"(?:result|data|status|metadata|errors)"\s*:')
_PASTED = re.compile(r"\A\s*(?:<persisted-output>|Error: result \([\d,]+ characters)")
_SAVED_TO = re.compile(r"saved to:?\s++([^\n]+)")
_CUT_BY_CLIENT = re.compile(r"\[OUTPUT TRUNCATED|\.\.\. \[\d+ characters truncated\] \.\.\.")
_ERROR = re.compile(r"\A\s*(?:Error:|MCP error|Exit code [1-9])")
_ERROR_SIZE = 20_000
"""Bytes of an error that are kept."""
_PREFIX = re.compile(r"\A\s*(?:<METADATA>.*?</METADATA>|\[Resource from [^\]]*\])\s*", re.DOTALL)


def open_envelope(data: bytes, name: str) -> Payload:
    """Return the result inside any envelope.

    Raises UnusableInputError, with the fix, for an empty file, a result that the client cut, the
    text that a model sees in place of a file, and an error result.
    """
    return open_envelopes(data, name)[0]


def open_envelopes(data: bytes, name: str) -> list[Payload]:
    """Return every result in one file: an array of blocks may hold several.

    Raises what `open_envelope` raises.
    """
    data = data.removeprefix(b"\xef\xbb\xbf")
    if not data.strip():
        raise UnusableInputError(f"{name} is empty; expected a persisted or printed result")
    try:
        if _BLOCKS.match(data[:200]):
            return _from_blocks(data, name)
        if data.lstrip()[:1] in (b"{", b"[") and not data.lstrip().startswith(b"[Resource from "):
            return [_from_json(data, name, "bare JSON")]
    except UnicodeDecodeError as error:
        raise not_utf8(name, error) from error
    return [_from_text(data.decode("utf-8", "replace"), name, "bare text")]


def not_utf8(name: str, error: UnicodeDecodeError) -> UnusableInputError:
    """Return the error for a file whose strings are not UTF-8, found when they are decoded."""
    return UnusableInputError(f"{name} is not UTF-8 ({error}); pass the file as it was written")


def _from_blocks(data: bytes, name: str) -> list[Payload]:
    try:
        blocks = msgspec.json.decode(data, type=list[_Block])
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnusableInputError(
            f"{name} begins as an array of text blocks, but: {error}"
        ) from error
    texts = [block.text for block in blocks]
    del blocks
    for text in texts:
        _refuse_cut(text[:400], name)
    inner = [text for text in map(_unprefixed, texts) if _begins_json(text)]
    if not inner or any("\t" in text for text in texts if not _begins_json(text)):
        # A table is text, and its metadata may be an object beside it.
        return [_from_text("\n".join(texts), name, "array of text blocks")]
    about = "JSON in an array of text blocks"
    if len(texts) > len(inner):
        about += " beside metadata"
    payloads = [text.encode("utf-8", "surrogatepass") for text in inner]
    del texts, inner
    return [_from_json(payload, name, about) for payload in payloads]


def _unprefixed(text: str) -> str:
    """Return a text without what a client or server wrote before its JSON."""
    rest = _PREFIX.sub("", text) if text.lstrip()[:1] in ("<", "[") else text
    return rest if _begins_json(rest) else text


def _begins_json(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[") and not text.lstrip().startswith("[Resource from ")


def _from_json(data: bytes, name: str, envelope: str) -> Payload:
    if not _WRAPPED.match(data[:200]):
        return Payload(name, envelope, data, is_json=True)
    try:
        wrapper = msgspec.json.decode(data, type=_Wrapper)
    except (msgspec.DecodeError, RecursionError):
        return Payload(name, envelope, data, is_json=True)
    result, status = bytes(wrapper.result), bytes(wrapper.status)
    inner, errors = bytes(wrapper.data), bytes(wrapper.errors)
    if errors and not inner:
        return Payload(name, f"{envelope}, an error answer", errors[:_ERROR_SIZE], is_json=False)
    if result.startswith(b'"'):
        text = msgspec.json.decode(result, type=str)
        return _open_inner(text, name, f"{envelope}, JSON in its `result`")
    if status == b'"error"' and _is_gone(data):
        return Payload(name, f"{envelope}, an error answer", data[:_ERROR_SIZE], is_json=False)
    if status == b'"error"':
        raise UnusableInputError(f"{name} is an error result of pup; run the command again")
    if status and inner and not inner.startswith(b'"'):
        return _from_json(inner, name, f"{envelope}, pup's agent mode")
    if inner.startswith(b"{"):
        return _from_json(inner, name, f"{envelope}, in its `data`")
    return Payload(name, envelope, data, is_json=True)


def _open_inner(text: str, name: str, envelope: str) -> Payload:
    """Open a result that is a string inside another one."""
    if text.lstrip()[:1] in ("{", "["):
        return _from_json(text.encode("utf-8", "surrogatepass"), name, envelope)
    return _from_text(text, name, envelope)


def _from_text(text: str, name: str, envelope: str) -> Payload:
    if _PASTED.match(text):
        place = _SAVED_TO.search(text)
        file = place.group(1).rstrip().removesuffix(".") if place else ""
        where = f"pass that file instead: {file}" if file else "pass the file it names"
        raise UnusableInputError(
            f"{name} holds the text that a model sees in place of a large result; {where}"
        )
    _refuse_cut(text[:400], name)
    _refuse_cut(text[-400:], name)
    rest = _PREFIX.sub("", text)
    if rest != text and rest.lstrip()[:1] in ("{", "["):
        return _from_json(rest.encode("utf-8", "surrogatepass"), name, f"{envelope} after a prefix")
    if _ERROR.match(text) and not _is_gone(text):
        gist = " ".join(text[:200].split())
        raise UnusableInputError(
            f"{name} is an error result ({gist}); repeat the call and pass its answer"
        )
    return Payload(name, envelope, text.encode("utf-8", "surrogatepass"), is_json=False)


def _is_gone(said: str | bytes) -> bool:
    """Return whether an error is "not found": this is an answer, and the next source is tried."""
    return read_failure(said).kind is Kind.MISSING


def _refuse_cut(text: str, name: str) -> None:
    if _CUT_BY_CLIENT.search(text):
        raise UnusableInputError(
            f"{name} was cut by the agent client and cannot be read; ask again for a smaller part, "
            "or let the client write large results to a file"
        )
