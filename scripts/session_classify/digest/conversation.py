"""The turns of a session as a digest shows them: texts, and one line for each call."""

from collections import Counter

import msgspec
from msgspec.structs import replace

from session_classify.digest.budget import Part, Slot
from session_classify.digest.detail import FIELD
from session_classify.evidence.conversation.approvals import is_pause
from session_classify.evidence.conversation.endings import is_goodbye, is_open
from session_classify.evidence.conversation.ledger import Write, went_on
from session_classify.evidence.conversation.records import changes, mentioned_ids, record_id
from session_classify.evidence.conversation.tool_results import ToolResult
from session_classify.evidence.findings import Evidence
from session_classify.lazy import lazy_pattern
from session_classify.masks import is_masked
from session_classify.model import JsonValue, ToolCall, Turn
from session_classify.printing.lines import Layout, Line, inline, is_shortened
from session_classify.printing.shrink import lay_out
from session_classify.printing.text import clip, digest_line, digest_name, visible
from session_classify.vocabulary import FAILED_OUTCOMES, Outcome, ToolKind

_WORD = lazy_pattern(r"#?\w[\w-]{3,60}")
_LAID_OUT_TEXT = 60_000
"""Characters of a text result that are formatted; `show` prints all of it."""


class CallView(msgspec.Struct, frozen=True):
    """One call on a line, and its result if that does not fit on the line."""

    id: str
    head: str
    arguments: str
    ended: str
    result: Slot | None = None
    failed: bool = False

    @property
    def shortened(self) -> bool:
        """Some of the call's own line is cut."""
        return is_shortened(self.arguments) or is_shortened(self.ended)


class LlmCallView(msgspec.Struct, frozen=True):
    """The text of one LLM call, and the tool calls that followed."""

    text: Slot | None
    calls: tuple[CallView, ...]
    left: int = 0
    """Calls omitted after these, for lack of space."""
    reasoning: Slot | None = None
    """The model's reasoning before these calls; it was not sent to the user."""


class TurnView(msgspec.Struct, frozen=True):
    """One turn; `user` and `final` are None where the trace has no such text."""

    turn: Turn
    user: Slot | None
    context: tuple[tuple[str, Slot], ...]
    llm_calls: tuple[LlmCallView, ...]
    final: Slot | None
    expected: Slot | None
    """The expected output of an experiment's record."""
    outline: Slot | None
    """The spans by name, where only the structure can be read."""
    not_read: str
    """The message parts that are not decoded, by name and count."""
    counts: str
    """The calls by tool and outcome, printed if there is no space for their lines."""
    is_end: bool = False
    """The user says goodbye, and the session ends there."""

    @property
    def is_paused(self) -> bool:
        """The turn's error is none: it stopped to ask a person."""
        return is_pause(self.turn.error)

    @property
    def slots(self) -> list[Slot]:
        """All parts of the turn that may be shortened."""
        found = [self.user, self.final, self.expected, self.outline]
        found.extend(slot for _, slot in self.context)
        found.extend(llm_call.text for llm_call in self.llm_calls)
        found.extend(llm_call.reasoning for llm_call in self.llm_calls)
        found.extend(call.result for llm_call in self.llm_calls for call in llm_call.calls)
        return [slot for slot in found if slot is not None]


