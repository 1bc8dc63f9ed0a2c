"""The digest at one level of detail, printable under any budget."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec

from session_classify.digest.budget import NOTHING, Budget, Part, Slot
from session_classify.digest.completeness import completeness
from session_classify.digest.conversation import TurnView, with_most
from session_classify.digest.detail import Detail
from session_classify.digest.ledger_view import (
    WriteView,
    outcome_counts,
    unknown_calls,
    unopened,
    write_counts,
)
from session_classify.digest.sources import is_from_whole_content, not_applicable, source_lines
from session_classify.digest.system_prompt import fold, new_lines, session_words
from session_classify.evidence.findings import Evidence
from session_classify.instants import apart, stamp
from session_classify.lazy import lazy_pattern
from session_classify.model import Coverage, Finding, Session, kind_of
from session_classify.printing.render import render
from session_classify.printing.text import clip, digest_line, visible
from session_classify.vocabulary import FAILED_OUTCOMES, RECONCILIATION_KINDS, Tier

_BLANK_LINES = lazy_pattern(r"\n\s*\n")


class CaseHeader(msgspec.Struct, frozen=True):
    """The data of a digest about the case itself."""

    program: str
    """The program to type: `session-classify`, or the launcher's path."""
    case: str
    """The case directory as an argument of other commands."""
    nonce: str
    """Ends the fence around trace text; derived from the raw data, so no trace can contain it."""
    coverage: Coverage
    rules_above: str = ""
    """The id of a session whose digest stands above and has the same rules."""
    is_labelled: bool = False
    """A person labels the session: no command for a verdict is named."""


class DigestLayout:
    """The content of a digest at one level of detail; `text` renders it under a budget."""

    def __init__(
        self,
        evidence: Evidence,
        frame: CaseHeader,
        turns: tuple[TurnView, ...],
        writes: tuple[WriteView, ...],
        detail: Detail,
    ) -> None:
        session, last = evidence.session, len(turns)
        self._detail = detail
        self._writes = writes[: detail.writes]
        self._turns = [
            with_most(view, detail.calls)
            for view in turns
            if view.turn.number <= detail.turns or view.turn.number > last - detail.turns
        ]
        telling = _telling_turns(evidence)
        self._counted = {
            view.turn.number
            for view in turns
            if detail.full_turns < view.turn.number <= last - detail.full_turns
            and view.turn.number not in telling
        }
        self._words = session_words(session)
        self._rules = [] if frame.rules_above else _rule_slots(session)
        self.shown_turns = frozenset(view.turn.number for view in self._turns)
        self.slots = self._all_slots()
        self._fixed: dict[str, Any] = {
            "session": session,
            "model_calls": sum(turn.model_calls for turn in session.turns),
            "sources": [] if is_from_whole_content(session) else source_lines(session),
            "missing": completeness(session, frame.coverage),
            "frame": frame,
            "turns": self._turns,
            "left_turns": [t.number for t in session.turns if t.number not in self.shown_turns],
            "counted": self._counted,
            "arguments": detail.arguments,
            "one_line": detail.one_line,
            "writes": self._writes,
            "write_total": len(evidence.writes),
            "write_outcomes": outcome_counts(evidence.writes),
            "more_writes": write_counts(evidence.writes[len(self._writes) :]),
            "unopened": unopened(evidence),
            "unknown": unknown_calls(evidence),
            "moment": lambda finding: _moment(finding, session),
            **_grouped(evidence, detail.findings),
        }

    def text(self, budget: Budget) -> str:
        """Render the digest; each slot is shortened as the budget requires."""
        return render(
            "digest.md.j2",
            **self._fixed,
            rules=[self._rule(slot, budget) for slot in self._rules],
            cut=self._cut_ids(budget),
            cut_size=sum(max(s.length - budget.cap(s), 0) for s in self.slots),
            show=lambda slot: slot.show(budget.cap(slot)),
        )

    def _all_slots(self) -> list[Slot]:
        """Return all parts that may be shortened."""
        found = list(self._rules)
        for view in self._turns:
            if view.turn.number not in self._counted:
                found.extend(view.slots)
            elif not self._detail.one_line:
                found.extend(_texts(view))
        found.extend(write.details for write in self._writes)
        return found

    def _rule(self, slot: Slot, budget: Budget) -> tuple[str, int, int]:
        cap = budget.cap(slot)
        text, folded = fold(slot.text, self._words, cap) if cap > 0 else ("", 0)
        return Slot(Part.RULES, text=text).show(cap), folded, len(slot.text)

    def _cut_ids(self, budget: Budget) -> Mapping[str, list[str]]:
        """Return what is not shown in full, by the arguments of `show`."""
        cut: dict[str, list[str]] = {"turn": [], "id": [], "policy": []}
        if budget is NOTHING:
            return cut
        if any(slot.length > budget.cap(slot) for slot in self._rules):
            cut["policy"].append("the app's rules")
        for view in self._turns:
            counted = view.turn.number in self._counted
            if (
                (counted and (self._detail.one_line or view.counts))
                or any(llm_call.left for llm_call in view.llm_calls)
                or any(map(budget.hides, _texts(view)))
            ):
                cut["turn"].append(str(view.turn.number))
            if counted:
                continue
            for llm_call in view.llm_calls:
                for call in llm_call.calls:
                    hidden = call.result is not None and budget.hides(call.result)
                    if hidden or call.shortened or len(call.arguments) > self._detail.arguments:
                        cut["id"].append(call.id)
        cut["id"].extend(write.id for write in self._writes if budget.hides(write.details))
        return {word: _ranges(ids) if word != "policy" else ids for word, ids in cut.items()}


