"""The two protocols: one implementation, and this table of their differences.

Source: `references/sources/rules.md#protocols`.
"""

import msgspec

from session_classify.errors import UnusableInputError, UsageError
from session_classify.model import Coverage, Session
from session_classify.vocabulary import RUM_GAP, RUM_NONE, ContentSource, Protocol, Unit


class ProtocolTerms(msgspec.Struct, frozen=True):
    """What a protocol requires before a verdict, and the form of its report."""

    units: frozenset[Unit]
    needs_rum: bool
    """There is no verdict without an event of the user around the session."""
    needs_content: bool
    """A masked or expired turn ends the classification."""
    has_compact: bool
    """There is a short form of the answer besides the report."""
    tells_audit: bool
    tells_flags: bool
    context_from: str
    """The report's source of what the user did before the session."""
    revised_by: str
    """What the report says the verdict is revised by."""


TERMS = {
    Protocol.LLM_OBS: ProtocolTerms(
        units=frozenset(Unit),
        needs_rum=False,
        needs_content=False,
        has_compact=True,
        tells_audit=True,
        tells_flags=False,
        context_from="from ROUTE_CONTEXT or referrer_path",
        revised_by="with RUM + audit",
    ),
    Protocol.EVAL: ProtocolTerms(
        units=frozenset({Unit.SESSION}),
        needs_rum=True,
        needs_content=True,
        has_compact=False,
        tells_audit=False,
        tells_flags=True,
        context_from="from ROUTE_CONTEXT in agent loop",
        revised_by="with RUM",
    ),
}
"""`llm-obs` goes on where data is missing, `eval` stops."""


def check_unit(protocol: Protocol, unit: Unit) -> None:
    """Raise UsageError for a unit that a protocol does not classify."""
    if unit not in TERMS[protocol].units:
        raise UsageError(
            f"--protocol {protocol} classifies sessions only, and this is a {unit}; "
            "leave --protocol out, or give the id of the session"
        )


def check_content(protocol: Protocol, session: Session, coverage: Coverage) -> None:
    """Raise UnusableInputError for missing content that a protocol requires.

    A turn without text has expired if a server said so and every other source was tried.
    """
    if not TERMS[protocol].needs_content:
        return
    for turn in session.turns:
        if turn.masked:
            raise _stopped(session, "llmobs_content_masked", f"turn {turn.number} is masked")
    if not coverage.is_expired or coverage.next_calls:
        return
    for turn in session.turns:
        if turn.content_source is ContentSource.STRUCTURAL:
            problem = f"the content of turn {turn.number} is not stored any more"
            raise _stopped(session, "llmobs_content_expired", problem)


def check_rum(
    protocol: Protocol,
    session: Session,
    lost: UnusableInputError | None = None,
    *,
    known: bool,
    coverage: str,
) -> None:
    """Raise UnusableInputError if a verdict needs RUM and there is none.

    `known` says whether there are events of the user around the session, `coverage` how much is
    known, `lost` why nothing of the session itself can be read. `eval` always needs RUM; `llm-obs`
    does if RUM is the only signal left. `rum_unavailable` is for a user without RUM events; if RUM
    could not be queried, the error stays `lost`.
    """
    if known:
        return
    if TERMS[protocol].needs_rum or (lost and coverage in (RUM_GAP, RUM_NONE)):
        problem = f"no RUM data of the user around the session (RUM: {coverage})"
        raise _stopped(session, "rum_unavailable", problem)
    if lost:
        raise lost


def _stopped(session: Session, code: str, found: str) -> UnusableInputError:
    return UnusableInputError(
        f"{found}, so that session {session.id[:80]} is not classified: a verdict would be a guess",
        code=code,
        mode=f"{session.unit}_id",
        id=session.id,
    )
