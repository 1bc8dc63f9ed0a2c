"""Refuse a `yes` while findings against it are not answered, or its content is missing.

Source: `references/sources/rules.md#check`.
"""

from collections.abc import Iterator

from session_classify.evidence.conversation.gaps import rests_on_missing
from session_classify.evidence.conversation.ledger import Write
from session_classify.evidence.findings import Evidence
from session_classify.model import Finding, kind_of
from session_classify.verdict.intents import last_intent
from session_classify.verdicts import Refusal, Verdict
from session_classify.vocabulary import FAILED_OUTCOMES, Direction, Outcome, Satisfaction


def unanswered(verdict: Verdict, evidence: Evidence) -> Iterator[Refusal]:
    """Refuse a `yes` that neither cites nor dismisses a failed write or an unbacked claim."""
    if Satisfaction.YES not in (verdict.verdict, verdict.trace_verdict):
        return
    dismissed = frozenset(verdict.dismissed)
    cited = frozenset((*verdict.cited, *verdict.confirmed))
    for finding in evidence.findings:
        names = {finding.id, *finding.calls}
        bad = _speaks_against(finding)
        if bad and names & frozenset(verdict.confirmed):
            yield Refusal(
                "yes-with-confirmed-failure",
                f"`yes` although {finding.id} is confirmed: {finding.summary}",
                f"--dismiss {finding.id}='…' if it does not count, or change the verdict",
            )
        if finding.outcome is Outcome.WAITING and not names & (dismissed | cited):
            yield Refusal(
                "approval-unanswered",
                f"`yes` although {finding.id} was not done ({finding.summary})",
                f"cite {finding.id} when asking was all that was wanted, "
                f"or --dismiss {finding.id}='…', or change the verdict",
            )
        if not bad or names & dismissed:
            continue
        if finding.id.startswith("write") and not _made_good(finding, cited, evidence):
            yield Refusal(
                "write-unanswered",
                f"`yes` although {finding.id} did not happen ({finding.summary})",
                f"{_way_out(finding, evidence)}, or change the verdict",
            )
        elif finding.id.startswith("claim") and not names & cited:
            yield Refusal(
                "claim-unanswered",
                f"`yes` although {finding.id} in turn {finding.turn} stands: "
                f"an effect was stated and no confirmed write shows it",
                f"--dismiss {finding.id}='…' if it is none, or change the verdict",
            )
        elif finding.id.startswith("end"):
            yield Refusal(
                "go-ahead-unanswered",
                f"`yes` although {finding.id} in turn {finding.turn} stands: {finding.summary}",
                f"--dismiss {finding.id}='…' if the user wanted nothing more, "
                "or change the verdict",
            )
        elif finding.id.startswith("expected"):
            yield Refusal(
                "expectation-unanswered",
                f"`yes` although {finding.id} in turn {finding.turn} stands: {finding.summary}",
                f"--dismiss {finding.id}='…' if the output is right all the same, "
                "or change the verdict",
            )


def unrecorded(verdict: Verdict, evidence: Evidence) -> Iterator[Refusal]:
    """Refuse a `yes` that rests on a turn whose content is missing, until its gap is dismissed.

    It rests on the turns that it cites, by themselves or by a call or finding in them, and on the
    last turn in which the user wanted something: that is where the session ended.
    """
    if Satisfaction.YES not in (verdict.verdict, verdict.trace_verdict):
        return
    rests_on = {last_intent(evidence.session), *_cited_turns(verdict, evidence)}
    missing = {t.number for t in evidence.session.turns if rests_on_missing(t)} & rests_on
    for finding in evidence.findings:
        is_gap = kind_of(finding.id) == "gap" and finding.turn in missing
        if is_gap and finding.id not in verdict.dismissed:
            yield Refusal(
                "gap-unanswered",
                f"`yes` rests on turn {finding.turn}, whose content is missing: {finding.summary}",
                f"say what shows it all the same: --dismiss {finding.id}='…', "
                "or fetch the content, or change the verdict",
            )


def _cited_turns(verdict: Verdict, evidence: Evidence) -> set[int]:
    """Return the turns that a verdict cites, by themselves or by what is in them."""
    cited = {*verdict.cited, *verdict.confirmed}
    turns = [finding.turn for finding in evidence.findings if finding.id in cited]
    turns += [
        turn.number
        for turn in evidence.session.turns
        if cited & {f"turn{turn.number}", *(call.id for call in turn.tool_calls)}
    ]
    return {number for number in turns if number is not None}


def _speaks_against(finding: Finding) -> bool:
    """Return whether a finding, if not dismissed, contradicts a `yes`."""
    if finding.id.startswith("write"):
        return finding.outcome in FAILED_OUTCOMES
    return finding.id.startswith("claim") or (
        finding.id.startswith(("expected", "end")) and finding.direction is Direction.NEGATIVE
    )


def _later(failed: Finding, evidence: Evidence) -> tuple[Write, ...]:
    write = next(write for write in evidence.writes if write.id == failed.id)
    return evidence.made_good(write)


def _made_good(failed: Finding, cited: frozenset[str], evidence: Evidence) -> bool:
    """Return whether a failed write is cited together with a later one that made it good."""
    if not {failed.id, *failed.calls} & cited:
        return False
    return any({write.id, write.call.id} & cited for write in _later(failed, evidence))


def _way_out(failed: Finding, evidence: Evidence) -> str:
    """Return how a reader answers a failed write: with the write that made it good, if any."""
    dismiss = f"--dismiss {failed.id}='…'"
    later = _later(failed, evidence)
    if later:
        return f"cite {failed.id} together with {later[-1].id}, which made it good, or {dismiss}"
    return f"no later write did the same on the same target: {dismiss} if it does not count"
