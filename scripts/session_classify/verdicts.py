"""The verdict, its moves and failures, and why one is refused."""

import msgspec

from session_classify.vocabulary import Confidence, JudgedBy, Satisfaction, Unit


class Failure(msgspec.Struct, frozen=True):
    """A failure code with its explanation."""

    code: str
    why: str = ""


class Move(msgspec.Struct, frozen=True):
    """One reconciliation rule that moved the verdict, with its findings."""

    rule: str
    before: Satisfaction
    after: Satisfaction
    sentence: str
    findings: tuple[str, ...] = ()


class Verdict(msgspec.Struct, frozen=True):
    """The answer of one case, with everything needed to check it again."""

    verdict: Satisfaction
    """The final verdict, after reconciliation."""
    reason: str
    trace_verdict: Satisfaction
    """The verdict on conversation and ledger alone."""
    reconciled: Satisfaction
    """The verdict after the rules; a reader may record another final verdict."""
    moves: tuple[Move, ...] = ()
    counted: tuple[str, ...] = ()
    """Other findings that the reconciliation considered, in sentences."""
    failures: tuple[Failure, ...] = ()
    confidence: Confidence = Confidence.HIGH
    cited: tuple[str, ...] = ()
    confirmed: tuple[str, ...] = ()
    dismissed: dict[str, str] = msgspec.field(default_factory=dict)
    """Finding id to the reason for the dismissal."""
    breaches: dict[str, str] = msgspec.field(default_factory=dict)
    """Id of an act that broke the app's rules to which rule, and why."""
    sure: Confidence | None = None
    """How sure the reader says to be, beside the computed confidence."""
    notes: tuple[str, ...] = ()
    intent: str = ""
    did: tuple[str, ...] = ()
    rum_says: str = ""
    feedback_why: str = ""
    judged_by: JudgedBy = JudgedBy.AGENT
    judge: str = ""
    """The judge's command, if one was used."""
    unchecked: tuple[str, ...] = ()
    """Refusals of the check that were overridden."""
    unit: Unit = Unit.SESSION
    id: str = ""
    version: str = ""


class Refusal(msgspec.Struct, frozen=True):
    """Why a verdict is refused, and how to fix it."""

    id: str
    message: str
    fix: str
