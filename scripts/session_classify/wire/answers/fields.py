"""The keys and types of received answers without values, to compare them with expected ones."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from session_classify.errors import UnusableInputError
from session_classify.jsontext import UNREADABLE, shallow
from session_classify.wire.answers.envelope import open_envelopes
from session_classify.wire.answers.plain_names import plain

EXPECTED = {
    "search_llmobs_spans": ("spans[].span_id", "spans[].trace_id", "spans[].start_ms"),
    "get_llmobs_agent_loop": ("iterations",),
    "expand_llmobs_spans": ("spans[].span_id", "spans[].span_kind"),
    "get_llmobs_span_details": ("spans[].span_id", "spans[].content_info"),
    "get_llmobs_span_content": ("field", "content"),
    "search_llm_obs_spans": ("data[].attributes.span_id", "data[].attributes.start_ns"),
}
"""What the reading of each answer hangs on (references/sources/clients.md#received-fields)."""

_FREE = frozenset(
    "arguments metadata context evaluations evaluation expected_output feature_flags new_value "
    "prev_value tags schema documents usr custom by computes".split()
)
"""Keys whose inside is an app's own: names in there may be anybody's data."""


class Fields(msgspec.Struct, frozen=True):
    """The structure of the answers to one tool."""

    tool: str
    answers: int
    types: dict[str, Counter[str]]
    """By path, such as `spans[].span_id`: the count of each JSON type."""
    missing: tuple[str, ...] = ()
    """Paths that are decoded and occur in no answer."""


def fields_of(received: Iterable[tuple[str, bytes]]) -> tuple[Fields, ...]:
    """Return the fields of answers by tool; each answer is given with its tool.

    An answer that is not JSON is described by its kind, a table by its columns.
    """
    found: dict[str, list[list[tuple[str, str]]]] = defaultdict(list)
    for tool, data in received:
        found[tool].append(list(_paths_of(data)))
    return tuple(_joined(tool, answers) for tool, answers in sorted(found.items()))


def _joined(tool: str, answers: list[list[tuple[str, str]]]) -> Fields:
    types: dict[str, Counter[str]] = defaultdict(Counter)
    for paths in answers:
        for path, kind in paths:
            types[path][kind] += 1
    # The API answers a span search like an export.
    asked = "search_llm_obs_spans" if "data" in types and "spans" in tool else tool
    with_rows = [path for path in EXPECTED.get(asked, ()) if _has_rows(path, types)]
    missing = tuple(path for path in with_rows if path not in types)
    return Fields(tool, len(answers), dict(sorted(types.items())), missing)


def _has_rows(path: str, types: dict[str, Counter[str]]) -> bool:
    """Return whether a path could exist: an empty list has no items."""
    head = path.rpartition("[]")[0]
    return not head or head not in types or f"{head}[]" in types


def _paths_of(data: bytes) -> Iterator[tuple[str, str]]:
    try:
        payloads = open_envelopes(data, "answer")
    except UnusableInputError:
        yield "(an error or an empty answer)", "text"
        return
    for payload in payloads:
        if not payload.is_json:
            yield from _columns(payload.data.decode("utf-8", "replace"))
            continue
        try:
            yield from _paths(shallow(msgspec.json.decode(payload.data)), "")
        except UNREADABLE:
            yield "(no JSON)", "text"


def _columns(text: str) -> Iterator[tuple[str, str]]:
    header = next((line for line in text.splitlines() if "\t" in line), "")
    if not header:
        yield "(text)", "text"
    for name in header.split("\t") if header else ():
        yield f"(column) {plain(name)}", "text"


def _paths(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if path:
        yield path, _kind(value)
    if isinstance(value, list):
        for item in value:
            yield from _paths(item, f"{path}[]")
    elif isinstance(value, dict):
        is_free = path.rpartition(".")[2].removesuffix("[]") in _FREE
        for key, inner in value.items():
            name = "*" if is_free else plain(key)
            if name == "children" and path.endswith(".children[]"):
                yield from _paths(
                    inner, path.removesuffix("[]")
                )  # deeper levels add no information
            else:
                yield from _paths(inner, f"{path}.{name}" if path else name)


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    names = {bool: "boolean", int: "integer", float: "number", str: "text", list: "list"}
    return names.get(type(value), "object")
