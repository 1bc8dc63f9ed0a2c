"""All rules on the user's behaviour, applied and numbered by time."""

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from session_classify.evidence.conversation.gaps import rum_coverage
from session_classify.evidence.conversation.ledger import Write
from session_classify.evidence.rum.abandonment import (
    closed,
    closed_mid_stream,
    plan_rejected,
    stream_aborted,
)
from session_classify.evidence.rum.asset_use import artifact_action, exact_asset_used
from session_classify.evidence.rum.client_tools import client_tool_results
from session_classify.evidence.rum.decisions import accepted, rejected, revealed
from session_classify.evidence.rum.dwell import long_dwell, repeated_opens, short_dwell
from session_classify.evidence.rum.feedback import (
    TEXT_KEYS,
    feedback_given,
    is_feedback,
    joined_feedback,
)
from session_classify.evidence.rum.follow_ups import sent_after_end, sent_after_feedback
from session_classify.evidence.rum.frustration import errors_shown, frustrated
from session_classify.evidence.rum.known_actions import known_actions
from session_classify.evidence.rum.navigation import external_help, link_clicked, topic_adjacent
from session_classify.evidence.rum.signals import Behaviour, behaviour_of
from session_classify.evidence.rum.timeline import FEEDBACK, session_times, timeline
from session_classify.model import Finding, Session, kind_of
from session_classify.profiles.patterns import literal
from session_classify.profiles.profile import Profile
from session_classify.vocabulary import FINDING_KINDS, RUM_UNASKED, ActionCategory
from session_classify.wire.rum.next_calls import ActionNaming, RumPlan
from session_classify.wire.rum.owner import UserEvents, all_events, own_events, times_known
from session_classify.wire.rum.pages import RumRows

RULES: tuple[Callable[[Behaviour], list[Finding]], ...] = (
    stream_aborted,
    closed_mid_stream,
    plan_rejected,
    client_tool_results,
    exact_asset_used,
    artifact_action,
    short_dwell,
    long_dwell,
    external_help,
    repeated_opens,
    link_clicked,
    topic_adjacent,
    known_actions,
    closed,
    accepted,
    rejected,
    sent_after_end,
    sent_after_feedback,
    frustrated,
    errors_shown,
)
"""The rules on single signals; `revealed` also reads the findings of these."""


class Observed(msgspec.Struct, frozen=True):
    """What is known of a user's behaviour around a session."""

    behaviour: Behaviour
    findings: tuple[Finding, ...]
    """The session's findings with those on behaviour among them."""
    owned: UserEvents
    coverage: str


def observe(
    session: Session,
    rows: RumRows,
    profile: Profile,
    findings: Sequence[Finding] = (),
    writes: Sequence[Write] = (),
    *,
    plan: RumPlan | None = None,
    feedback: datetime | None = None,
    everyone: bool = False,
    denied: bool = True,
) -> Observed:
    """Return what RUM rows show of a session's user, with the findings.

    `plan` is the state of the RUM calls, or None where the rows came with the session. `feedback`
    is the time of the feedback, where it is known from elsewhere. `everyone` counts all events
    around the session as the user's, for rows that have no identity to match. `denied` says whether
    failed queries were refused.
    """
    owned = (
        all_events(session, rows.events)
        if everyone
        else own_events(session, rows.events, plan.by if plan else None)
    )
    seen = timeline(owned.events, session_times(session, feedback), profile)
    behaviour = behaviour_of(session, seen, profile, writes)
    elsewhere = plan.elsewhere if plan and owned.elsewhere is None else owned.elsewhere
    failed, truncated = (plan.failed, plan.truncated) if plan else ((), rows.truncated)
    coverage = rum_coverage(len(owned.events), elsewhere, failed, truncated, denied=denied)
    if rows.unreadable and coverage == "full":
        coverage = f"partial — {len(rows.unreadable)} of {rows.rows} rows could not be read"
    if plan and plan.call:
        coverage = RUM_UNASKED
    if not times_known(session):
        coverage = "partial — the times of the turns are not known"
    return Observed(behaviour, tuple(with_behaviour(findings, behaviour)), owned, coverage)


def naming(profile: Profile) -> ActionNaming:
    """Return a profile's action names as the queries need them (`rum_plan`)."""
    known = (*profile.assistant, *(rule.name for rule in profile.actions))
    clicks = [rule.name for rule in profile.actions if rule.name.startswith(_CLICK)]
    clicks = [name for name in clicks if literal(name) is not None]
    fields = {field for rule in profile.actions for field in rule.where}
    if any(rule.category in _WITH_PAYLOAD for rule in profile.actions):
        fields |= _PAYLOAD
    if any(rule.category in FEEDBACK for rule in profile.actions):
        fields |= set(TEXT_KEYS)
    return ActionNaming(
        tuple(dict.fromkeys(known)),
        profile.noise,
        tuple(dict.fromkeys(clicks)),
        tuple(sorted(fields)),
    )


_CLICK = "click on "
"""How the browser names clicks that it collects by itself; they are no custom actions."""
_WITH_PAYLOAD = frozenset((ActionCategory.CLIENT_TOOL, ActionCategory.LINK))
_PAYLOAD = frozenset(("toolCallId", "toolName", "status", "errorType", "host", "path"))
"""Payload fields that rules read (`references/sources/rum.md#assistant-actions`)."""


def rum_findings(behaviour: Behaviour) -> list[Finding]:
    """Return the findings of all rules as `rum1`, `rum2`, … by time; none without events."""
    found = [finding for rule in RULES for finding in rule(behaviour)]
    found += revealed(behaviour, found)
    found.sort(key=lambda finding: (finding.instant is None, finding.instant))
    return [replace(finding, id=f"rum{number}") for number, finding in enumerate(found, start=1)]


def with_behaviour(findings: Sequence[Finding], behaviour: Behaviour) -> list[Finding]:
    """Return a session's findings with those on its user's behaviour, in the order of kinds.

    Explicit feedback is merged with that of the spans, so feedback ids are assigned again.
    """
    rest = [finding for finding in findings if not is_feedback(finding)]
    known = [finding for finding in findings if is_feedback(finding)]
    feedback = joined_feedback(known, feedback_given(behaviour))
    order = {kind: place for place, kind in enumerate(FINDING_KINDS)}
    found = [*rest, *feedback, *rum_findings(behaviour)]
    return sorted(found, key=lambda finding: order[kind_of(finding.id)])
