"""What must hold of everything that a command prints, whatever a trace says."""

import json
import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.attack.payloads import MARK, UNSEEN, Payload
from tests.attack.run import Done

CODES = frozenset(range(8))
"""Exit codes that the command line documents; 70 is an internal error."""
_READER = MarkdownIt("gfm-like")
_TRACE = re.compile(r"\s*\| ?")
"""What marks a line as the trace's own."""
_FENCE = re.compile(r"<<<<<<<< trace data \w+\n(.*)>>>>>>>> end of trace data \w+\n", re.DOTALL)
_OWN_HTML = re.compile(
    r"<!-- Generated from [^<>]* by `session-classify profile render`; [^<>]*-->\n?"
)
_LEFT_OUT = re.compile(r" … \[0 characters left out\].*")
_NUMBERS = re.compile(r"\b[0-9a-f]{16}\b|\d[\d,]*")


def ended(done: Done) -> Iterator[str]:
    """Yield what is wrong with how a command ended, and with what it did."""
    if done.code is None:
        yield "did not end in time"
    elif done.code not in CODES:
        yield f"exit code {done.code}: {done.err.strip()[:300]!r}"
    if "Traceback" in done.err:
        yield "a traceback"
    yield from done.broken


def printed(done: Done) -> Iterator[str]:
    """Yield what is wrong with any output, whoever it is for."""
    for name, text in (("stdout", done.out), ("stderr", done.err)):
        found = {c for c in text if c in UNSEEN} if not text.isascii() else _controls(text)
        if found:
            yield f"{name} holds {sorted(map(ascii, found))[:5]}"
    if _is_json(done) and done.code == 0 and "--out" not in done.argv:
        try:
            json.loads(done.out, parse_constant=_no_number)
        except ValueError as error:
            yield f"stdout is no JSON: {error}"


def _controls(text: str) -> set[str]:
    return {c for c in set(text) if c in UNSEEN}


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no JSON")


def compared(done: Done, harmless: Done, payload: Payload, *, by_right: bool) -> Iterator[str]:
    """Yield how the output differs from that for a harmless text in the same place.

    `by_right` says that the place may change what is found: then the tool's own lines may differ.
    """
    if done.code != harmless.code:
        if not by_right:
            yield f"exit code {done.code} instead of {harmless.code}: {done.err.strip()[:200]!r}"
        return
    yield from _lines_compared("stderr", done.err, harmless.err, payload, by_right=by_right)
    if _is_json(done):
        return
    if _is_markdown(done):
        yield from _markdown_compared(done.out, harmless.out, by_right=by_right)
        return
    yield from _lines_compared("stdout", done.out, harmless.out, payload, by_right=by_right)
    if done.argv[0] in ("gather", "show") and done.code == 0:
        yield from _fence(done.out)


def _is_json(done: Done) -> bool:
    return "--json" in done.argv or done.argv[0] == "submit"


def _is_markdown(done: Done) -> bool:
    verb, *rest = done.argv
    return (verb == "report" and "--verbose" in rest) or done.argv[:2] == ("profile", "render")


def _fence(text: str) -> Iterator[str]:
    fences = _FENCE.findall(text)
    if len(fences) != 1:
        yield f"{len(fences)} fences instead of one"
    for line in _FENCE.sub("", text).splitlines():
        if MARK in line.lower():
            yield f"trace text outside of the fence: {line[:160]!r}"


def _lines_compared(
    name: str, text: str, other: str, payload: Payload, *, by_right: bool
) -> Iterator[str]:
    """Compare the lines that are the tool's own; in others, where the trace's words begin."""
    own, heads = _own(text)
    others, other_heads = _own(other)
    lead = payload.text.partition(MARK)[0].strip()
    if any(not head or head.strip() == lead for head in heads):
        yield f"{name}: trace text begins a line"
    if by_right:
        return
    if own != others:
        new = [line for line in own if line not in others] or ["(fewer lines)"]
        yield f"{name} has other lines of its own: {new[0][:160]!r}"
    if not lead and heads != other_heads:
        new = [head for head in heads if head not in other_heads] or ["(fewer lines)"]
        yield f"{name} has other lines with trace text: {new[0][:160]!r}"


def _own(text: str) -> tuple[list[str], list[str]]:
    """Return the tool's own lines, and what stands before the trace's words in others.

    In a digest the arrows are the tool's as well, wherever they stand; the quotation marks of a
    quoted text are told by what is in it.
    """
    lines, heads = [], []
    in_digest = "<<<<<<<< trace data" in text
    for line in text.split("\n"):
        if _TRACE.match(line):
            continue
        shown = _NUMBERS.sub("0", line)
        if shown.startswith("addressed0"):
            continue  # that the text was found
        if MARK in shown.lower():
            arrows = " →" * shown.count("→") if in_digest else ""
            # What is left of the end of a shortened text may be any part of it.
            head = _LEFT_OUT.sub("", shown[: shown.lower().index(MARK)]).replace('"', "'")
            heads.append(head + arrows)
        else:
            lines.append(shown)
    return lines, heads


def _tokens(markdown: str) -> Iterator[Token]:
    for token in _READER.parse(markdown):
        yield token
        yield from token.children or ()


def _markdown_compared(text: str, other: str, *, by_right: bool) -> Iterator[str]:
    found, others = list(_skeleton(text)), list(_skeleton(other))
    if found != others and not by_right:
        pairs = zip(found, others, strict=False)
        at = next((n for n, (one, two) in enumerate(pairs) if one != two), 0)
        yield f"the page has other markup: {found[at : at + 3]} instead of {others[at : at + 3]}"
    for token in _tokens(text):
        is_html = token.type.startswith("html") and not _OWN_HTML.fullmatch(token.content)
        if is_html or token.type == "image":
            yield f"the page holds {token.type}: {token.content[:100]!r}"
        if MARK in json.dumps(token.attrs).lower():
            yield f"the page has a link of the trace: {token.attrs}"


def _skeleton(markdown: str) -> Iterator[str]:
    for token in _tokens(markdown):
        if token.type in ("text", "text_special", "softbreak"):
            continue
        yield f"{token.type} {token.tag} {token.attrs.get('href', '')}"
