"""The facts of a session or trace above the verdict in a report."""

import re
from collections import Counter
from collections.abc import Iterable

import msgspec

from session_classify.digest.sources import source_lines
from session_classify.events import Events
from session_classify.gathering.links import is_unit_link
from session_classify.model import Evaluation, Session, SpanRef, Turn
from session_classify.wire.rum.owner import times_known

_BUSINESS_IDS = ("session_id", "investigation.id", "issue_id", "chatid", "correlation_id")
"""Tags that relate a trace to a business object (`references/sources/rules.md#reports`)."""
_CLASSIFIES = frozenset({"pod", "area"})
"""Words in names of judges that classify the topic (`references/sources/rules.md#reports`)."""


class TurnEvaluation(msgspec.Struct, frozen=True):
    """One evaluation with its turn."""

    turn: int
    evaluation: Evaluation

    @property
    def text(self) -> str:
        """Name and value, with assessment and reasoning."""
        one = self.evaluation
        answer = one.assessment or ("not applicable" if one.status.upper() == "WARN" else "")
        return f"{one.name}: {one.value}{f' ({answer})' if answer else ''}"


class Metadata(msgspec.Struct, frozen=True):
    """The facts above a report; what the spans do not have is empty."""

    traces: tuple[str, ...]
    agents: tuple[SpanRef, ...]
    """The agent span of each turn, where there is one."""
    rum_sessions: tuple[str, ...]
    is_timed: bool
    """The turns have times; agent loops alone have none."""
    seconds: float
    models: tuple[str, ...]
    iterations: int
    stop_reason: str
    """Of the last LLM call."""
    tools: tuple[tuple[str, int], ...]
    evaluations: tuple[TurnEvaluation, ...]
    pods: tuple[str, ...]
    """Evaluations that name another pod than the `product_area` tag."""
    referrer: str
    sources: tuple[str, ...]
    services: tuple[str, ...]
    business_ids: tuple[str, ...]
    links: tuple[str, ...]
    """Links to the unit in the app."""


def metadata(session: Session, events: Events) -> Metadata:
    """Return the facts of a session; RUM sessions are those of the user's own events."""
    turns = session.turns
    judged = tuple(TurnEvaluation(t.number, e) for t in turns for e in t.evaluations)
    return Metadata(
        traces=_once(turn.trace_id for turn in turns),
        agents=tuple(turn.agent for turn in turns if turn.agent),
        rum_sessions=_once(event.rum_session for event in events.rum),
        is_timed=times_known(session),
        seconds=(max(t.end for t in turns) - min(t.start for t in turns)).total_seconds(),
        models=_once(model for turn in turns for model in turn.models),
        iterations=sum(turn.model_calls for turn in turns),
        stop_reason=next(filter(None, map(_stop_reason, reversed(turns))), ""),
        tools=tuple(Counter(call.name for call in session.tool_calls).most_common()),
        evaluations=judged,
        pods=tuple(one.text for one in judged if _is_other_pod(one.evaluation, session)),
        referrer=_referrer(session),
        sources=tuple(source_lines(session)),
        services=_tagged(turns, "service"),
        business_ids=tuple(
            f"{key} {value}" for key in _BUSINESS_IDS for value in _tagged(turns, key)
        ),
        links=tuple(filter(is_unit_link, session.links)),
    )


def before_session(session: Session) -> tuple[str, str]:
    """Return what the app recorded of the time before the session, and the field it is from.

    That is the first ROUTE_CONTEXT, else the referrer. Source:
    `references/sources/rum.md#route-context`.
    """
    blocks = [block for turn in session.turns for block in turn.context if "ROUTE" in block.name]
    if blocks:
        return blocks[0].text, blocks[0].name
    return _referrer(session), "referrer" if _referrer(session) else ""


def _referrer(session: Session) -> str:
    for key in ("referrer_path", "referrer_url"):
        value = session.turns[0].metadata.get(key)
        if isinstance(value, str) and value:
            return value
    return ""


def _stop_reason(turn: Turn) -> str:
    own = next((i.stop_reason for i in reversed(turn.iterations) if i.stop_reason), "")
    return own or turn.stop_reason


def _is_other_pod(evaluation: Evaluation, session: Session) -> bool:
    """Return whether a judge names another pod than the tag `product_area`."""
    words = set(re.split(r"[^a-z0-9]+|_", evaluation.name.lower()))
    answer = evaluation.value
    return bool(
        words & _CLASSIFIES
        and session.product_area
        and isinstance(answer, str)
        and answer.casefold() != session.product_area.casefold()
    )


def _tagged(turns: tuple[Turn, ...], key: str) -> tuple[str, ...]:
    tags = (tag.partition(":") for turn in turns for tag in turn.tags)
    return _once(value for name, _, value in tags if name == key)


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, texts)))
