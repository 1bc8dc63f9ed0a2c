"""The ledger as a digest shows it: requested values, the records behind ids, and changes."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from session_classify.digest.budget import Part, Slot
from session_classify.digest.detail import FIELD
from session_classify.evidence.conversation.claims.claim import ToldValue
from session_classify.evidence.conversation.ledger import ResolvedId, Write
from session_classify.evidence.conversation.made_good import cause_of
from session_classify.evidence.conversation.records import FieldChange, changes
from session_classify.evidence.conversation.unopened import unopened_ids
from session_classify.evidence.findings import Evidence
from session_classify.masks import is_masked
from session_classify.model import JsonValue
from session_classify.printing.lines import Layout, Line, inline
from session_classify.printing.shrink import lay_out
from session_classify.printing.tables import flatten, is_plain
from session_classify.printing.text import clip, digest_line, digest_name
from session_classify.vocabulary import Outcome, ToolKind

_KIND_NOTES = {
    ToolKind.HANDOVER: " (handover to a person, changes no record)",
    ToolKind.CLIENT: " (rendered by the client)",
}


class WriteView(msgspec.Struct, frozen=True):
    """One entry: its line, and its details."""

    id: str
    line: str
    details: Slot


def write_views(evidence: Evidence, field: int = FIELD) -> tuple[WriteView, ...]:
    """Format every write of the session; a record is described where its id occurs first.

    `field` is the most characters of one value.
    """
    views = []
    described: set[str] = set()
    lost: dict[str, Write] = {}
    for write in evidence.writes:
        line = (
            f"{write.id} = {write.call.id}, turn {write.turn}: {digest_name(write.call.name)}"
            f"{_KIND_NOTES.get(write.call.kind, '')} → "
            f"{write.outcome.value}{write.decided}"
        )
        lines = [
            *_details(write, lost, described, field),
            *_told(write, evidence.said.values),
            *_joined(write, evidence),
        ]
        details = Slot(Part.LEDGER, lines=tuple(lines), indent="  ")
        if write.failed:
            lost[write.call.name] = write
        views.append(WriteView(write.id, line, details))
    return tuple(views)


def write_counts(writes: tuple[Write, ...]) -> str:
    """Return the writes counted by tool and outcome, on one line."""
    count = Counter(f"{digest_name(write.call.name)} {write.outcome.value}" for write in writes)
    return ", ".join(f"{text} ×{n}" for text, n in count.items())


def outcome_counts(writes: tuple[Write, ...]) -> str:
    """Return the writes counted by outcome, handovers separately, on one line."""
    count = Counter(
        f"handover {write.outcome.value}"
        if write.call.kind is ToolKind.HANDOVER
        else write.outcome.value
        for write in writes
    )
    return ", ".join(f"{n} {outcome}" for outcome, n in count.items())


def unknown_calls(evidence: Evidence) -> str:
    """Return the calls of unknown kind, counted by tool."""
    count = Counter(
        digest_name(call.name)
        for call in evidence.session.tool_calls
        if call.kind is ToolKind.UNKNOWN
    )
    return ", ".join(f"{name} ×{n}" for name, n in count.items())


def unopened(evidence: Evidence) -> tuple[str, ...]:
    """Return a line for each list of ids of which some were never opened.

    An assistant that saw four orders and opened three may have missed the relevant one.
    """
    lines = []
    for left in unopened_ids(evidence.session, evidence.readings):
        shown = ", ".join(digest_line(key) for key in left.ids[:12])
        more = f" and {len(left.ids) - 12} more" if len(left.ids) > 12 else ""
        lines.append(f"{digest_line(left.field)} in {left.call}: {shown}{more}")
    return tuple(lines)


def _details(write: Write, lost: dict[str, Write], described: set[str], field: int) -> list[Line]:
    lines = _argument_lines(write, lost.get(write.call.name), field)
    for resolved in write.resolved:
        # Records compared field by field below are not described.
        if resolved.id not in described and resolved.source != write.compared_with:
            described.add(resolved.id)
            lines.append(Line(_meaning(resolved, field)))
    if write.outcome is Outcome.CONFIRMED and isinstance(write.data, dict):
        if write.compared_with:
            lines.append(Line(_against(write)))
            lines.extend(Line("  " + _change(change, field), row=True) for change in write.changes)
        else:
            lines.append(Line("returned (no earlier reading of this record to compare with):"))
            returned = lay_out(write.data, Layout(cell=field))
            lines.extend(Line("  " + line.text, row=True) for line in returned)
        if write.rest:
            lines.append(Line(f"text behind it: {clip(digest_line(write.rest), 2 * field)}"))
        lines.extend(
            Line(
                f"asked {digest_line(c.path)}={_value(c.before, field)}; "
                f"the returned record says {_value(c.after, field)}"
            )
            for c in write.differs
        )
        if write.charged or write.asked:
            lines.append(Line(_amounts(write)))
    else:
        lines.extend(_answer(write, field))
    return lines


def _joined(write: Write, evidence: Evidence) -> list[Line]:
    """Return which other writes a failed one belongs to: what made it good, and what caused it."""
    if not write.failed:
        return []
    later = evidence.made_good(write)
    lines = [Line(f"done later as {later[-1].id}")] if later else []
    cause = cause_of(write, evidence.writes)
    if cause:
        lines.append(Line(f"after {cause[0].id} had changed {digest_line(cause[1])} of it"))
    return lines


def _answer(write: Write, field: int) -> list[Line]:
    """Return what came back of a write without a record to show, and why it counts as it does."""
    result = write.call.result
    lines = []
    if result is None:
        lines.append(Line("no answer in the trace"))
    elif is_masked(result):
        lines.append(Line("the answer is not there"))
    elif result.strip():
        lines.append(Line(f"answer: {clip(digest_line(result), 2 * field)}"))
    if write.outcome is not Outcome.CONFIRMED and digest_line(write.why) not in digest_line(
        result or ""
    ):
        lines.append(Line(f"ended: {digest_line(write.why)}"))
    return lines


def _argument_lines(write: Write, before: Write | None, field: int) -> list[Line]:
    """Return the arguments of a write; for a repeated one only what is new."""
    whole = [Line(f"asked: {clip(inline(write.call.arguments, 2 * field), 7 * field)}")]
    if before is None:
        return whole
    new = changes(before.call.arguments, write.call.arguments)
    lines = [Line(f"asked: as {before.id}" + (", but" if new else ""))]
    lines.extend(Line("  " + _change(change, field)) for change in new)
    return lines if sum(len(line.text) for line in lines) < len(whole[0].text) else whole


def _against(write: Write) -> str:
    return f"changed since {write.compared_with}:" + ("" if write.changes else " nothing")


def _change(change: FieldChange, field: int) -> str:
    path = digest_line(change.path)
    if change.before is None:
        return f"+ {path}: {_value(change.after, field)}"
    if change.after is None:
        return f"- {path}: {_value(change.before, field)}"
    return f"{path}: {_value(change.before, field)} → {_value(change.after, field)}"


def _value(value: JsonValue, field: int) -> str:
    return clip(inline(value, field), field)


def _meaning(resolved: ResolvedId, field: int) -> str:
    # Plain fields and small objects only, such as an item's options or a card's balance.
    own = {
        key: value
        for key, value in resolved.record.items()
        if not isinstance(value, list) and str(value) != resolved.id
    }
    opened = frozenset(key for key, value in own.items() if is_plain(value))
    shown = {k: v for k, v in flatten(own, opened).items() if not isinstance(v, dict)}
    name = shown.pop("name", None)
    said = f"{digest_line(str(name))}: " if name else ""
    meaning = clip(inline(shown, field), field)
    return f"{digest_line(resolved.id)} is {said}{meaning} ({resolved.source})"


def _amounts(write: Write) -> str:
    parts = {"asked for": write.asked, "in the result": write.charged}
    shown = [
        f"{name} " + ", ".join(f"{digest_line(a.path)} {a.value:,.2f}" for a in sums[:8])
        for name, sums in parts.items()
        if sums
    ]
    return "amounts: " + "; ".join(shown)


def _told(write: Write, values: Sequence[ToldValue]) -> list[Line]:
    """Return what the answers tell beside a write, each value with what the write holds."""
    own = [value for value in values if value.write == write.id]
    same = [f"{digest_line(v.field)} {digest_line(v.said)}" for v in own if v.matches]
    lines = (
        [Line(f"told, and it agrees: {clip(', '.join(dict.fromkeys(same)), 600)}")] if same else []
    )
    for value in own:
        if not value.matches:
            where = "agreed to" if value.agreed else "told"
            stored = clip(inline(value.stored), FIELD)
            lines.append(
                Line(
                    f"{where} in turn {value.turn}: {clip(digest_line(value.said), FIELD)}; "
                    f"{digest_line(value.field)} is {stored}"
                )
            )
    return lines