def _grouped(evidence: Evidence, most: int) -> dict[str, Any]:
    """Group the findings: to be read, evaluations, user behaviour."""
    kinds = {f.id: kind_of(f.id) for f in evidence.findings}
    found = [f for f in evidence.findings if kinds[f.id] != "write"]
    judged = [f for f in found if kinds[f.id] in ("eval", "feedback")]
    rest = [f for f in found if kinds[f.id] not in {"eval", "feedback", *RECONCILIATION_KINDS}]
    rest.sort(key=lambda f: (not f.needs_reading, f.turn or 0))
    # Higher tiers come first; within a tier the order of kinds and of time is kept.
    late = [f for f in found if kinds[f.id] in RECONCILIATION_KINDS]
    late.sort(key=lambda f: list(Tier).index(f.tier))
    return {
        "findings": rest[:most],
        "more_findings": _by_rule(rest[most:]),
        "judged": judged[:most],
        "more_judged": _by_rule(judged[most:]),
        "not_applicable": not_applicable(evidence.session),
        "late": late[:most],
        "more_late": _by_rule(late[most:]),
    }


def _moment(finding: Finding, session: Session) -> str:
    """Return when something around a session happened, with its distance from a turn."""
    at = finding.instant
    if at is None:
        return ""
    before = [turn for turn in session.turns if turn.end <= at]
    during = next((turn for turn in session.turns if turn.start <= at <= turn.end), None)
    if during is not None:
        place = f"{apart(at - during.start)} into turn {during.number}"
    elif before:
        last = max(before, key=lambda turn: turn.end)
        place = f"{apart(at - last.end)} after turn {last.number}"
    else:
        place = f"{apart(session.turns[0].start - at)} before turn 1"
    return f"{stamp(at)}, {place}"


def _telling_turns(evidence: Evidence) -> set[int]:
    """Return the turns with failures or findings to read, at most the first twenty."""
    found = {
        finding.turn
        for finding in evidence.findings
        if finding.turn is not None
        and (finding.needs_reading or finding.outcome in FAILED_OUTCOMES)
    }
    return set(sorted(found)[:20])


def _ranges(ids: list[str]) -> list[str]:
    """Join consecutive ids: `tool2, tool3, tool4, write1` becomes `tool2 to tool4, write1`."""
    runs: list[list[str]] = []
    for name in ids:
        kind = kind_of(name)
        before = f"{kind}{int(name.removeprefix(kind)) - 1}"
        if runs and runs[-1][-1] == before:
            runs[-1].append(name)
        else:
            runs.append([name])
    return [run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]


def _rule_slots(session: Session) -> list[Slot]:
    """Return the system prompts; of later ones only new lines (`system_prompt.new_lines`)."""
    known: set[str] = set()
    slots = []
    for system_prompt in session.system_prompts:
        text = _BLANK_LINES.sub("\n", visible(system_prompt.text)).strip("\n")
        slots.append(Slot(Part.RULES, text=new_lines(text, known)))
        known.update(text.split("\n"))
    return slots


def _texts(view: TurnView) -> list[Slot]:
    found = [
        view.user,
        view.final,
        view.expected,
        view.outline,
        *(slot for _, slot in view.context),
        *(llm_call.text for llm_call in view.llm_calls),
        *(llm_call.reasoning for llm_call in view.llm_calls),
    ]
    return [slot for slot in found if slot is not None]


def _by_rule(findings: list[Finding]) -> str:
    count = Counter(clip(digest_line(finding.rule), 80) for finding in findings)
    return ", ".join(f"{rule} ×{n}" for rule, n in count.items())
