"""The reader's part of a verdict, as `verdict --file` accepts it."""

import msgspec

from session_classify import __version__
from session_classify.model import Session
from session_classify.verdicts import Failure, Verdict
from session_classify.vocabulary import Confidence, Satisfaction


class AnswerFailure(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A failure code with its explanation."""

    code: str
    why: str = ""


class Answer(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What a reader decided; everything else of a verdict is derived."""

    verdict: Satisfaction
    reason: str
    failures: tuple[AnswerFailure, ...] = ()
    cite: tuple[str, ...] = ()
    confirm: tuple[str, ...] = ()
    dismiss: dict[str, str] = {}
    breach: dict[str, str] = {}
    """An act by which the assistant broke the app's rules, to which rule and why."""
    sure: Confidence | None = None
    """How sure the reader is; the verdict's confidence is computed."""
    note: tuple[str, ...] = ()
    intent: str = ""
    did: tuple[str, ...] = ()
    rum_says: str = ""
    feedback_why: str = ""
    final: Satisfaction | None = None
    """The reader's own final verdict, where it differs from that of the rules."""


class UnitAnswer(Answer, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The answer on one unit of a run, as `verdict RUN --file` accepts several."""

    id: str
    """The unit's id in the run."""


def recorded(answer: Answer, session: Session, confidence: Confidence) -> Verdict:
    """Return the verdict of an answer on a session, before check and reconciliation."""
    return Verdict(
        verdict=answer.final or answer.verdict,
        reason=answer.reason.strip(),
        trace_verdict=answer.verdict,
        reconciled=answer.verdict,
        failures=tuple(Failure(f.code, f.why) for f in answer.failures),
        confidence=confidence,
        cited=answer.cite,
        confirmed=answer.confirm,
        dismissed=answer.dismiss,
        breaches={name: why.strip() for name, why in answer.breach.items()},
        sure=answer.sure,
        notes=answer.note,
        intent=answer.intent,
        did=answer.did,
        rum_says=answer.rum_says,
        feedback_why=answer.feedback_why,
        unit=session.unit,
        id=session.id,
        version=__version__,
    )
