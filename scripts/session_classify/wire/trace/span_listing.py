"""Spans as search, trace tree, expand, details and error answers list them.

The shapes are known in part: missing fields stay empty, and answers about one span are merged.
Source: `references/sources/spans.md#span-search`,
`references/sources/spans.md#span-trees-and-details`.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec.structs import replace

from session_classify.instants import instant, nanoseconds
from session_classify.jsontext import compact_json, shallow
from session_classify.model import JsonValue
from session_classify.wire.trace.spans import ROOT_PARENTS, tag


class Node(msgspec.Struct, frozen=True):
    """The information of one answer on a span; empty where it has none."""

    span_id: str
    trace_id: str = ""
    parent_id: str | None = None
    """Empty for a root, None where the answer does not say."""
    name: str = ""
    kind: str = ""
    status: str = ""
    start: int = 0
    """Nanoseconds since 1970."""
    duration: int = 0
    ml_app: str = ""
    session_id: str = ""
    model: str = ""
    tags: tuple[str, ...] = ()
    metrics: dict[str, JsonValue] | None = None
    evaluation: dict[str, JsonValue] | None = None
    error: str = ""
    asked: str = ""
    """The beginning of the input, about 200 characters."""
    answered: str = ""
    """The beginning of the output."""
    lacks: tuple[str, ...] = ()
    """Fields that the answer says the span does not have."""


class NodeList(msgspec.Struct, frozen=True):
    """The spans of one answer, and its type."""

    nodes: tuple[Node, ...]
    is_search: bool = False
    is_details: bool = False
    cursor: str = ""
    """The position of the next page of a search."""
    expanded: frozenset[str] = frozenset()
    """Spans whose descendants are all listed, as far as the answer goes."""
    unreadable: tuple[str, ...] = ()


def read_nodes(data: bytes, name: str, trace_id: str = "") -> NodeList:
    """Decode the spans of an answer, children after their parents.

    `trace_id` is the trace of the call; most answers do not repeat it. An invalid span is reported
    with its position in the file `name`.
    """
    value = msgspec.json.decode(data)
    top = value if isinstance(value, dict) else {"spans": value}
    if "span_id" in top and "spans" not in top:
        top = {"spans": [top]}
    listed = top.get("spans") or top.get("error_spans") or []
    listed = listed if isinstance(listed, list) else [listed]
    bodies = [body for body in listed if isinstance(body, dict)]
    trace_id = _text(top.get("trace_id")) or trace_id
    nodes: list[Node] = []
    unreadable: list[str] = []
    for place, (body, parent) in enumerate(_walk(listed), start=1):
        try:
            nodes.append(_node(body, trace_id, parent))
        except (ValueError, TypeError, OverflowError) as error:
            unreadable.append(f"{name}: span {place} is none: {error}")
    cursor = top.get("next_cursor")
    is_search = "next_cursor" in top or isinstance(value, list) or any(map(_is_hit, bodies))
    return NodeList(
        tuple(nodes),
        is_search=is_search,
        is_details=any("content_info" in body or "evaluations" in body for body in bodies),
        cursor=cursor if isinstance(cursor, str) else "",
        expanded=frozenset() if is_search else _expanded(top, bodies, nodes),
        unreadable=tuple(unreadable),
    )


def _is_hit(body: dict[str, Any]) -> bool:
    """Return whether a span is listed as a search does it, with previews."""
    return "apm_trace_id" in body or any(
        "preview" in _object(body, side) for side in ("input", "output")
    )


def _expanded(
    top: dict[str, Any], bodies: list[dict[str, Any]], nodes: list[Node]
) -> frozenset[str]:
    """Return the spans that an expand answer opened; a trace tree shows one level."""
    if "trace_url" in top or "total_duration_ms" in top:
        return frozenset()
    if not any("children" in body or "has_input" in body for body in bodies):
        return frozenset()
    return frozenset(id_ for node in nodes for id_ in (node.span_id, node.parent_id) if id_)


_SILENT = {False: (None, "", 0, ()), True: (None,)}
"""Empty values; an empty parent, however, identifies a root."""


def merged(nodes: Iterable[Node]) -> Node:
    """Merge the answers about one span; the first value of a field counts."""
    first, *rest = nodes
    for other in rest:
        missing = {
            name: getattr(other, name)
            for name in Node.__struct_fields__
            if getattr(first, name) in _SILENT[name == "parent_id"]
        }
        first = replace(first, **missing, **_union(first, other, missing))
    return first


def _union(first: Node, other: Node, missing: dict[str, Any]) -> dict[str, Any]:
    """Join partial lists of two answers."""
    return {
        name: tuple(dict.fromkeys((*getattr(first, name), *getattr(other, name))))
        for name in ("tags", "lacks")
        if name not in missing
    }


def _walk(listed: list[Any]) -> Iterator[tuple[Any, str | None]]:
    """Yield every span of a nested list with its parent's id; a list of ids has no spans."""
    waiting: list[tuple[Any, str | None]] = [(item, None) for item in reversed(listed)]
    while waiting:
        body, parent = waiting.pop()
        yield body, parent
        children = body.get("children") if isinstance(body, dict) else None
        if isinstance(children, list):
            inner = [item for item in children if isinstance(item, dict)]
            waiting += [(item, _text(body.get("span_id"))) for item in reversed(inner)]


