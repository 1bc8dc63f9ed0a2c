"""The next RUM call, given the answers so far: at most four, and further pages.

Source: `references/sources/rum.md#rum-users`.
"""

from collections.abc import Callable, Mapping

import msgspec
from msgspec.structs import replace

from session_classify.model import Identity, Session
from session_classify.queries.call import Call
from session_classify.queries.rum import AskedActions, Window, rum_actions, rum_lookup, rum_views
from session_classify.queries.rum_filters import of_email, of_sessions, of_user, of_user_id
from session_classify.vocabulary import RumIdentity, Unit
from session_classify.wire.rum.events import RumAnswer
from session_classify.wire.rum.owner import (
    around,
    is_anothers,
    is_users,
    session_ids,
    session_window,
    times_known,
)

_PAGES = 4
"""Most further pages of answers that reached their row limit; then coverage is partial."""


class ActionNaming(msgspec.Struct, frozen=True):
    """A profile's name patterns: known actions, and those of frameworks."""

    known: tuple[str, ...] = ()
    noise: tuple[str, ...] = ()
    clicks: tuple[str, ...] = ()
    """Names of clicks that count, which are no custom actions."""
    fields: tuple[str, ...] = ()
    """Fields of the payload that rules need."""


class RumPlan(msgspec.Struct, frozen=True):
    """The next call, and the state of the calls so far."""

    call: Call | None = None
    """None when no call is left."""
    by: RumIdentity = RumIdentity.NOBODY
    elsewhere: bool | None = None
    """Whether the user has any events in 30 days; None where that was not queried."""
    failed: tuple[str, ...] = ()
    """Failed queries, in words."""
    truncated: tuple[str, ...] = ()
    """Queries without all rows, in words."""


def rum_plan(
    session: Session, asked: Mapping[str, RumAnswer | None], naming: ActionNaming
) -> RumPlan:
    """Return the next call for a session's user.

    `asked` holds the answer to each call made, under the call's text; None for a failed one. First
    the events of a RUM session with the session's own id, and of the user; if there are none with
    that id, the sessions around the first turn; then views and actions. A user without events in 30
    days is known after two calls. A single trace has no RUM.
    """
    if session.unit is not Unit.SESSION or not times_known(session):
        return RumPlan()
    window = session_window(session)
    plan = RumPlan()
    own = of_sessions(session_ids(session))
    who = _or_user(own, session.identity)
    views = rum_views(who, window)
    if str(views) not in asked:
        return replace(plan, call=views)
    answer = asked[str(views)]
    if answer is None:
        plan = replace(plan, failed=("views of the RUM session that the spans name",))
    elif _is_of_spans(answer, session):
        return _events(who, window, asked, naming, replace(plan, by=RumIdentity.SESSION_ID))
    if not of_user(session.identity):
        return _nameless(own, window, asked, naming, plan)
    lookup = rum_lookup(session.identity, min(turn.start for turn in session.turns))
    if str(lookup) not in asked:
        return replace(plan, call=lookup)
    found = asked[str(lookup)]
    if found is None:
        plan = replace(plan, failed=(*plan.failed, "lookup of the user's RUM sessions"))
        if len(plan.failed) > 1:
            return plan  # refused twice: no access
    elif not found.rows:
        return replace(plan, elsewhere=False)
    who, by = _who(session, found)
    elsewhere = None if found is None else True
    return _events(who, window, asked, naming, replace(plan, by=by, elsewhere=elsewhere))


def _nameless(
    own: str,
    window: Window,
    asked: Mapping[str, RumAnswer | None],
    naming: ActionNaming,
    plan: RumPlan,
) -> RumPlan:
    """Query the actions of the RUM session in the spans, where these name no user.

    Its page may have been open since before the window, and then no view is in it.
    """
    actions = rum_actions(own, window, _asked(naming))
    if str(actions) not in asked:
        return replace(plan, call=actions)
    answer = asked[str(actions)]
    if answer is None or not answer.events or plan.failed:
        return plan
    return _events(own, window, asked, naming, replace(plan, by=RumIdentity.SESSION_ID))


