"""The check of a verdict against the evidence of its case.

Source: `references/sources/rules.md#check`.
"""

from collections.abc import Iterator

from session_classify.evidence.findings import Evidence
from session_classify.model import kind_of
from session_classify.verdict.sentence import is_one_sentence
from session_classify.verdict.unanswered import unanswered, unrecorded
from session_classify.verdicts import Refusal, Verdict
from session_classify.vocabulary import (
    FAILURE_CODES,
    REASON_LIMIT,
    RECONCILIATION_KINDS,
    Satisfaction,
)


def check(verdict: Verdict, evidence: Evidence, shown: frozenset[int]) -> tuple[Refusal, ...]:
    """Return every reason to refuse the verdict; none means that it is accepted.

    The verdict is the reader's, before the rules moved it. `shown` holds the numbers of the turns
    that were printed for the reader.
    """
    return (
        *_reason(verdict),
        *_codes(verdict),
        *_ids(verdict, evidence),
        *_breaches(verdict, evidence),
        *_unread(evidence, shown),
        *unanswered(verdict, evidence),
        *unrecorded(verdict, evidence),
        *_evidence(verdict),
    )


def _reason(verdict: Verdict) -> Iterator[Refusal]:
    text = verdict.reason.strip()
    if not text:
        yield Refusal("reason-missing", "the reason is empty", "say why in one sentence")
    if len(text) > REASON_LIMIT:
        yield Refusal(
            "reason-too-long",
            f"the reason has {len(text)} characters, at most {REASON_LIMIT} are allowed",
            "name the one fact that decides; the rest goes into --note",
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
                f"{failure.code!r} is not a failure code",
                f"use one of {', '.join(FAILURE_CODES)}",
            )
        if failure.code == "other" and not failure.why.strip():
            yield Refusal(
                "other-undescribed",
                "`other` does not say what it is",
                "describe it: --failure other='platform blocked the write'",
            )


def _ids(verdict: Verdict, evidence: Evidence) -> Iterator[Refusal]:
    options = {
        "cite": verdict.cited,
        "confirm": verdict.confirmed,
        "dismiss": verdict.dismissed,
        "breach": verdict.breaches,
    }
    for option, names in options.items():
        for name in dict.fromkeys(names):
            if name not in evidence.ids:
                yield Refusal(
                    "id-unknown",
                    f"--{option} {name!r} is not in this case",
                    f"there are {evidence.named_ids}",
                )
    for name in sorted({*verdict.confirmed} & {*verdict.dismissed}):
        yield Refusal(
            "answer-contradictory",
            f"{name} is both confirmed and dismissed",
            "say one of the two",
        )
    for name, why in verdict.dismissed.items():
        if not why.strip():
            yield Refusal(
                "dismissal-unexplained",
                f"{name} is dismissed without a reason",
                f"say why it does not count: --dismiss {name}='…'",
            )


def _breaches(verdict: Verdict, evidence: Evidence) -> Iterator[Refusal]:
    undone = {write.id: write.outcome for write in evidence.writes if write.failed}
    for name, why in verdict.breaches.items():
        if not why:
            yield Refusal(
                "breach-unexplained",
                f"{name} is called a breach without a rule",
                f"name the rule and why it is broken: --breach {name}='…'",
            )
        if kind_of(name) not in ("write", "tool", "turn"):
            yield Refusal(
                "breach-no-act",
                f"{name} is no act of the assistant",
                "give the write, call or turn by which it broke a rule",
            )
        if name in undone:
            yield Refusal(
                "breach-not-done",
                f"{name} changed nothing ({undone[name]}), and a breach is something that was done",
                f"drop --breach {name}; tell it as a failure, or in --note",
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


def _evidence(verdict: Verdict) -> Iterator[Refusal]:
    """Refuse a negative verdict that cites nothing recorded: missing data is never evidence."""
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


def check_final(verdict: Verdict, moved: Verdict, evidence: Evidence) -> tuple[Refusal, ...]:
    """Return every reason to refuse the reader's own final verdict.

    `moved` is the verdict after the rules; a final one that equals it needs no justification.
    """
    if verdict.verdict is moved.reconciled:
        return ()
    if verdict.trace_verdict is Satisfaction.NO:
        return (
            Refusal(
                "final-over-no",
                f"--final {verdict.verdict} over a `no` of conversation and ledger",
                "behaviour never makes a `no` better; when the `no` is wrong, change --verdict",
            ),
        )
    named = {*verdict.cited, *verdict.confirmed}
    overruled = [name for move in moved.moves for name in move.findings]
    wanted = overruled or [
        finding.id
        for finding in evidence.findings
        if kind_of(finding.id) in {*RECONCILIATION_KINDS, "feedback"}
    ]
    if named.intersection(wanted):
        return ()
    lacks = "nothing that moved it" if overruled else "no behaviour, audit or feedback"
    return (
        Refusal(
            "final-without-evidence",
            f"--final {verdict.verdict} differs from what the rules make of it, "
            f"{moved.reconciled}, and cites {lacks}",
            f"--cite {wanted[0]}, or change --verdict"
            if wanted
            else "there is none in this case: say it with --verdict",
        ),
    )
