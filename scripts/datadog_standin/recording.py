"""The rows of bundles, indexed by trace, span and session."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from datadog_standin.bundles import (
    ROOT_PARENTS,
    Row,
    bundle_files,
    milliseconds,
    nanoseconds,
    read_rows,
    tag,
    trace_key,
)


@dataclass(frozen=True, slots=True)
class RecordedSpan:
    """One exported span row, with the fields that endpoints use."""

    row: Row
    span_id: str
    trace: str
    """The trace id in comparable form: it is written in hex or in decimal."""
    parent_id: str
    """Empty for a root."""
    session_id: str
    """Empty where neither the row nor a tag has one."""
    start_ns: int
    """Nanoseconds since 1970."""
    duration: int
    """Nanoseconds; 0 or -1 for an open span."""

    @property
    def start(self) -> int:
        """Milliseconds since 1970."""
        return self.start_ns // 1_000_000

    @property
    def place(self) -> tuple[int, int, str]:
        """The sort key by time: a wrapper before the spans that begin with it."""
        return self.start_ns, -self.duration, self.span_id

    @property
    def attributes(self) -> Row:
        """The attributes of the row."""
        found: Row = self.row["attributes"]
        return found

    @property
    def kind(self) -> str:
        """The kind of the span, such as `llm` or `tool`."""
        return str(self.attributes.get("span_kind") or "")

    @property
    def name(self) -> str:
        """The name of the span."""
        return str(self.attributes.get("name") or "")

    @property
    def tags(self) -> tuple[str, ...]:
        """The `key:value` tags."""
        return tags_of(self.attributes)


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """One RUM or audit row, with its time in milliseconds since 1970."""

    row: Row
    at: int


@dataclass(frozen=True, slots=True)
class Recording:
    """All rows; spans and events are sorted by time."""

    spans: tuple[RecordedSpan, ...]
    rum: tuple[RecordedEvent, ...]
    audit: tuple[RecordedEvent, ...]
    by_trace: Mapping[str, tuple[RecordedSpan, ...]]
    by_span: Mapping[tuple[str, str], RecordedSpan]
    """By trace and span id."""
    unreadable: tuple[str, ...] = ()
    """One line for each skipped row: file, line, reason."""
    users: tuple[Row, ...] = ()
    """Rows of the audience, of `users.jsonl` and `accounts.jsonl` in the bundle's folder."""
    accounts: tuple[Row, ...] = ()

    @property
    def newest(self) -> int:
        """The end of the last row, in milliseconds since 1970; 0 for an empty recording."""
        ends = [span.start + max(span.duration, 0) // 1_000_000 for span in self.spans]
        return max((*ends, *(event.at for event in (*self.rum, *self.audit))), default=0)

    def trace(self, trace_id: str) -> tuple[RecordedSpan, ...]:
        """Return the spans of a trace by its id in any form; none when unknown."""
        return self.by_trace.get(trace_key(trace_id), ())

    def span(self, trace_id: str, span_id: str) -> RecordedSpan | None:
        """Return one span of a trace, or None."""
        return self.by_span.get((trace_key(trace_id), span_id))


def tags_of(attributes: Row) -> tuple[str, ...]:
    """Return the tags of a span or an event as texts."""
    found = attributes.get("tags")
    return tuple(map(str, found)) if isinstance(found, list) else ()


def read_recording(paths: Iterable[Path]) -> Recording:
    """Read the bundles at `paths`: folders, or files of span rows.

    An unusable row is reported in `unreadable` and skipped. Raises StartError for a path that is
    not a bundle.
    """
    spans: list[Row] = []
    rum: list[Row] = []
    audit: list[Row] = []
    unreadable: list[str] = []
    users: list[Row] = []
    accounts: list[Row] = []
    for files in map(bundle_files, paths):
        for found, file in zip((spans, rum, audit), files, strict=True):
            found.extend(read_rows(file, unreadable))
        for found, name in ((users, "users.jsonl"), (accounts, "accounts.jsonl")):
            file = files[1].with_name(name)
            if not file.is_symlink():
                found.extend(read_rows(file, unreadable))
    recording = recorded(spans, rum, audit, unreadable)
    return replace(recording, users=tuple(users), accounts=tuple(accounts))


def recorded(
    spans: Iterable[Row],
    rum: Iterable[Row] = (),
    audit: Iterable[Row] = (),
    unreadable: Iterable[str] = (),
) -> Recording:
    """Make a recording from rows; of several rows of one span the last one counts."""
    skipped = list(unreadable)
    kept: dict[tuple[str, str], RecordedSpan] = {}
    for row in spans:
        try:
            span = _span(row)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            skipped.append(_left_out("span", row, error))
        else:
            kept[span.trace, span.span_id] = span
    ordered = tuple(sorted(kept.values(), key=lambda span: span.place))
    return Recording(
        spans=ordered,
        rum=_events(rum, skipped),
        audit=_events(audit, skipped),
        by_trace=_traces(ordered),
        by_span=kept,
        unreadable=tuple(skipped),
    )


def _span(row: Row) -> RecordedSpan:
    """Index a row; raises KeyError, TypeError or ValueError if it is not a span row."""
    attributes = row["attributes"]
    parent = str(attributes.get("parent_id") or "")
    session_id = str(attributes.get("session_id") or tag(tags_of(attributes), "session_id"))
    return RecordedSpan(
        row=row,
        span_id=str(attributes["span_id"]),
        trace=trace_key(str(attributes["trace_id"])),
        parent_id="" if parent in ROOT_PARENTS else parent,
        session_id=session_id,
        start_ns=nanoseconds(attributes["start_ns"]),
        duration=int(attributes.get("duration") or 0),
    )


def _events(rows: Iterable[Row], unreadable: list[str]) -> tuple[RecordedEvent, ...]:
    found = []
    for row in rows:
        try:
            found.append(RecordedEvent(row, milliseconds(row["attributes"]["timestamp"])))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            unreadable.append(_left_out("event", row, error))
    return tuple(sorted(found, key=lambda event: event.at))


def _left_out(what: str, row: Row, error: Exception) -> str:
    attributes = row.get("attributes")
    inside = attributes.get("span_id") if isinstance(attributes, dict) else None
    named = row.get("id") or inside or "(no id)"
    return f"{what} row {named} is left out: {type(error).__name__}: {error}"


def _traces(spans: Iterable[RecordedSpan]) -> dict[str, tuple[RecordedSpan, ...]]:
    groups: dict[str, list[RecordedSpan]] = defaultdict(list)
    for span in spans:
        groups[span.trace].append(span)
    return {trace: tuple(inside) for trace, inside in groups.items()}