def turn_views(evidence: Evidence, field: int = FIELD) -> tuple[TurnView, ...]:
    """Format every turn once; the budget decides later how much of it is shown.

    `field` is the most characters of one value.
    """
    readings = {reading.call.id: reading for reading in evidence.readings}
    writes = {write.call.id: write for write in evidence.writes}
    layout = _layout(evidence, field)
    seen: dict[str, ToolResult] = {}
    views = []
    last = len(evidence.session.turns)
    # The text right before a write is the proposal that the user agreed to.
    proposing = {write.turn - 1 for write in evidence.writes}
    for turn in evidence.session.turns:
        part = Part.ENDS if turn.number in {1, last} | proposing else Part.MIDDLE
        llm_calls = []
        for iteration in turn.iterations:
            said = iteration.text if iteration.text != turn.final_text else ""
            text = _text_slot(said, Part.STEPS) if said.strip() else None
            calls = []
            for call in iteration.tool_calls:
                view = _call_view(readings[call.id], writes.get(call.id), seen, layout)
                calls.append(_without_repetition(view, call, said, field) if text else view)
            thought = iteration.reasoning
            reasoning = _text_slot(thought, Part.STEPS) if thought.strip() else None
            llm_calls.append(LlmCallView(text, tuple(calls), reasoning=reasoning))
        if turn.number == last:
            llm_calls = _closing(llm_calls)
        views.append(
            TurnView(
                turn=turn,
                user=_text_slot(turn.user_text, Part.USER) if turn.user_text else None,
                context=tuple((b.name, _text_slot(b.text, Part.READS)) for b in turn.context),
                llm_calls=tuple(one for one in llm_calls if one.text or one.calls or one.reasoning),
                final=_text_slot(turn.final_text, part) if turn.final_text else None,
                expected=_text_slot(turn.expected_text, part) if turn.expected_text else None,
                outline=_text_slot(outline_text(turn), Part.READS) if turn.outline else None,
                not_read=_not_read(turn),
                counts=_counts(turn, readings),
                is_end=turn.number == last and is_open(turn) and is_goodbye(turn.user_text or ""),
            )
        )
    return tuple(views)


def outline_text(turn: Turn) -> str:
    """Return the spans of a turn by name and kind, indented by depth."""
    return "\n".join(
        "  " * min(line.depth, 12)
        + f"{digest_line(line.name) or '(no name)'} ({digest_line(line.kind) or 'no kind'})"
        + (f" ×{line.count}" if line.count > 1 else "")
        + (f", status {digest_line(line.status)}" if line.status != "ok" else "")
        for line in turn.outline
    )


