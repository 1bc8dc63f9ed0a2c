"""The turns of a session as a digest shows them: texts, and each call on one line with its end."""

import re
from collections import Counter
from dataclasses import dataclass, replace

from session_classify.evidence.findings import Evidence
from session_classify.evidence.ledger import Write
from session_classify.evidence.records import changes, mentioned_ids, record_id
from session_classify.evidence.tool_results import Reading
from session_classify.model import Turn
from session_classify.report.budget import Part, Slot
from session_classify.report.shrink import Layout, Line, inline, lay_out
from session_classify.report.text import clip, one_line, visible
from session_classify.vocabulary import Outcome, ToolKind

_ARGUMENTS = 600
_WORD = re.compile(r"#?\w[\w-]{3,60}")
_SHORT_RESULT = 80
"""A result of up to so many characters stands on the line of its call."""
_LAID_OUT_TEXT = 60_000
"""Characters of a text result that are looked at; more is read with `show`."""


@dataclass(frozen=True, slots=True)
class CallView:
    """One call on a line, and its result when that does not fit there."""

    id: str
    head: str
    arguments: str
    ended: str
    result: Slot | None = None


@dataclass(frozen=True, slots=True)
class StepView:
    """What the model said between two calls, and the calls that followed."""

    text: Slot | None
    calls: tuple[CallView, ...]


@dataclass(frozen=True, slots=True)
class TurnView:
    """One turn; `user` and `final` are None where the trace holds no such text."""

    turn: Turn
    user: Slot | None
    context: tuple[tuple[str, Slot], ...]
    steps: tuple[StepView, ...]
    final: Slot | None
    counts: str
    """The calls by tool and outcome, for when there is no room for their lines."""

    @property
    def slots(self) -> list[Slot]:
        """Every place of the turn whose content may be shortened."""
        found = [self.user, self.final, *(slot for _, slot in self.context)]
        found.extend(step.text for step in self.steps)
        found.extend(call.result for step in self.steps for call in step.calls)
        return [slot for slot in found if slot is not None]


def turn_views(evidence: Evidence) -> tuple[TurnView, ...]:
    """Lay out every turn once; how much of it is shown is decided later."""
    readings = {reading.call.id: reading for reading in evidence.readings}
    writes = {write.call.id: write for write in evidence.writes}
    layout = _layout(evidence)
    seen: dict[str, Reading] = {}
    views = []
    for turn in evidence.session.turns:
        ends = turn.number in (1, len(evidence.session.turns))
        part = Part.ENDS if ends else Part.MIDDLE
        steps = []
        for iteration in turn.iterations:
            said = iteration.text if iteration.text != turn.final_text else ""
            steps.append(
                StepView(
                    text=_text_slot(said, Part.STEPS) if said.strip() else None,
                    calls=tuple(
                        _call_view(readings[call.id], writes.get(call.id), seen, layout)
                        for call in iteration.tool_calls
                    ),
                )
            )
        views.append(
            TurnView(
                turn=turn,
                user=_text_slot(turn.user_text, Part.USER) if turn.user_text else None,
                context=tuple((b.name, _text_slot(b.text, Part.READS)) for b in turn.context),
                steps=tuple(step for step in steps if step.text or step.calls),
                final=_text_slot(turn.final_text, part) if turn.final_text else None,
                counts=_counts(turn, readings),
            )
        )
    return tuple(views)


def _text_slot(text: str, part: Part) -> Slot:
    return Slot(part, text=visible(text).strip("\n"))


def _layout(evidence: Evidence) -> Layout:
    """Return the ids that calls are made with and answers name, apart from the ledger's."""
    session = evidence.session
    called = {key for call in session.tool_calls for key in mentioned_ids(call.arguments)}
    answered = {word for t in session.turns for word in _WORD.findall(t.final_text or "")}
    told = {resolved.id for write in evidence.writes for resolved in write.resolved}
    return Layout(frozenset((called | answered) - told), frozenset(told))


def _call_view(
    reading: Reading, write: Write | None, seen: dict[str, Reading], layout: Layout
) -> CallView:
    call = reading.call
    if write is not None:
        ended = f"{write.outcome.value}: {one_line(write.why)}"
        return CallView(call.id, f"{call.id} = {write.id} {one_line(call.name)}", "", ended)
    arguments = clip(inline(call.arguments, _ARGUMENTS), _ARGUMENTS)
    view = CallView(call.id, f"{call.id} {one_line(call.name)}", arguments, _ended(reading))
    part = Part.READS if call.kind is ToolKind.READ else Part.RESULTS
    key = record_id(reading.data) if isinstance(reading.data, dict) else ""
    before = seen.get(f"{call.name} {key}") if key else None
    if key:
        seen[f"{call.name} {key}"] = reading
    if call.result is None:
        return replace(view, ended=f"{view.ended} (no answer in the trace)")
    if before is not None and before.outcome is reading.outcome is Outcome.CONFIRMED:
        diff = changes(before.data, reading.data)
        if not diff:
            return replace(view, ended=f"the same as {before.call.id}")
        lines = tuple(Line(f"{c.path}: {inline(c.before)} → {inline(c.after)}") for c in diff)
        shown = f"{view.ended}, changed since {before.call.id}:"
        return replace(view, ended=shown, result=Slot(part, lines=lines, indent="  "))
    return _with_result(view, reading, part, layout)


def _with_result(view: CallView, reading: Reading, part: Part, layout: Layout) -> CallView:
    if isinstance(reading.data, dict | list):
        lines = lay_out(reading.data, layout) if reading.data else ()
        short = [line.text for line in lines if len(line.text) <= _SHORT_RESULT]
        if len(lines) > 1 or (lines and not short):
            return replace(view, result=Slot(part, lines=lines, indent="  "))
        return replace(view, ended=": ".join([view.ended, *short]))
    text = visible(clip(reading.call.result or "", _LAID_OUT_TEXT)).strip("\n")
    if len(text) > _SHORT_RESULT or "\n" in text:
        return replace(view, result=Slot(part, text=text, indent="  "))
    return replace(view, ended=f"{view.ended}: {text}" if text else view.ended)


def _ended(reading: Reading) -> str:
    if reading.outcome in (Outcome.CONFIRMED, Outcome.UNKNOWN):
        return "ok" if reading.call.kind is ToolKind.READ else reading.outcome.value
    if reading.call.error:
        return f"{reading.outcome.value} ({one_line(reading.call.error)})"
    return reading.outcome.value


def _counts(turn: Turn, readings: dict[str, Reading]) -> str:
    count = Counter(
        f"{one_line(call.name)} {_ended(readings[call.id])}" for call in turn.tool_calls
    )
    return ", ".join(f"{text} ×{n}" if n > 1 else text for text, n in count.items())
