"""The check: what a verdict may say about the evidence of its case."""

from collections.abc import Iterator
from dataclasses import dataclass

from session_classify.evidence.findings import Evidence
from session_classify.model import Verdict
from session_classify.verdict.sentence import is_one_sentence
from session_classify.vocabulary import (
    FAILED_OUTCOMES,
    FAILURE_CODES,
    REASON_LIMIT,
    Direction,
    Satisfaction,
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a verdict is not accepted, and what makes it acceptable."""

    id: str
    message: str
    cure: str


def check(verdict: Verdict, evidence: Evidence, shown: frozenset[int]) -> tuple[Refusal, ...]:
    """Return every reason to refuse the verdict; none means that it stands (architecture, 5).

    The verdict is as the reader gave it, before any rule moved it. `shown` holds the numbers of the
    turns that the reader was shown.
    """
    return (
        *_reason(verdict),
        *_codes(verdict),
        *_ids(verdict, evidence),
        *_unread(evidence, shown),
        *_unanswered(verdict, evidence),
        *_evidence(verdict),
        *_final(verdict),
    )


def _reason(verdict: Verdict) -> Iterator[Refusal]:
    text = verdict.reason.strip()
    if not text:
        yield Refusal("reason-missing", "the reason is empty", "say why in one sentence")
    if len(text) > REASON_LIMIT:
        yield Refusal(
            "reason-too-long",
            f"the reason has {len(text)} characters, at most {REASON_LIMIT} are allowed",
            "name the one fact that decides; the rest goes into --did",
        )
    if text and not is_one_sentence(text):
        yield Refusal(
            "reason-not-one-sentence",
            "the reason is more than one sentence",
            "join or drop what is after the first; quotes and abbreviations do not count",
        )


def _codes(verdict: Verdict) -> Iterator[Refusal]:
    if verdict.verdict is Satisfaction.YES and verdict.failures:
        codes = ", ".join(failure.code for failure in verdict.failures)
        yield Refusal(
            "yes-with-code",
            f"`yes` has the failure code {codes}",
            "drop the code, or say `partial` or `no`",
        )
    if verdict.verdict is not Satisfaction.YES and not verdict.failures:
        yield Refusal(
            "code-missing",
            f"`{verdict.verdict}` has no failure code",
            f"add --failure with one of {', '.join(FAILURE_CODES)}",
        )
    for failure in verdict.failures:
        if failure.code not in FAILURE_CODES:
            yield Refusal(
                "code-unknown",
                f"{failure.code!r} is no failure code",
                f"use one of {', '.join(FAILURE_CODES)}",
            )
        if failure.code == "other" and not failure.why.strip():
            yield Refusal(
                "other-undescribed",
                "`other` does not say what it is",
                "describe it: --failure other='platform blocked the write'",
            )


def _ids(verdict: Verdict, evidence: Evidence) -> Iterator[Refusal]:
    options = {"cite": verdict.cited, "confirm": verdict.confirmed, "dismiss": verdict.dismissed}
    for option, names in options.items():
        for name in dict.fromkeys(names):
            if name not in evidence.ids:
                yield Refusal(
                    "id-unknown",
                    f"--{option} {name!r} is not in this case",
                    f"there are {evidence.named_ids}",
                )
    for name, why in verdict.dismissed.items():
        if not why.strip():
            yield Refusal(
                "dismissal-unexplained",
                f"{name} is dismissed without a reason",
                f"say why it does not count: --dismiss {name}='…'",
            )


def _unread(evidence: Evidence, shown: frozenset[int]) -> Iterator[Refusal]:
    numbers = [turn.number for turn in evidence.session.turns]
    unread = [number for number in numbers if number not in shown]
    if unread:
        names = ", ".join(str(turn) for turn in unread[:8])
        more = f" and {len(unread) - 8} more" if len(unread) > 8 else ""
        yield Refusal(
            "turn-unread",
            f"turn {names}{more} was never shown",
            f"read it first: show CASE turn {unread[0]}",
        )


def _unanswered(verdict: Verdict, evidence: Evidence) -> Iterator[Refusal]:
    """Refuse a `yes` that does not face each failed write and each claim without a write."""
    if Satisfaction.YES not in (verdict.verdict, verdict.trace_verdict):
        return
    answered = {*verdict.cited, *verdict.confirmed, *verdict.dismissed}
    for name in verdict.confirmed:
        if name.startswith("claim"):
            yield Refusal(
                "yes-with-confirmed-claim",
                f"`yes` although {name} is confirmed: an effect was claimed and never made",
                f"--dismiss {name}='…' if it is none, or change the verdict",
            )
    for finding in evidence.findings:
        if answered.intersection((finding.id, *finding.calls)):
            continue
        if finding.id.startswith("write") and finding.outcome in FAILED_OUTCOMES:
            yield Refusal(
                "write-unanswered",
                f"`yes` although {finding.id} did not happen ({finding.summary})",
                f"cite the write that made it good together with {finding.id}, "
                f"or --dismiss {finding.id}='…', or change the verdict",
            )
        elif finding.id.startswith("claim"):
            yield Refusal(
                "claim-unanswered",
                f"`yes` although {finding.id} in turn {finding.turn} stands: "
                f"an effect was stated and no confirmed write shows it",
                f"--dismiss {finding.id}='…' if it is none, or change the verdict",
            )
        elif finding.id.startswith("expected") and finding.direction is Direction.NEGATIVE:
            yield Refusal(
                "expectation-unanswered",
                f"`yes` although {finding.id} in turn {finding.turn} stands: {finding.summary}",
                f"--dismiss {finding.id}='…' if the output is right all the same, "
                "or change the verdict",
            )


def _evidence(verdict: Verdict) -> Iterator[Refusal]:
    """Refuse a negative that rests on nothing recorded: missing data is never evidence."""
    if verdict.verdict is Satisfaction.YES:
        return
    named = [*verdict.cited, *verdict.confirmed]
    if all(name.startswith("gap") for name in named):
        what = "only missing data" if named else "nothing"
        yield Refusal(
            "negative-without-evidence",
            f"`{verdict.verdict}` cites {what}",
            "--cite the turn, call, write or finding that shows it; "
            "what was not recorded shows nothing",
        )


def _final(verdict: Verdict) -> Iterator[Refusal]:
    """Refuse a final verdict of the reader's own that nothing carries, or that overturns a `no`."""
    if verdict.verdict is verdict.trace_verdict:
        return
    if verdict.trace_verdict is Satisfaction.NO:
        yield Refusal(
            "final-over-no",
            f"--final {verdict.verdict} over a `no` of conversation and ledger",
            "behaviour never makes a `no` better; when the `no` is wrong, change --verdict",
        )
    if not verdict.cited and not verdict.confirmed:
        yield Refusal(
            "final-without-evidence",
            f"--final {verdict.verdict} differs from --verdict {verdict.trace_verdict} "
            "and cites nothing",
            "--cite the finding that makes the difference",
        )