def _who(session: Session, found: RumAnswer | None) -> tuple[str, RumIdentity]:
    """Return the filter of the queries: browser sessions, else the user's id, else the e-mail."""
    identity = session.identity
    events = found.events if found else ()
    if sessions := around(events, session):
        return _or_user(of_sessions(sessions), identity), RumIdentity.AROUND
    met = any(event.user_id == identity.usr_id for event in events if is_users(event, identity))
    if identity.usr_id and (met or not identity.user_handle):
        return of_user_id(identity.usr_id), RumIdentity.USER_ID
    return of_email(identity.user_handle), RumIdentity.EMAIL


def _is_of_spans(answer: RumAnswer, session: Session) -> bool:
    """Tell whether views are of the RUM session that the spans name, and of no other user."""
    ids = {name.casefold() for name in session_ids(session)}
    named = bool(of_user(session.identity))
    own = [e for e in answer.events if e.rum_session.casefold() in ids or not named]
    return bool(own) and not any(is_anothers(event, session.identity) for event in own)


def _or_user(sessions: str, identity: Identity) -> str:
    """Return the filter for RUM sessions, and for those that the same user's browser began anew."""
    user = of_user(identity)
    return f"({sessions} OR {user})" if user else sessions


def _events(
    who: str,
    window: Window,
    asked: Mapping[str, RumAnswer | None],
    naming: ActionNaming,
    plan: RumPlan,
) -> RumPlan:
    """Return the calls for views, then actions, then truncated rows."""
    views = rum_views(who, window)
    actions = rum_actions(who, window, _asked(naming))
    for call in (views, actions):
        if str(call) not in asked:
            return replace(plan, call=call)
    narrow = _is_cut(asked[str(actions)]) and bool(naming.known)
    narrowed = rum_actions(who, window, _asked(naming, narrow=True)) if narrow else actions
    left = _PAGES
    for what, call in (("views", views), ("actions", narrowed)):
        plan, left = _pages(
            what, call, _asking(what, who, naming, narrow), window, asked, plan, left
        )
        if plan.call is not None:
            return plan
    return plan


def _pages(
    what: str,
    call: Call,
    ask: Callable[[Window, int], Call],
    window: Window,
    asked: Mapping[str, RumAnswer | None],
    plan: RumPlan,
    left: int,
) -> tuple[RumPlan, int]:
    """Follow a query to its last page, and return how many pages are left."""
    if str(call) not in asked:
        return replace(plan, call=call), left
    answer = asked[str(call)]
    if answer is None:
        return replace(plan, failed=(*plan.failed, what)), left
    seen = answer.rows
    while _is_cut(answer) and left:
        left -= 1
        following = ask(window, seen) if answer.is_table else ask(_before(answer, window), 0)
        if str(following) == str(call):
            break  # more events in one second than fit a page
        if str(following) not in asked:
            return replace(plan, call=following), left
        call, further = following, asked[str(following)]
        if further is None:
            break
        answer, seen = further, seen + further.rows
    if answer.is_truncated:
        plan = replace(plan, truncated=(*plan.truncated, what))
    return plan, left


def _asked(naming: ActionNaming, *, narrow: bool = False) -> AskedActions:
    names = naming.known if narrow else ()
    return AskedActions(names, naming.noise, naming.clicks, naming.fields)


def _is_cut(answer: RumAnswer | None) -> bool:
    return answer is not None and answer.is_truncated


def _asking(
    what: str, who: str, naming: ActionNaming, narrow: bool
) -> Callable[[Window, int], Call]:
    if what == "views":
        return lambda window, after: rum_views(who, window, after)
    asked = _asked(naming, narrow=narrow)
    return lambda window, after: rum_actions(who, window, asked, after)


def _before(answer: RumAnswer, window: Window) -> Window:
    """Return the window up to the oldest event of an answer, which is sorted newest first."""
    return Window(window.start, min((event.at for event in answer.events), default=window.start))
