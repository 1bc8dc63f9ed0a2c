"""What the user did to an asset after the assistant: deleted, undone, overridden, extended, tuned.

Consecutive edits are compared as one, by their end result: adding a widget and removing it again
undoes nothing of the assistant's work.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby

import msgspec
from msgspec.structs import replace

from session_classify.evidence.audit.asset_changes import AssetDiff, diff_states
from session_classify.evidence.audit.context import AuditContext, after_end
from session_classify.evidence.audit.detection_rules import found
from session_classify.evidence.audit.phases import AssetTrail
from session_classify.evidence.audit.writes import LAG, AuditWrite
from session_classify.model import Finding, JsonValue
from session_classify.profiles.profile import AssetRule
from session_classify.vocabulary import Actor, Direction, Phase, Tier, WriteKind

SOON = timedelta(days=1)
"""How long after the session an edit still counts (`references/sources/audit.md#audit-phases`)."""
_TUNING, _MINUTE = range(5, 11), timedelta(minutes=1)
"""Edits within a minute that count as fine-tuning (`references/sources/audit.md#audit-phases`)."""

Run = tuple[AuditWrite, ...]


class _Made(msgspec.Struct, frozen=True):
    """The part of an asset that the assistant made."""

    items: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()
    is_all: bool = False
    """The assistant created the asset."""
    is_known: bool = False
    """Rows show what it changed; otherwise any part may be the assistant's."""
    before: JsonValue = None
    """The asset's state before the assistant's first change."""


def edit_findings(
    trail: AssetTrail, context: AuditContext, rule: AssetRule | None
) -> list[Finding]:
    """Return the findings on the user's edits of one asset that the assistant wrote to."""
    runs = _runs(trail, context)
    if not trail.is_assistants:
        return [_of_unwritten(trail, run, context, rule) for run in runs]
    began = _began(trail, context)
    made = _made(trail, rule)
    results = [
        finding
        for run in runs
        if began is None or run[0].event.at > began
        for finding in _of_run(trail, run, context, rule, made)
    ]
    if any(finding.rule == "audit-deleted-by-user" for finding in results):
        # A deletion overrides earlier positive edits.
        results = [
            replace(f, tier=Tier.B) if f.direction is Direction.POSITIVE else f for f in results
        ]
    return results


def _runs(trail: AssetTrail, context: AuditContext) -> list[Run]:
    """Return the user's effective writes on an asset since the session began, grouped into runs.

    A run ends where another actor wrote, and where edits are too late to count for the session.
    """
    landed = [write for write in trail.writes if write.landed and write.phase is not Phase.PRE]
    return [
        tuple(run)
        for (actor, _), run in groupby(landed, key=lambda w: (w.actor, _is_late(w, context)))
        if actor is Actor.USER
    ]


def _is_late(write: AuditWrite, context: AuditContext) -> bool:
    return write.event.at - context.times.end > SOON


def _of_unwritten(
    trail: AssetTrail, run: Run, context: AuditContext, rule: AssetRule | None
) -> Finding:
    at = run[-1].event.at
    failed = [
        one
        for one in trail.expected
        if one.failed and (turn := context.turn(one.turn)) and turn.start <= at
    ]
    name = "audit-done-by-hand" if failed else "audit-changed-unwritten"
    ended = f" after {', '.join(one.write for one in failed)} failed" if failed else ""
    diff = diff_states(_before(trail, run), _after_state(run), rule)
    how = f": {diff}" if diff else ""
    calls = tuple(dict.fromkeys(one.call for one in failed))
    return found(name, at, f"{_edit_summary(trail, run, context)}{ended}{how}", calls)


