"""Gaps, evaluations and explicit feedback: what was not recorded, and what others said."""

from session_classify.masks import Missing
from session_classify.model import Evaluation, Finding, Session, Turn
from session_classify.vocabulary import (
    RUM_EMPTY,
    RUM_GAP,
    RUM_NONE,
    ContentSource,
    Direction,
    Tier,
)


def gap_findings(session: Session) -> list[Finding]:
    """Return a finding for each turn whose content is missing, masked or cut.

    A turn without a model call that still has the user's text is how conversations end; it is no
    gap. A gap never speaks against the assistant: missing data is no evidence.
    """
    found: list[Finding] = []
    for turn in session.turns:
        rule, summary = _gap(turn)
        if rule:
            found.append(
                Finding(
                    id=f"gap{len(found) + 1}",
                    rule=rule,
                    tier=Tier.FACT,
                    direction=Direction.NEUTRAL,
                    summary=summary,
                    turn=turn.number,
                    instant=turn.start,
                )
            )
    return found


def evaluation_findings(session: Session) -> list[Finding]:
    """Return a finding for each judge's word (`eval`) and each end user's word (`feedback`).

    A status of WARN means that the judge does not apply, so it is left out: see
    `references/sources/spans.md#evaluations`.
    """
    counts = {"eval": 0, "feedback": 0}
    found = []
    for turn in session.turns:
        for evaluation in turn.evaluations:
            if evaluation.status.upper() == "WARN":
                continue
            kind = "feedback" if evaluation.explicit else "eval"
            counts[kind] += 1
            found.append(
                Finding(
                    id=f"{kind}{counts[kind]}",
                    rule=f"{kind}-{evaluation.name}",
                    tier=Tier.EXPLICIT if evaluation.explicit else Tier.AMBIGUOUS,
                    direction=_direction(evaluation),
                    summary=_evaluation_summary(evaluation),
                    turn=turn.number,
                    instant=turn.end,
                    quote=evaluation.reasoning,
                )
            )
    return found


def rum_coverage(
    events: int,
    elsewhere: bool | None,
    failed: tuple[str, ...] = (),
    truncated: tuple[str, ...] = (),
    *,
    denied: bool = True,
) -> str:
    """Return how much of a user's behaviour is known (`references/sources/rum.md#rum-coverage`).

    `events` are those of the user around the session; `elsewhere` tells whether there are others in
    30 days, None where nobody asked; `denied` whether what failed was refused, and not broken. One
    empty query beside a full one is no gap. Whatever it says
    is no evidence.
    """
    if failed:
        return f"partial — {'auth error' if denied else 'error'} on {', '.join(failed)}"
    if truncated:
        return f"partial — truncated at the limit of rows: {', '.join(truncated)}"
    if events:
        return "full"
    if elsewhere:
        return RUM_GAP
    return RUM_EMPTY if elsewhere is None else RUM_NONE


_STANDING_IN = {
    Missing.MASKED: ("masked", "masked"),
    Missing.DROPPED: ("dropped", "dropped by a size limit"),
    Missing.UNSERIALIZABLE: ("unserializable", "recorded as an object that was not serialized"),
}
"""Reasons for which a placeholder stands where content was: how a rule names it, and a summary."""


def _gap(turn: Turn) -> tuple[str, str]:
    missing = {part.why for part in turn.missing} | ({Missing.MASKED} if turn.masked else set())
    hidden = next((words for why, words in _STANDING_IN.items() if why in missing), None)
    if hidden and turn.final_text is None and turn.user_text is None:
        return f"content-{hidden[0]}", f"user text and answer are {hidden[1]}"
    if hidden:
        told = "".join(f"; {end} is not there" for end in _lost_ends(turn))
        return f"content-partly-{hidden[0]}", f"part of the content is {hidden[1]}{told}"
    if turn.content_source is ContentSource.STRUCTURAL:
        why = f": {turn.why}" if turn.why else ""
        return "content-missing", f"there is no text to read, only the spans' structure{why}"
    if _is_media(turn.user_text, turn.media):
        return "content-not-readable", f"the user's message is media alone: {turn.user_text}"
    if turn.user_text is None:
        return "user-text-missing", "the user's text was not recorded"
    if turn.final_text is None and turn.iterations:
        return (
            "answer-missing",
            "no answer to the user was recorded although the model was called; it may be lost",
        )
    if _is_media(turn.final_text, turn.media):
        return "content-not-readable", f"the answer is media alone: {turn.final_text}"
    if turn.truncated:
        return "answer-truncated", "the answer was cut off by the model's length limit"
    return "", ""


def _lost_ends(turn: Turn) -> list[str]:
    """Return which ends of a turn are not there: a closing turn without a model call has none."""
    lost = ["the user's text"] if turn.user_text is None else []
    return lost + (["the answer"] if turn.final_text is None and turn.iterations else [])


def rests_on_missing(turn: Turn) -> bool:
    """Tell whether a judgement of a turn rests on content that is not there.

    A placeholder stands for what the user said or was answered, or there is no text at all. What
    nobody recorded without a placeholder, such as the answer of a turn that ends in a call, is told
    as a gap and is no such turn.
    """
    if turn.content_source is ContentSource.STRUCTURAL:
        return True
    hidden = turn.masked or any(part.why in _STANDING_IN for part in turn.missing)
    return hidden and bool(_lost_ends(turn))


def _is_media(text: str | None, media: tuple[str, ...]) -> bool:
    """Tell whether a text is nothing but names of pictures, recordings or files."""
    return bool(text and media) and all(line in media for line in (text or "").split("\n"))


def _direction(evaluation: Evaluation) -> Direction:
    if evaluation.assessment in ("pass", "fail"):
        return Direction.POSITIVE if evaluation.assessment == "pass" else Direction.NEGATIVE
    value = "".join(c for c in str(evaluation.value).lower() if c.isalnum() or c == "-")
    if evaluation.explicit and value in _GOOD | _BAD:
        return Direction.POSITIVE if value in _GOOD else Direction.NEGATIVE
    return Direction.NEUTRAL


_GOOD = frozenset("true yes positive good thumbsup up like helpful 1".split())
_BAD = frozenset("false no negative bad thumbsdown down dislike unhelpful nothelpful 0 -1".split())


def _evaluation_summary(evaluation: Evaluation) -> str:
    assessment = f" ({evaluation.assessment})" if evaluation.assessment else ""
    return f"{evaluation.name}: {evaluation.value}{assessment}"