def _node(body: dict[str, Any], trace_id: str, parent: str | None) -> Node:
    if not isinstance(body, dict):
        raise TypeError(f"expected an object, got {compact_json(shallow(body))[:40]}")
    body = {key: item if key == "children" else shallow(item) for key, item in body.items()}
    if not _text(body.get("span_id")):
        raise ValueError("it has no span_id")
    tags = _tags(body.get("tags"))
    told = body.get("parent_id", parent)
    above = None if told is None else "" if _text(told) in ROOT_PARENTS else _text(told)
    start, duration = _start(body), _duration(body)
    instant(start + duration)  # raises OverflowError for a time outside the calendar
    info = _object(body, "llm_info")
    return Node(
        span_id=_text(body["span_id"]),
        trace_id=_text(body.get("trace_id")) or trace_id,
        parent_id=above,
        name=_text(body.get("name")),
        kind=_text(body.get("span_kind") or body.get("kind")),
        status=_text(body.get("status")),
        start=start,
        duration=duration,
        ml_app=_text(body.get("ml_app")) or tag(tags, "ml_app"),
        session_id=_text(body.get("session_id")) or tag(tags, "session_id"),
        model=_text(info.get("model_name")),
        tags=tags,
        metrics=info or _object(body, "metrics") or None,
        evaluation=_object(body, "evaluations") or _object(body, "evaluation") or None,
        error=_error(body.get("error")),
        asked=_preview(body.get("input")),
        answered=_preview(body.get("output")),
        lacks=_lacks(body),
    )


def _start(body: dict[str, Any]) -> int:
    stamp = body.get("start_ms", body.get("start_ns", body.get("start")))
    return 0 if stamp is None else nanoseconds(stamp)


def _duration(body: dict[str, Any]) -> int:
    if body.get("duration_ms") is not None:
        return max(int(float(body["duration_ms"]) * 1_000_000), 0)
    return max(int(body.get("duration") or 0), 0)


def _tags(value: Any) -> tuple[str, ...]:
    if isinstance(value, dict):
        return tuple(f"{key}:{item}" for key, item in value.items())
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _lacks(body: dict[str, Any]) -> tuple[str, ...]:
    lacking = [side for side in ("input", "output") if body.get(f"has_{side}") is False]
    info = body.get("content_info")
    if isinstance(info, dict):
        lacking += [field for field in ("input", "output", "messages") if field not in info]
    return tuple(dict.fromkeys(lacking))


def _preview(side: Any) -> str:
    found = side.get("preview") if isinstance(side, dict) else side
    return found if isinstance(found, str) else ""


def _error(error: Any) -> str:
    if isinstance(error, dict):
        return ": ".join(str(error[key]) for key in ("type", "message") if error.get(key))
    return error if isinstance(error, str) else ""


def _object(body: dict[str, Any], key: str) -> dict[str, Any]:
    value = body.get(key)
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return "" if value is None else str(value)
