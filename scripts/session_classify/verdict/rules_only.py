"""The verdict without a reader: derived from recorded facts alone.

Source: `references/sources/rules.md#meaning`.
"""

from msgspec.structs import replace

from session_classify import __version__
from session_classify.evidence.conversation.approvals import is_pause
from session_classify.evidence.conversation.ledger import Write
from session_classify.evidence.findings import Evidence
from session_classify.model import Finding, Turn
from session_classify.printing.text import counted, name_of, one_line
from session_classify.verdict.finalize import VerdictContext, moved_by_rules
from session_classify.verdict.reconcile_rules import Rule
from session_classify.verdicts import Failure, Verdict
from session_classify.vocabulary import (
    FAILED_OUTCOMES,
    Confidence,
    ContentSource,
    Direction,
    JudgedBy,
    Outcome,
    Satisfaction,
    Tier,
)

_NOTE = "read off recorded facts; nobody read the texts"


def rules_only(evidence: Evidence, rules: tuple[Rule, ...]) -> Verdict:
    """Return the verdict from the facts of a session, moved by its user's behaviour.

    It does not understand the texts, so its confidence is low, except where explicit feedback or
    the audit trail decides, or where feedback is positive for a `yes`.
    """
    session = evidence.session
    read = replace(_read_off(evidence), unit=session.unit, id=session.id, version=__version__)
    ground = VerdictContext(evidence, frozenset(), read.confidence, rules)
    moved = moved_by_rules(read, ground)
    decided = [name for move in moved.moves for name in move.findings]
    content = [
        finding.id
        for finding in evidence.findings
        if finding.tier is Tier.EXPLICIT
        and finding.direction is Direction.POSITIVE
        and moved.verdict is Satisfaction.YES
    ]
    if any(name.startswith(("feedback", "audit")) for name in (*decided, *content)):
        cited = tuple(dict.fromkeys((*decided, *content, *moved.cited)))
        return replace(moved, confidence=Confidence.MEDIUM, cited=cited)
    return moved


def _read_off(evidence: Evidence) -> Verdict:
    """Return a verdict from claims, failed writes, records, errors and truncation.

    Claims and failures come first; a session without any is `yes`.
    """
    claims = [f for f in evidence.findings if f.id.startswith("claim")]
    if claims:
        claim = next((f for f in claims if f.rule == "claim-without-write"), claims[0])
        verdict, said = _CLAIMS[claim.rule]
        reason = f"the answer of turn {claim.turn} {said}"
        return _verdict(verdict, reason, Failure("hallucination"), claim.id)
    compared = [f for f in evidence.findings if f.id.startswith("expected")]
    if compared:
        return _by_record(compared, evidence)
    lost = [write for write in evidence.writes if write.failed and not evidence.made_good(write)]
    if lost:
        return _by_lost_writes(lost, evidence)
    ended = next((f for f in evidence.findings if f.id.startswith("end")), None)
    if ended:
        return _by_open_end(ended, evidence)
    strange = [f for f in evidence.findings if f.rule == "value-from-nowhere"]
    strange = [f for f in strange if f.direction is Direction.NEGATIVE]
    if strange:
        reason = f"in turn {strange[0].turn}, {strange[0].summary}"[:300]
        failure = Failure("wrong_tool_use")
        return _verdict(Satisfaction.PARTIAL, reason, failure, strange[0].id)
    return _by_ending(evidence)


_CLAIMS = {
    "claim-without-write": (Satisfaction.NO, "states an effect that no confirmed write shows"),
    "claim-half-backed": (Satisfaction.PARTIAL, "states an effect that confirmed writes half show"),
    "told-otherwise": (Satisfaction.PARTIAL, "tells another value than its write holds"),
}


def _by_record(compared: list[Finding], evidence: Evidence) -> Verdict:
    """Return the verdict on an experiment from its record; texts that differ are not compared."""
    missed = [f for f in compared if f.direction is Direction.NEGATIVE]
    if missed:
        reason = f"the output of turn {missed[0].turn} is not what the experiment's record wants"
        return _verdict(Satisfaction.NO, reason, Failure("wrong_answer"), missed[0].id)
    if all(f.direction is Direction.POSITIVE for f in compared):
        reason = "the output is what the experiment's record wants"
        return _verdict(Satisfaction.YES, reason, None, *(f.id for f in compared))
    ending = _by_ending(evidence)
    reason = f"{ending.reason}; nobody compared the output with the record"
    return replace(ending, reason=reason)