def with_most(view: TurnView, most: int) -> TurnView:
    """Return the turn with at most `most` calls: its first, its last, and the first failed ones."""
    calls = [call for llm_call in view.llm_calls for call in llm_call.calls]
    if len(calls) <= most:
        return view
    third = max(most // 3, 1)
    failed = [call for call in calls[third:-third] if call.failed][:third]
    kept = {call.id for call in (*calls[:third], *failed, *calls[-third:])}
    llm_calls: list[LlmCallView] = []
    for llm_call in view.llm_calls:
        shown = tuple(call for call in llm_call.calls if call.id in kept)
        left = len(llm_call.calls) - len(shown)
        if shown or not llm_call.calls or not llm_calls:
            llm_calls.append(replace(llm_call, calls=shown, left=left))
        else:
            llm_calls[-1] = replace(llm_calls[-1], left=llm_calls[-1].left + left)
    return replace(view, llm_calls=tuple(llm_calls))


def _without_repetition(view: CallView, call: ToolCall, said: str, field: int) -> CallView:
    """Drop arguments that the LLM call's text contains, as coding agents repeat commands."""
    if not isinstance(call.arguments, dict):
        return view
    repeated = {
        key: "(as the text above says)"
        for key, value in call.arguments.items()
        if isinstance(value, str) and len(value.strip()) > 40 and value.strip() in said
    }
    if not repeated:
        return view
    return replace(view, arguments=_arguments_text({**call.arguments, **repeated}, field))


def _closing(llm_calls: list[LlmCallView]) -> list[LlmCallView]:
    """Make the last result of a session the last to be shortened: it shows the final state."""
    if not llm_calls or not llm_calls[-1].calls or llm_calls[-1].calls[-1].result is None:
        return llm_calls
    *calls, call = llm_calls[-1].calls
    closing = replace(call, result=replace(call.result, part=Part.ENDS)) if call.result else call
    return [*llm_calls[:-1], replace(llm_calls[-1], calls=(*calls, closing))]


def _text_slot(text: str, part: Part) -> Slot:
    return Slot(part, text=visible(text).strip("\n"))


def _arguments_text(arguments: JsonValue, field: int) -> str:
    return clip(inline(arguments, 2 * field), 2 * field)


def _layout(evidence: Evidence, field: int) -> Layout:
    """Return the ids in call arguments and answers, and separately those of the ledger."""
    session = evidence.session
    called = {key for call in session.tool_calls for key in mentioned_ids(call.arguments)}
    answered = {word for t in session.turns for word in _WORD.findall(t.final_text or "")}
    told = {resolved.id for write in evidence.writes for resolved in write.resolved}
    return Layout(frozenset((called | answered) - told), frozenset(told), cell=field)


def _call_view(
    reading: ToolResult, write: Write | None, seen: dict[str, ToolResult], layout: Layout
) -> CallView:
    call = reading.call
    if write is not None:
        ended = f"{write.outcome.value}{write.decided}"
        head = f"{call.id} = {write.id} {digest_name(call.name)}"
        return CallView(call.id, head, "", ended, failed=write.failed)
    head = f"{call.id} {digest_name(call.name)}"
    if went_on(reading):
        return CallView(
            call.id, head, _arguments_text(call.arguments, layout.cell), _ended(reading)
        )
    failed = reading.outcome in FAILED_OUTCOMES
    view = CallView(
        call.id, head, _arguments_text(call.arguments, layout.cell), _ended(reading), failed=failed
    )
    part = Part.READS if call.kind is ToolKind.READ else Part.RESULTS
    key = record_id(reading.data) if isinstance(reading.data, dict) else ""
    before = seen.get(f"{call.name} {key}") if key else None
    if key:
        seen[f"{call.name} {key}"] = reading
    if call.result is None:
        ended = f"{view.ended} (no answer in the trace)"
        return replace(view, ended=ended, result=_why(reading, part))
    if is_masked(call.result):
        return replace(view, ended=f"{view.ended} ({digest_line(reading.why)})")
    if before is not None and before.outcome is reading.outcome is Outcome.CONFIRMED:
        diff = changes(before.data, reading.data)
        if not diff:
            return replace(view, ended=f"the same as {before.call.id}")
        lines = tuple(
            Line(
                f"{digest_line(c.path)}: "
                f"{inline(c.before, layout.cell)} → {inline(c.after, layout.cell)}"
            )
            for c in diff
        )
        shown = f"{view.ended}, changed since {before.call.id}:"
        return replace(view, ended=shown, result=Slot(part, lines=lines, indent="  "))
    return _with_result(view, reading, part, layout)


def _why(reading: ToolResult, part: Part) -> Slot | None:
    """Return the trace's own words about how a call ended, for a call that has no result."""
    words = reading.call.error or ""
    return Slot(part, text=clip(visible(words), 2 * FIELD), indent="  ") if words else None


def _with_result(view: CallView, reading: ToolResult, part: Part, layout: Layout) -> CallView:
    failure = reading.call.error
    error = [Line(f"error: {clip(digest_line(failure), 2 * FIELD)}")] if failure else []
    if isinstance(reading.data, dict | list):
        lines = [*error, *(lay_out(reading.data, layout) if reading.data else ())]
        if reading.rest:
            lines.append(
                Line(f"text behind it: {clip(digest_line(reading.rest), 2 * layout.cell)}")
            )
        return replace(view, result=Slot(part, lines=tuple(lines), indent="  ") if lines else None)
    whole = reading.call.result or ""
    beyond = max(len(whole) - _LAID_OUT_TEXT, 0)
    if beyond:
        head = _LAID_OUT_TEXT * 2 // 3
        whole = whole[:head] + whole[len(whole) - (_LAID_OUT_TEXT - head) :]
    text = "\n".join(filter(None, [*(line.text for line in error), visible(whole).strip("\n")]))
    return replace(view, result=Slot(part, text=text, indent="  ", beyond=beyond) if text else None)


def _ended(reading: ToolResult) -> str:
    """Return how a call ended, in the digest's own words; a read is `ok`, no `confirmed`."""
    if reading.outcome is Outcome.CONFIRMED:
        return "ok"
    if reading.outcome is Outcome.UNKNOWN and reading.data is not None:
        return "answered"
    return "waiting" if reading.outcome is Outcome.WAITING else reading.outcome.value


def _not_read(turn: Turn) -> str:
    return ", ".join(
        digest_line(name) + (f" ×{n}" if n > 1 else "") for name, n in Counter(turn.unknown).items()
    )


def _counts(turn: Turn, readings: dict[str, ToolResult]) -> str:
    count = Counter(
        f"{digest_name(call.name)} {_ended(readings[call.id])}" for call in turn.tool_calls
    )
    return ", ".join(f"{text} ×{n}" if n > 1 else text for text, n in count.items())
