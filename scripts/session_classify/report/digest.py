"""The digest: everything a reader needs to judge a session, in a bounded number of characters."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from session_classify.evidence.findings import Evidence
from session_classify.model import Coverage, Finding
from session_classify.report.budget import NOTHING, Budget, Part, Slot, fit
from session_classify.report.conversation import TurnView, turn_views
from session_classify.report.detail import DETAILS, Detail
from session_classify.report.ledger_view import (
    WriteView,
    outcome_counts,
    unknown_calls,
    unopened,
    write_counts,
    write_views,
)
from session_classify.report.render import render
from session_classify.report.rules import fold, session_words
from session_classify.report.text import visible
from session_classify.vocabulary import DIGEST_LIMIT, FAILED_OUTCOMES, RECONCILIATION_KINDS

_MOST_RULES = 8_000
_TRIES = 4
_SPARE = 200
"""Characters that a digest may leave unused without another try."""
_BLANK_LINES = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Frame:
    """What a digest says about the case itself, beside the evidence."""

    case: str
    """The case directory as it is passed to other verbs."""
    nonce: str
    """Closes the fence around trace text; derived from the raw data, so no trace can hold it."""
    coverage: Coverage
    profile: str


@dataclass(frozen=True, slots=True)
class Digest:
    """The text, and the numbers of the turns that it shows."""

    text: str
    turns: frozenset[int]


def digest(evidence: Evidence, frame: Frame, limit: int = DIGEST_LIMIT) -> Digest:
    """Return the digest of a case in at most `limit` characters.

    Texts are shortened part by part (`budget.Part`); only where that is not enough do lists turn
    into counts, and last of all do middle turns go, which is said and makes them unread.
    """
    turns = turn_views(evidence)
    writes = write_views(evidence)
    for detail in DETAILS:
        page = _Page(evidence, frame, turns, writes, detail)
        text = _fitted(page, limit, detail.rounds)
        if text is not None:
            return Digest(text, page.shown_turns)
    longest = page.text(fit(page.slots, 0, len(DETAILS)))
    return Digest(_cut(longest, frame, limit), page.shown_turns)


def _fitted(page: "_Page", limit: int, rounds: int) -> str | None:
    """Return the fullest rendering of a page that keeps the limit; None when there is none.

    What is printed around the slots is known only after rendering, and slots give way by whole
    lines; a few tries bring the room close to the limit.
    """
    room = limit - len(page.text(NOTHING))
    best = None
    for _ in range(_TRIES):
        budget = fit(page.slots, room, rounds)
        if not budget.fits:
            break
        text = page.text(budget)
        spare = limit - len(text)
        if spare >= 0 and (best is None or len(text) > len(best)):
            best = text
        if 0 <= spare < _SPARE or (spare >= 0 and not any(map(budget.cuts, page.slots))):
            break
        room += spare
    return best


def _cut(text: str, frame: Frame, limit: int) -> str:
    """Cut what no shortening could fit, and close the fence once all the same."""
    tail = render("digest_cut.md.j2", frame=frame)
    kept = text[: limit - len(tail)]
    return kept.partition(f"\n>>>>>>>> end of trace data {frame.nonce}")[0] + tail


class _Page:
    """The digest of one level of detail, printable under any budget."""

    def __init__(
        self,
        evidence: Evidence,
        frame: Frame,
        turns: tuple[TurnView, ...],
        writes: tuple[WriteView, ...],
        detail: Detail,
    ) -> None:
        self._evidence = evidence
        self._frame = frame
        self._writes = writes[: detail.writes]
        last = len(turns)
        self._turns = [
            view
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
        self._rules = [
            Slot(Part.RULES, text=_BLANK_LINES.sub("\n", visible(policy.text)).strip("\n"))
            for policy in evidence.session.policies
        ]
        self._words = session_words(evidence.session)
        self._detail = detail
        self.shown_turns = frozenset(view.turn.number for view in self._turns)

    @property
    def slots(self) -> list[Slot]:
        """Every place whose content may be shortened."""
        found = list(self._rules)
        for view in self._turns:
            if view.turn.number not in self._counted:
                found.extend(view.slots)
            elif not self._detail.one_line:
                found.extend(_texts(view))
        found.extend(write.details for write in self._writes)
        return found

    def text(self, budget: Budget) -> str:
        """Render the page; a slot shows as much as the budget gives it."""
        session = self._evidence.session
        findings = [f for f in self._evidence.findings if not f.id.startswith("write")]
        kinds = {f.id: f.id.rstrip("0123456789") for f in findings}
        late = [f for f in findings if kinds[f.id] in RECONCILIATION_KINDS]
        judged = [f for f in findings if kinds[f.id] in ("eval", "feedback")]
        rest = sorted(
            (f for f in findings if f not in late and f not in judged),
            key=lambda f: (not f.needs_reading, f.turn or 0),
        )
        most = self._detail.findings
        return render(
            "digest.md.j2",
            session=session,
            frame=self._frame,
            rules=[self._rule(slot, budget) for slot in self._rules],
            turns=self._turns,
            left_turns=[t.number for t in session.turns if t.number not in self.shown_turns],
            counted=self._counted,
            arguments=self._detail.arguments,
            one_line=self._detail.one_line,
            writes=self._writes,
            write_total=len(self._evidence.writes),
            write_outcomes=outcome_counts(self._evidence.writes),
            more_writes=write_counts(self._evidence.writes[len(self._writes) :]),
            unopened=unopened(self._evidence),
            unknown=unknown_calls(self._evidence),
            findings=rest[:most],
            more_findings=_by_rule(rest[most:]),
            judged=judged[:most],
            more_judged=_by_rule(judged[most:]),
            late=late,
            cut=self._cut_ids(budget),
            show=lambda slot: slot.show(budget.cap(slot)),
        )

    def _rule(self, slot: Slot, budget: Budget) -> tuple[str, int, int]:
        cap = min(budget.cap(slot), _MOST_RULES)
        text, folded = fold(slot.text, self._words, cap) if cap > 0 else ("", 0)
        return Slot(Part.RULES, text=text).show(cap), folded, len(slot.text)

    def _cut_ids(self, budget: Budget) -> Mapping[str, list[str]]:
        """Return what is not shown whole, by the words that `show` takes."""
        cut: dict[str, list[str]] = {"turn": [], "id": []}
        if budget is NOTHING:
            return cut
        for view in self._turns:
            counted = view.turn.number in self._counted
            if (counted and self._detail.one_line) or any(map(budget.cuts, _texts(view))):
                cut["turn"].append(str(view.turn.number))
            if counted:
                continue
            for step in view.steps:
                for call in step.calls:
                    if call.result is not None and budget.cuts(call.result):
                        cut["id"].append(call.id)
        cut["id"].extend(write.id for write in self._writes if budget.cuts(write.details))
        return {word: _ranges(ids) for word, ids in cut.items()}


def _telling_turns(evidence: Evidence) -> set[int]:
    """Return the turns in which something failed or has to be read, the first twenty of them."""
    found = {
        finding.turn
        for finding in evidence.findings
        if finding.turn is not None
        and (finding.needs_reading or finding.outcome in FAILED_OUTCOMES)
    }
    return set(sorted(found)[:20])


def _ranges(ids: list[str]) -> list[str]:
    """Join neighbours: `tool2, tool3, tool4, write1` is `tool2 to tool4, write1`."""
    runs: list[list[str]] = []
    for name in ids:
        kind = name.rstrip("0123456789")
        before = f"{kind}{int(name.removeprefix(kind)) - 1}"
        if runs and runs[-1][-1] == before:
            runs[-1].append(name)
        else:
            runs.append([name])
    return [run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]


def _texts(view: TurnView) -> list[Slot]:
    found = [view.user, view.final, *(step.text for step in view.steps)]
    return [slot for slot in found if slot is not None]


def _by_rule(findings: list[Finding]) -> str:
    count = Counter(finding.rule for finding in findings)
    return ", ".join(f"{rule} ×{n}" for rule, n in count.items())
