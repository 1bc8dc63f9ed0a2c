"""The ledger as a digest shows it: requested values, the records behind ids, and changes."""

from collections import Counter

import msgspec

from session_classify.digest.budget import Part, Slot
from session_classify.evidence.conversation.ledger import ResolvedId, Write
from session_classify.evidence.conversation.records import FieldChange, changes
from session_classify.evidence.conversation.unopened import unopened_ids
from session_classify.evidence.findings import Evidence
from session_classify.lazy import lazy_pattern
from session_classify.masks import is_masked
from session_classify.model import JsonValue
from session_classify.printing.lines import Layout, Line, inline
from session_classify.printing.shrink import lay_out
from session_classify.printing.tables import flatten, is_plain
from session_classify.printing.text import clip, digest_line, digest_name
from session_classify.vocabulary import Outcome, ToolKind

_VALUE = 160
_KIND_NOTES = {
    ToolKind.HANDOVER: " (handover to a person, changes no record)",
    ToolKind.CLIENT: " (rendered by the client)",
}
_MONEY = lazy_pattern(r"[$€£]\s?\d[\d,]*(?:\.\d+)?")


class WriteView(msgspec.Struct, frozen=True):
    """One entry: its line, and its details."""

    id: str
    line: str
    details: Slot


def write_views(evidence: Evidence) -> tuple[WriteView, ...]:
    """Format every write of the session; a record is described where its id occurs first."""
    views = []
    described: set[str] = set()
    lost: dict[str, Write] = {}
    for write in evidence.writes:
        line = (
            f"{write.id} = {write.call.id}, turn {write.turn}: {digest_name(write.call.name)}"
            f"{_KIND_NOTES.get(write.call.kind, '')} → "
            f"{write.outcome.value}{write.decided}"
        )
        details = Slot(
            Part.LEDGER, lines=tuple(_details(write, lost, evidence, described)), indent="  "
        )
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


def _details(
    write: Write, lost: dict[str, Write], evidence: Evidence, described: set[str]
) -> list[Line]:
    lines = _argument_lines(write, lost.get(write.call.name))
    for resolved in write.resolved:
        # Records compared field by field below are not described.
        if resolved.id not in described and resolved.source != write.compared_with:
            described.add(resolved.id)
            lines.append(Line(_meaning(resolved)))
    if write.outcome is Outcome.CONFIRMED and isinstance(write.data, dict):
        if write.compared_with:
            lines.append(Line(_against(write)))
            lines.extend(Line("  " + _change(change), row=True) for change in write.changes)
        else:
            lines.append(Line("returned (no earlier reading of this record to compare with):"))
            returned = lay_out(write.data, Layout())
            lines.extend(Line("  " + line.text, row=True) for line in returned)
        if write.rest:
            lines.append(Line(f"text behind it: {clip(digest_line(write.rest), 600)}"))
        lines.extend(
            Line(
                f"asked {digest_line(c.path)}={_value(c.before)}; "
                f"the returned record says {_value(c.after)}"
            )
            for c in write.differs
        )
        if write.charged or write.asked:
            lines.append(Line(_amounts(write, evidence)))
    else:
        lines.extend(_answer(write))
    return lines


def _answer(write: Write) -> list[Line]:
    """Return what came back of a write without a record to show, and why it counts as it does."""
    result = write.call.result
    lines = []
    if result is None:
        lines.append(Line("no answer in the trace"))
    elif is_masked(result):
        lines.append(Line("the answer is not there"))
    elif result.strip():
        lines.append(Line(f"answer: {clip(digest_line(result), 600)}"))
    if write.outcome is not Outcome.CONFIRMED and digest_line(write.why) not in digest_line(
        result or ""
    ):
        lines.append(Line(f"ended: {digest_line(write.why)}"))
    return lines


def _argument_lines(write: Write, before: Write | None) -> list[Line]:
    """Return the arguments of a write; for a repeated one only what is new."""
    whole = [Line(f"asked: {clip(inline(write.call.arguments, 600), 2_000)}")]
    if before is None:
        return whole
    new = changes(before.call.arguments, write.call.arguments)
    lines = [Line(f"asked: as {before.id}" + (", but" if new else ""))]
    lines.extend(Line("  " + _change(change)) for change in new)
    return lines if sum(len(line.text) for line in lines) < len(whole[0].text) else whole


def _against(write: Write) -> str:
    return f"changed since {write.compared_with}:" + ("" if write.changes else " nothing")


def _change(change: FieldChange) -> str:
    path = digest_line(change.path)
    if change.before is None:
        return f"+ {path}: {_value(change.after)}"
    if change.after is None:
        return f"- {path}: {_value(change.before)}"
    return f"{path}: {_value(change.before)} → {_value(change.after)}"


def _value(value: JsonValue) -> str:
    return clip(inline(value), 2 * _VALUE)


def _meaning(resolved: ResolvedId) -> str:
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
    return (
        f"{digest_line(resolved.id)} is {said}{clip(inline(shown), _VALUE * 2)} ({resolved.source})"
    )


def _amounts(write: Write, evidence: Evidence) -> str:
    stated = [
        f"{', '.join(sums[:8])} in turn {turn.number}"
        for turn in evidence.session.turns
        if write.turn - 1 <= turn.number <= write.turn
        and (sums := list(dict.fromkeys(_MONEY.findall(turn.final_text or ""))))
    ]
    parts = {
        "asked for": ", ".join(f"{digest_line(a.path)} {a.value:,.2f}" for a in write.asked[:8]),
        "came back": ", ".join(f"{digest_line(a.path)} {a.value:,.2f}" for a in write.charged[:8]),
        "the assistant said": "; ".join(stated) or "none",
    }
    return "amounts: " + "; ".join(f"{name} {text}" for name, text in parts.items() if text)