def _of_run(
    trail: AssetTrail, run: Run, context: AuditContext, rule: AssetRule | None, made: _Made
) -> Iterator[Finding]:
    late = _is_late(run[0], context)
    deleted = next((write for write in run if write.kind is WriteKind.DELETE), None)
    if deleted is not None:
        at = deleted.event.at
        summary = f"{trail.asset}: deleted by the user {after_end(at, context.times)}"
        yield found("audit-deleted-later" if late else "audit-deleted-by-user", at, summary)
        return
    at, summary = run[-1].event.at, _edit_summary(trail, run, context)
    if late:
        yield found("audit-changed-later", at, summary)
        return
    diff = diff_states(_before(trail, run), _after_state(run), rule)
    name, needs_reading = _judged(diff, run, made, rule) if diff else ("", False)
    if name:
        yield found(name, at, f"{summary}: {diff}", needs_reading=needs_reading)
    is_bad = name in ("audit-undone-by-user", "audit-overridden-by-user")
    if not is_bad and (most := _tuned(run, context)):
        yield found("audit-fine-tuned", at, f"{trail.asset}: {most} edits by hand in a minute")
    elif not name:
        yield found("audit-manual-edits", at, summary)


def _judged(diff: AssetDiff, run: Run, made: _Made, rule: AssetRule | None) -> tuple[str, bool]:
    """Return the rule for a difference, and whether only a reader can decide it.

    Source: `references/sources/audit.md#audit-signals`.
    """
    own = made.is_all or not made.is_known
    lost = made.is_all or {item.key for item in diff.removed} & made.items
    fewer, more = len(diff.removed) > len(diff.added), len(diff.added) > len(diff.removed)
    whole = diff_states(made.before, _after_state(run), rule) if made.before else None
    if diff.is_of_substance and whole is not None and whole.is_empty:
        return "audit-undone-by-user", False
    if fewer or (diff.removed and lost):
        # Removing older items, or fewer than were added at once, may not be an undo.
        return "audit-undone-by-user", more or not (lost or own)
    if diff.values and (own or diff.fields & made.fields):
        return "audit-overridden-by-user", False
    if more:
        return "audit-extended-by-user", False
    if diff.is_of_substance:
        return "audit-adjusted", False
    return ("audit-rearranged" if diff.moved else "audit-cosmetic"), False


def _made(trail: AssetTrail, rule: AssetRule | None) -> _Made:
    writes = [write for write in trail.by(Actor.ASSISTANT) if write.event.is_history]
    items: set[str] = set()
    fields: set[str] = set()
    is_all = any(expected.kind is WriteKind.CREATE for expected in trail.expected)
    for write in writes:
        is_all |= write.kind is WriteKind.CREATE
        diff = diff_states(write.event.prev_value, write.event.new_value, rule)
        if diff is not None:
            items |= {item.key for item in (*diff.added, *diff.changed)}
            fields |= diff.fields
    shown = [write for write in writes if write.event.prev_value and write.event.new_value]
    before = shown[0].event.prev_value if shown and not is_all else None
    return _Made(frozenset(items), frozenset(fields), is_all, bool(shown), before)


def _began(trail: AssetTrail, context: AuditContext) -> datetime | None:
    """Return when the assistant first wrote to an asset, or when the turn of that write began."""
    at = [write.event.at for write in trail.by(Actor.ASSISTANT)]
    turns = (context.turn(one.turn) for one in trail.expected if not one.failed)
    return min([*at, *(turn.start for turn in turns if turn)], default=None)


def _before(trail: AssetTrail, run: Run) -> JsonValue:
    """Return the state before a run: its own record, else that of the preceding write."""
    earlier = [w.event.new_value for w in trail.writes if w.event.at < run[0].event.at]
    shown = [run[0].event.prev_value, *earlier[::-1], *(write.event.prev_value for write in run)]
    return next((state for state in shown if state), None)


def _after_state(run: Run) -> JsonValue:
    return next((w.event.new_value for w in reversed(run) if w.event.new_value), None)


def _tuned(run: Run, context: AuditContext) -> int:
    """Return the most edits within a minute after the session if that is fine-tuning; else 0."""
    at = [write.event.at for write in run if write.event.at > context.times.end + LAG]
    most = max((sum(one <= other <= one + _MINUTE for other in at) for one in at), default=0)
    return most if most in _TUNING else 0


def _edit_summary(trail: AssetTrail, run: Run, context: AuditContext) -> str:
    edits = "1 edit" if len(run) == 1 else f"{len(run)} edits"
    return f"{trail.asset}: {edits} by the user {after_end(run[-1].event.at, context.times)}"
