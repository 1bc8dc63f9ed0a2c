"""The units of an app: which spans belong together, by session or by trace."""

from collections import Counter, defaultdict
from collections.abc import Iterable

import msgspec

from session_classify.errors import UnusableInputError, UsageError
from session_classify.printing.text import ranked, tallied
from session_classify.vocabulary import Unit
from session_classify.wire.trace.sessions import split_by_session
from session_classify.wire.trace.spans import Span

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

    @property
    def root_kind(self) -> str:
        """The kind of the root spans in words: `agent`, or `mixed: agent 20, llm 3`."""
        if len(self.root_kinds) == 1:
            return next(iter(self.root_kinds))
        return f"mixed: {tallied(self.root_kinds)}"


def units_of(spans: Iterable[Span], app: str, granularity: Unit | None = None) -> Units:
    """Group an app's spans; without a granularity, by session where most traces name one.

    Raises UnusableInputError with code `unclassifiable_app_type` for embeddings alone, UsageError
    where sessions are asked for and no span names one.
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
    sessions = [session for session in split_by_session(listed) if session.ids]
    named = {span.trace_id for session in sessions for span in session.spans}
    if granularity is Unit.SESSION and not sessions:
        raise UsageError(f"no span of {app} names a session; use --granularity trace, or auto")
    by_session = granularity is not Unit.TRACE and len(named) * 2 >= len(roots) and bool(sessions)
    if by_session or granularity is Unit.SESSION:
        members = {session.ids[0]: {s.trace_id for s in session.spans} for session in sessions}
        chosen, notes = Unit.SESSION, _of_sessions(len(named), len(roots), len(sessions))
    else:
        members = {trace: {trace} for trace in roots}
        chosen, notes = Unit.TRACE, _of_traces(roots, len(named))
    return _grouped(chosen, members, roots, kinds, notes)


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


def _of_sessions(named: int, traces: int, sessions: int) -> tuple[str, ...]:
    told = f"{named:,} of {traces:,} traces name a session: {sessions:,} sessions"
    if named == traces:
        return (told,)
    return (f"{told}; the other {traces - named:,} traces are in no unit (--granularity trace)",)


def _of_traces(roots: dict[str, Span], named: int) -> tuple[str, ...]:
    told = f"{named:,} of {len(roots):,} traces name a session, so each trace is a unit"
    best = _business_id(tuple(roots.values()))
    if best is None:
        return (told,)
    key, count, values = best
    joined = f"the tag {key} is on {count:,} of them, with {values:,} values"
    return (told, f"{joined}{'' if values == count else '; its traces are judged one by one'}")


def _business_id(roots: tuple[Span, ...]) -> tuple[str, int, int] | None:
    """Return the most consistent id tag, the traces that have it, and its number of values.

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
        (key, count, len(values[key]))
        for key, count in counts.items()
        if count >= _CONSISTENT * len(roots) and len(values[key]) * 10 >= count > 1
    ]
    return min(found, key=lambda one: (-one[1], one[2], one[0]), default=None)


def _may_be_id(key: str) -> bool:
    lowered = key.casefold()
    return lowered.endswith("id") and not any(word in lowered for word in _NO_IDS)


def _grouped(
    granularity: Unit,
    members: dict[str, set[str]],
    roots: dict[str, Span],
    kinds: Counter[str],
    notes: tuple[str, ...],
) -> Units:
    services: dict[str, str] = {}
    of_service: dict[str, Counter[str]] = defaultdict(Counter)
    for unit, traces in members.items():
        first = min((roots[trace] for trace in traces), key=lambda span: span.start)
        services[unit] = first.tag("service")
        of_service[services[unit]].update(roots[trace].kind or "unknown" for trace in traces)
    counts = Counter(services.values())
    groups = tuple(
        Group(service, count, dict(of_service[service])) for service, count in ranked(counts)
    )
    return Units(granularity, services, groups, dict(kinds), notes)
