"""The two protocols of the seeds: one implementation, and this table of where they differ."""

from dataclasses import dataclass

from session_classify.errors import UnusableInputError, UsageError
from session_classify.model import Coverage, Session
from session_classify.vocabulary import RUM_GAP, RUM_NONE, ContentSource, Protocol, Unit


@dataclass(frozen=True, slots=True)
class ProtocolTerms:
    """What one protocol asks for before there is a verdict, and what its report has."""

    units: frozenset[Unit]
    needs_rum: bool
    """Without an event of the user around the session there is no verdict."""
    needs_content: bool
    """A turn that is masked, or whose content is not stored any more, ends it at once."""
    has_compact: bool
    """There is a short form of the answer beside the report."""
    tells_audit: bool
    tells_flags: bool
    context_from: str
    """Where its report looks for what the user did before the session."""
    revised_by: str
    """What its report revises the verdict by."""


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
"""Seed 002 degrades where data is missing, seed 001 stops."""


def check_unit(protocol: Protocol, unit: Unit) -> None:
    """Raise UsageError for a unit that a protocol does not classify."""
    if unit not in TERMS[protocol].units:
        raise UsageError(
            f"--protocol {protocol} classifies sessions only, and this is a {unit}; "
            "leave --protocol out, or give the id of the session"
        )


def check_content(protocol: Protocol, session: Session, coverage: Coverage) -> None:
    """Raise UnusableInputError for content that a protocol does not classify without (seed 001).

    Expired is a turn without text of which a server said so, as long as no source of it is left
    that nobody tried yet; what another source still holds has not expired.
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
            said = f"the content of turn {turn.number} is not stored any more"
            raise _stopped(session, "llmobs_content_expired", said)


def check_rum(
    protocol: Protocol,
    session: Session,
    lost: UnusableInputError | None = None,
    *,
    known: bool,
    coverage: str,
) -> None:
    """Raise UnusableInputError where there is no verdict without RUM, and there is none.

    `known` says that there are events of the user around the session, `coverage` how much is known
    of them, `lost` why nothing of the session itself can be read. Seed 001 always needs RUM (step
    4). Seed 002 does where RUM is the sole signal left: `rum_unavailable` is for a user who has
    none there, and where nobody could look, it stays at what was lost.
    """
    if known:
        return
    if TERMS[protocol].needs_rum or (lost and coverage in (RUM_GAP, RUM_NONE)):
        said = f"no RUM data of the user around the session (RUM: {coverage})"
        raise _stopped(session, "rum_unavailable", said)
    if lost:
        raise lost


def _stopped(session: Session, code: str, found: str) -> UnusableInputError:
    return UnusableInputError(
        f"{found}, so that session {session.id[:80]} is not classified: a verdict would be a guess",
        code=code,
        mode=f"{session.unit}_id",
        id=session.id,
    )
