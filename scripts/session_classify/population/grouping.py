"""The units of an app: which spans belong together, by session or by trace."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping

import msgspec

from session_classify.errors import UnusableInputError, UsageError
from session_classify.printing.text import ranked, tallied
from session_classify.queries.unit_ids import SESSION_TAG, is_unit_tag
from session_classify.vocabulary import Unit
from session_classify.wire.trace.sessions import put_together, split_by_session
from session_classify.wire.trace.spans import Span

AUTO = "auto"
"""Group by what the spans tell."""
_CONSISTENT = 0.8
"""A tag on at least this share of the traces may name what belongs together."""
_NO_IDS = ("user", "usr", "org", "account", "host", "env", "version", "service", "model", "span")
"""Words in the keys of tags that name something else than a piece of work."""


class Group(msgspec.Struct, frozen=True):
    """The units of one service."""

    service: str
    units: int
    root_kinds: dict[str, int]


class Units(msgspec.Struct, frozen=True):
    """An app's units, and what decided how its spans were grouped."""

    granularity: Unit
    services: dict[str, str]
    """The service of each unit, by the unit's id; empty where its spans name none."""
    groups: tuple[Group, ...]
    """By service, the one with most units first."""
    root_kinds: dict[str, int]
    """Traces by the kind of their root span."""
    notes: tuple[str, ...] = ()
    members: dict[str, tuple[Span, ...]] = {}
    """The spans of each unit, by the unit's id."""
    roots: dict[str, Span] = {}
    """The root of each trace."""

    @property
    def root_kind(self) -> str:
        """The kind of the root spans in words: `agent`, or `mixed: agent 20, llm 3`."""
        if len(self.root_kinds) == 1:
            return next(iter(self.root_kinds))
        return f"mixed: {tallied(self.root_kinds)}"


def units_of(spans: Iterable[Span], app: str, granularity: str = AUTO) -> Units:
    """Group an app's spans by `session`, `trace`, a tag such as `chatid`, or what they tell.

    Left to itself, it takes sessions where at least half of the traces name one, else the id tag
    that is on most traces, if it puts some of them together, else traces.

    Raises UnusableInputError with code `unclassifiable_app_type` for embeddings alone, UsageError
    where sessions or a tag are asked for that no span has.
    """
    listed = tuple(spans)
    roots = _roots(listed)
    kinds = Counter(span.kind or "unknown" for span in roots.values())
    if set(kinds) == {"embedding"}:
        raise UnusableInputError(
            f"{app} only contains embedding spans. No conversational content to classify. Use "
            "status:ok/error rates instead.",
            code="unclassifiable_app_type",
            mode="ml_app",
            id=app,
        )
    key = {AUTO: SESSION_TAG, Unit.SESSION: SESSION_TAG, Unit.TRACE: ""}.get(
        granularity, granularity
    )
    members = _by_tag(listed, key) if key else {}
    named = _traces_in(members)
    if granularity == AUTO and named * 2 < len(roots):
        key = _business_id(tuple(roots.values()))
        members, sessions = (_by_tag(listed, key) if key else {}), named
        named = _traces_in(members)
        before: tuple[str, ...] = (f"{sessions:,} of {len(roots):,} traces name a session",)
    else:
        before = ()
    if members:
        notes = (*before, _told(key, named, len(roots), len(members)))
        return _grouped(Unit.SESSION, members, roots, notes, kinds)
    if key:
        what = "names a session" if key == SESSION_TAG else f"has the tag {key}"
        raise UsageError(f"no span of {app} {what}; use --granularity trace, or auto")
    by_trace: dict[str, list[Span]] = {trace: [] for trace in roots}
    for span in listed:
        by_trace[span.trace_id].append(span)
    notes = (*before, f"each of {len(roots):,} traces is a unit")
    members = {trace: tuple(spans) for trace, spans in by_trace.items()}
    return _grouped(Unit.TRACE, members, roots, notes, kinds)


def narrowed(units: Units, kept: Collection[str], note: str) -> Units:
    """Return the units whose ids are `kept`, with a note that tells why."""
    members = {unit: spans for unit, spans in units.members.items() if unit in kept}
    return _grouped(units.granularity, members, units.roots, (*units.notes, note))


def _by_tag(spans: tuple[Span, ...], key: str) -> dict[str, tuple[Span, ...]]:
    """Return the spans of each session that the tag makes, by its id."""
    sessions = split_by_session(put_together(spans, key))
    return {one.ids[0]: tuple(one.spans) for one in sessions if one.ids}


def _traces_in(members: Mapping[str, tuple[Span, ...]]) -> int:
    return len({span.trace_id for spans in members.values() for span in spans})


def _roots(spans: tuple[Span, ...]) -> dict[str, Span]:
    """Return the root of each trace: a span without a parent here, the earliest of several."""
    ids = {(span.trace_id, span.span_id) for span in spans}
    roots: dict[str, Span] = {}
    for span in spans:
        if (span.trace_id, span.parent_id) in ids:
            continue
        known = roots.get(span.trace_id)
        if known is None or _rank(span) < _rank(known):
            roots[span.trace_id] = span
    return roots


def _rank(span: Span) -> tuple[bool, tuple[int, int, str]]:
    """Return the order of possible roots: one whose parent is missing comes after the others."""
    return bool(span.parent_id), span.place


def _told(key: str, named: int, traces: int, units: int) -> str:
    have = (
        "name a session" if key == SESSION_TAG else f"have the tag {key}, which puts them together"
    )
    told = f"{named:,} of {traces:,} traces {have}: {units:,} sessions"
    if named == traces:
        return told
    return f"{told}; the other {traces - named:,} traces are in no unit (--granularity trace)"


def _business_id(roots: tuple[Span, ...]) -> str:
    """Return the most consistent id tag that puts traces together; empty where there is none.

    It is found by what tags hold, not by a list of names: an id has as many values as pieces of
    work, so more than one, and few traces each.
    """
    values: dict[str, set[str]] = defaultdict(set)
    counts: Counter[str] = Counter()
    for span in roots:
        for key, value in {tuple(tag.partition(":")[::2]) for tag in span.tags}:
            if value and _may_be_id(key):
                counts[key] += 1
                values[key].add(value)
    found = [
        (-count, len(values[key]), key)
        for key, count in counts.items()
        if count >= _CONSISTENT * len(roots)
        and 1 < len(values[key]) < count <= 10 * len(values[key])
    ]
    return min(found)[2] if found else ""


def _may_be_id(key: str) -> bool:
    return is_unit_tag(key) and not any(word in key.casefold() for word in _NO_IDS)


def _grouped(
    granularity: Unit,
    members: dict[str, tuple[Span, ...]],
    roots: dict[str, Span],
    notes: tuple[str, ...],
    kinds: Counter[str] | None = None,
) -> Units:
    """Return units with their services; `kinds` are those of the app's roots, else of theirs."""
    services: dict[str, str] = {}
    of_service: dict[str, Counter[str]] = defaultdict(Counter)
    found: Counter[str] = Counter()
    for unit, spans in members.items():
        traces = {span.trace_id for span in spans}
        first = min((roots[trace] for trace in traces), key=lambda span: span.start)
        services[unit] = first.tag("service")
        of_unit = [roots[trace].kind or "unknown" for trace in traces]
        of_service[services[unit]].update(of_unit)
        found.update(of_unit)
    counts = Counter(services.values())
    groups = tuple(
        Group(service, count, dict(of_service[service])) for service, count in ranked(counts)
    )
    return Units(granularity, services, groups, dict(kinds or found), notes, members, roots)