def _by_lost_writes(lost: list[Write], evidence: Evidence) -> Verdict:
    last = lost[-1]
    made = [write for write in evidence.writes if write.outcome is Outcome.CONFIRMED]
    failure = Failure("other", f"{last.outcome.value} write, not made good")
    ended = "was rejected by a person"
    if last.outcome is not Outcome.REJECTED:
        ended = f"ended as {last.outcome.value}"
    reason = f"{name_of(last.call.name)} in turn {last.turn} {ended}"
    if made:
        reason += f", while {counted(len(made), 'other write')} ended as confirmed"
    cited = tuple(write.id for write in lost)
    verdict = Satisfaction.PARTIAL if made else Satisfaction.NO
    return _verdict(verdict, reason, failure, *cited)


def _by_open_end(ended: Finding, evidence: Evidence) -> Verdict:
    """Return `no` for a go-ahead that nothing follows, and `partial` where less is known."""
    made = [write for write in evidence.writes if write.outcome is Outcome.CONFIRMED]
    is_fact = ended.direction is Direction.NEGATIVE
    said = "told the assistant to go ahead" if is_fact else "asked for something"
    reason = f"the user {said} in turn {ended.turn}, and nothing follows in the trace"
    if made:
        reason += f", while {counted(len(made), 'earlier write')} ended as confirmed"
    verdict = Satisfaction.NO if is_fact and not made else Satisfaction.PARTIAL
    return _verdict(verdict, reason, Failure("incomplete_answer"), ended.id)


def _by_ending(evidence: Evidence) -> Verdict:
    last = evidence.session.turns[-1]
    turn = f"turn{last.number}"
    broken = any(i.error or i.status == "error" for i in last.iterations if not is_pause(i.error))
    ended_badly = (last.status == "error" or last.error) and not is_pause(last.error)
    if ended_badly or (broken and not last.final_text):
        return _verdict(
            Satisfaction.NO,
            f"the last turn ended with an error: {one_line(_error(last) or 'status error')}"[:200],
            Failure("other", "the last turn ended with an error"),
            turn,
        )
    if last.truncated:
        return _verdict(
            Satisfaction.PARTIAL,
            "the last answer was cut off by the length limit",
            Failure("incomplete_answer"),
            turn,
        )
    waiting = [w for w in evidence.writes if w.outcome is Outcome.WAITING]
    waiting = [write for write in waiting if not evidence.made_good(write)]
    if waiting:
        return _verdict(
            Satisfaction.PARTIAL,
            f"{name_of(waiting[-1].call.name)} in turn {waiting[-1].turn} still waits for a "
            "person's approval",
            Failure("other", "a write that waits for approval"),
            *(write.id for write in waiting),
        )
    unsure = [write for write in evidence.writes if write.outcome is Outcome.UNCERTAIN]
    if unsure:
        return _verdict(
            Satisfaction.PARTIAL,
            f"{name_of(unsure[-1].call.name)} in turn {unsure[-1].turn} may or may not have landed",
            Failure("other", "uncertain write"),
            *(write.id for write in unsure),
        )
    writes = tuple(w.id for w in evidence.writes)
    return _verdict(Satisfaction.YES, _nothing_against(evidence), None, *(writes or (turn,)))


def _error(turn: Turn) -> str:
    return next(filter(None, (turn.error, *(i.error for i in turn.iterations))), "")


def _nothing_against(evidence: Evidence) -> str:
    """Return the basis of the `yes`, and what could not be checked: absence proves nothing."""
    failed = any(write.failed for write in evidence.writes)
    said = "every failed write was made good" if failed else "no write failed"
    open_ends = sum(w.outcome not in (Outcome.CONFIRMED, *FAILED_OUTCOMES) for w in evidence.writes)
    if open_ends:
        said += f", {open_ends} of {len(evidence.writes)} not confirmed"
    if all(turn.content_source is ContentSource.STRUCTURAL for turn in evidence.session.turns):
        return f"no text could be read; {said} and {_steps(evidence.session.turns[-1])}"
    turns = len(evidence.session.turns)
    missing = sum(finding.id.startswith("gap") for finding in evidence.findings)
    if missing:
        return f"{said}, but content is missing in {missing} of {counted(turns, 'turn')}"
    return f"{said} and the session ended without an error"


def _steps(turn: Turn) -> str:
    """Return how a turn ended, with the names of its spans."""
    names = list(dict.fromkeys(line.name for line in turn.outline[1:] if line.name))
    through = f" through {', '.join(map(name_of, names[:4]))}" if names else ""
    return f"the last turn ended with status {one_line(turn.status)}{through}"[:200]


def _verdict(verdict: Satisfaction, reason: str, failure: Failure | None, *cited: str) -> Verdict:
    return Verdict(
        verdict=verdict,
        reason=reason,
        trace_verdict=verdict,
        reconciled=verdict,
        failures=(failure,) if failure else (),
        confidence=Confidence.LOW,
        cited=cited,
        notes=(_NOTE,),
        judged_by=JudgedBy.RULES_ONLY,
    )
