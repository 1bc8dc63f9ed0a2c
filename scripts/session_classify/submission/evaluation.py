"""A verdict as an external evaluation, in the shape that the SDK's `submit_evaluation` sends.

Source: `references/sources/submission.md#submitted-evaluations`.
"""

import re
from typing import Any

import msgspec

from session_classify import __version__
from session_classify.errors import UnusableInputError, UsageError
from session_classify.model import Session, Turn
from session_classify.verdicts import Verdict
from session_classify.vocabulary import JudgedBy, Satisfaction, Unit

_LABELS = {Unit.SESSION: "session_satisfied", Unit.TRACE: "trace_satisfied"}
_LABEL = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,99}", re.ASCII)
_RULES_ONLY = "rules-only"


class Evaluation(msgspec.Struct, frozen=True, omit_defaults=True):
    """One evaluation metric; an empty field is not sent."""

    label: str
    metric_type: str
    categorical_value: str
    event_kind: str
    eval_scope: str
    timestamp_ms: int
    join_on: dict[str, dict[str, str]]
    ml_app: str
    tags: tuple[str, ...]
    assessment: str = ""
    reasoning: str = ""
    metadata: dict[str, Any] = msgspec.field(default_factory=dict)

    @property
    def span(self) -> dict[str, str]:
        """The span that it is about: `span_id` and `trace_id`."""
        return self.join_on["span"]


def evaluation(session: Session, verdict: Verdict, label: str, timestamp_ms: int) -> Evaluation:
    """Return the evaluation of a judged session: on the root span of its last turn.

    An empty label is the default one. `timestamp_ms` is in milliseconds since 1970. Raises
    UnusableInputError for a session whose last turn has no ids or no app.
    """
    turn = _last_turn(session)
    reasons = unchecked(verdict)
    return Evaluation(
        label=label or _LABELS[verdict.unit],
        metric_type="categorical",
        categorical_value=verdict.verdict,
        event_kind="evaluation",
        eval_scope="trace",
        join_on={"span": {"span_id": turn.root.id, "trace_id": turn.trace_id}},
        ml_app=session.ml_app,
        timestamp_ms=timestamp_ms,
        assessment="pass" if verdict.verdict is Satisfaction.YES else "fail",
        reasoning=verdict.reason,
        metadata=_metadata(verdict, reasons),
        tags=_tags(session, turn, verdict, reasons),
    )


def check_label(label: str) -> None:
    """Raise UsageError for a label that the server would refuse; an empty one is none."""
    if label and not _LABEL.fullmatch(label):
        raise UsageError(
            f"{label[:100]!r} cannot be a label; expected a letter, then letters, digits, - and _"
        )


def unchecked(verdict: Verdict) -> tuple[str, ...]:
    """Return why a verdict is not a checked one: overridden refusals, or no reader at all."""
    rules_only = (_RULES_ONLY,) if verdict.judged_by is JudgedBy.RULES_ONLY else ()
    return (*verdict.unchecked, *rules_only)


def body(evaluations: tuple[Evaluation, ...]) -> dict[str, Any]:
    """Return the request body that submits evaluations."""
    return {"data": {"type": "evaluation_metric", "attributes": {"metrics": evaluations}}}


def _last_turn(session: Session) -> Turn:
    turn = session.turns[-1] if session.turns else None
    if turn is None or not (turn.trace_id and turn.root.id):
        raise UnusableInputError(
            f"the last turn of {session.id[:100]} has no trace id or no root span: nothing to join "
            "an evaluation to; gather the session from spans"
        )
    if not session.ml_app:
        raise UnusableInputError(
            f"the spans of {session.id[:100]} name no app (ml_app), which an evaluation needs"
        )
    return turn


def _metadata(verdict: Verdict, reasons: tuple[str, ...]) -> dict[str, Any]:
    """Return what does not fit into the value; what is empty is left out."""
    found = {
        "unit": str(verdict.unit),
        "id": verdict.id,
        "confidence": str(verdict.confidence),
        "trace_verdict": str(verdict.trace_verdict),
        "failures": [
            {"code": failure.code, **({"why": failure.why} if failure.why else {})}
            for failure in verdict.failures
        ],
        "breaches": dict(verdict.breaches),
        "judge": verdict.judge,
        "moves": [move.rule for move in verdict.moves],
        "unchecked": list(reasons),
    }
    return {key: value for key, value in found.items() if value}


def _tags(
    session: Session, turn: Turn, verdict: Verdict, reasons: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the tags; for spans from OpenTelemetry the server waits with `source:otel`."""
    source = "otel" if "source:otel" in turn.tags else "session-classify"
    found = {
        "ml_app": session.ml_app,
        "source": source,
        "session_classify.version": verdict.version or __version__,
        "judged_by": str(verdict.judged_by).replace(" ", "_"),
        "judge": _program(verdict.judge),
        "unchecked": "true" if reasons else "",
    }
    return tuple(f"{key}:{value}" for key, value in found.items() if value)


def _program(command: str) -> str:
    """Return the name of a command's program, as a tag can hold it; its arguments are metadata."""
    first = command.split(maxsplit=1)[0] if command.strip() else ""
    return re.sub(r"[^A-Za-z0-9._-]", "_", first.replace("\\", "/").rpartition("/")[2])[:100]
