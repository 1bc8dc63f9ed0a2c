"""When the audit trail is queried, which calls are made, and what the answers cover.

Source: `references/sources/audit.md#audit-queries`.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from session_classify.events import Asset, AuditEvent
from session_classify.evidence.audit.context import AuditContext
from session_classify.evidence.audit.phases import AuditTrail
from session_classify.evidence.conversation.ledger import Write
from session_classify.profiles.assets import api_paths, create_paths
from session_classify.profiles.profile import Profile
from session_classify.queries import audit as audit_queries
from session_classify.queries.call import Call
from session_classify.vocabulary import ToolKind, WriteKind
from session_classify.wire.audit import AuditRead

_FAR = timedelta(days=60)
"""The calls begin 30 days before a session; rows that are all further away have wrong times."""
MOST_ASSETS = 5
"""Assets that are looked up, two calls each; those that were written to come first."""


class AuditNeed(msgspec.Struct, frozen=True):
    """The calls to make for a session."""

    calls: tuple[Call, ...] = ()
    assets: tuple[Asset, ...] = ()
    left_out: tuple[Asset, ...] = ()
    """Assets beyond `MOST_ASSETS`."""
    skipped: str = ""
    """Why no call is made."""


def audit_need(context: AuditContext, writes: tuple[Write, ...], profile: Profile) -> AuditNeed:
    """Return the first calls for a session, or why there are none.

    A write or a known asset is a reason to query. For each asset: its history, then the user's
    requests to it. The broad query of everything the user did is made only where no id is known.
    """
    expected = context.expected or ()
    known = dict.fromkeys([*(one.asset for one in expected), *(context.assets or ())])
    assets = [asset for asset in known if asset.id]
    is_nameless = any(not one.asset.id for one in expected)
    wrote = is_nameless or any(write.call.kind is ToolKind.WRITE for write in writes)
    if not assets and not wrote:
        return AuditNeed(skipped="the session is read-only and names no asset")
    if not assets and not (is_nameless or profile.asks or profile.cases):
        return AuditNeed(skipped="no write is on an asset of a type that the app's profile lists")
    user = audit_queries.user_filter(context.identity)
    if not assets and not user:
        return AuditNeed(skipped="the session names neither an asset nor its user")
    calls = [call for asset in assets[:MOST_ASSETS] for call in _calls_of(asset, context, profile)]
    if user and (is_nameless or not assets):
        calls.append(audit_queries.broad(context.identity, context.times))
    return AuditNeed(tuple(calls), tuple(assets[:MOST_ASSETS]), tuple(assets[MOST_ASSETS:]))


def fallback_calls(
    need: AuditNeed, context: AuditContext, trail: AuditTrail, cuts: Iterable[str] = ()
) -> tuple[Call, ...]:
    """Return the broad calls that are still needed after the first calls.

    If no row is the user's, only a broad answer can distinguish an inactive user from an unreadable
    trail. The second broad call is for a first one that reached its limit: `cuts` are its
    `still_cut` lines.
    """
    if need.skipped or not audit_queries.user_filter(context.identity):
        return ()
    whole = audit_queries.broad(context.identity, context.times)
    if whole not in need.calls and not trail.shows_user:
        return (whole,)
    query = whole.arguments["query"]
    if any(query in cut for cut in cuts):
        return (audit_queries.broad_after(context.identity, context.times),)
    return ()


def audit_coverage(
    need: AuditNeed,
    trail: AuditTrail,
    read: AuditRead,
    now: datetime,
    cuts: Iterable[str] = (),
) -> str:
    """Return one line on what the audit trail covers; `audit_unavailable` is a flag, not an error.

    Missing rows have distinct reasons: no permission, past retention, no row of this user.
    """
    if need.skipped and not read.rows:
        return f"skipped, {need.skipped}"
    gaps = [f"{len(need.left_out)} more assets not looked up"] if need.left_out else []
    gaps += [*read.notes, *cuts]
    if read.unreadable:
        gaps.append(f"{len(read.unreadable)} of {read.rows} rows unreadable: {read.unreadable[0]}")
    counted = f"events: {len(read.events)}, assets written to: {len(trail.assets)}"
    missing = _missing(trail, read, now, counted)
    covered = f"{counted}; the user is among those who act"
    return "; ".join((f"audit_unavailable: {missing}" if missing else covered, *gaps))


def _missing(trail: AuditTrail, read: AuditRead, now: datetime, counted: str) -> str:
    """Return why nothing is known of the user; empty where the trail shows them."""
    if read.refused and not read.rows:
        scope = "audit_logs_read"
        needs = "" if scope in read.refused else f"; it needs the scope {scope}"
        return f"no access to the audit trail ({read.refused}){needs}"
    if trail.shows_user:
        return ""
    if not audit_queries.user_filter(trail.context.identity):
        return f"{counted}; the session's user is not known, so no row is attributed to them"
    times = trail.context.times
    if read.events and all(abs(event.at - times.end) > _FAR for event in read.events):
        return f"{counted}; none within {_FAR.days} days of the session, so look at its times"
    age, kept = now - trail.context.times.end, audit_queries.RETENTION
    if age > kept:
        return f"the session ended {age.days} days ago, and audit rows are kept for {kept.days}"
    unknown = [event for event in read.events if _is_of_unknown_user(event, trail.context)]
    if unknown:
        kinds = "name users by another kind of id than the session's"
        return f"{counted}; {len(unknown)} of them {kinds}, so whose they are is not known"
    return f"{counted}; none by this user around the session, which is no evidence"


def _is_of_unknown_user(event: AuditEvent, context: AuditContext) -> bool:
    """Return whether a person's row has no id that can be compared with the session's user."""
    is_named = bool(event.user_email or event.user_id or event.user_uuid)
    return is_named and not event.automation and context.is_user(event) is None


def _calls_of(asset: Asset, context: AuditContext, profile: Profile) -> tuple[Call, ...]:
    """Return the calls for one asset; a new one is created at a path that is not its own."""
    made = any(
        one.asset == asset and one.kind is WriteKind.CREATE for one in context.expected or ()
    )
    paths = api_paths(asset, profile) + (create_paths(asset.type, profile) if made else ())
    asked = (audit_queries.targeted(context.identity, paths, context.times),) if paths else ()
    return audit_queries.history(asset, context.times), *asked
