"""What comes of judging: the verdict, what moved it, and what failed."""

from dataclasses import dataclass, field

from session_classify.vocabulary import Confidence, JudgedBy, Satisfaction, Unit


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure code with what it means here."""

    code: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """One rule of the reconciliation that moved a verdict, and the findings that made it."""

    rule: str
    before: Satisfaction
    after: Satisfaction
    sentence: str
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of one case, with everything needed to check it again."""

    verdict: Satisfaction
    """The final one, after the reconciliation."""
    reason: str
    trace_verdict: Satisfaction
    """What conversation and ledger alone say."""
    reconciled: Satisfaction
    """What the rules make of it; the reader may differ with a final verdict of their own."""
    moves: tuple[Move, ...] = ()
    counted: tuple[str, ...] = ()
    """What else counted in the reconciliation, in sentences."""
    failures: tuple[Failure, ...] = ()
    confidence: Confidence = Confidence.HIGH
    cited: tuple[str, ...] = ()
    confirmed: tuple[str, ...] = ()
    dismissed: dict[str, str] = field(default_factory=dict)
    """Finding id to the reason why it does not count."""
    notes: tuple[str, ...] = ()
    intent: str = ""
    did: tuple[str, ...] = ()
    rum_says: str = ""
    feedback_why: str = ""
    judged_by: JudgedBy = JudgedBy.AGENT
    judge: str = ""
    """The command that judged, where one did."""
    unchecked: tuple[str, ...] = ()
    """Refusals of the check over which it was recorded all the same."""
    unit: Unit = Unit.SESSION
    id: str = ""
    version: str = ""
