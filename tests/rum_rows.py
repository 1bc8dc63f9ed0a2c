"""Rows of a RUM search out of the short form of the situations `rum-*`; all of them are made up."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from session_classify.instants import parsed_instant, stamp
from session_classify.model import Identity, Iteration, Session, SpanRef, Turn
from session_classify.vocabulary import ContentSource, Unit

PROFILE = Path(__file__).parent / "profiles" / "made-up-assistant.yaml"
START = "2026-11-20T05:09:00Z"
SITE = "https://app.example.com"
ASKED = "Make a dashboard for the checkout errors"
ANSWERED = f"Your new dashboard is at {SITE}/dashboard/abc-123-xyz."


def an_id(name: str) -> str:
    """Return the UUID that stands for a short name."""
    return str(uuid5(NAMESPACE_URL, f"made-up:{name}"))


def a_rum_row(event: dict[str, Any], number: int, start: str = START) -> dict[str, Any]:
    """Return an event as a row of `POST /api/v2/rum/events/search`.

    `at` is in seconds from the start, or `stamp` is the time as it is written. A view has `url` and
    `for` (seconds), an action its name and perhaps `frustration`, an error its message and
    `source`; `tab` names the view that it happened on.
    """
    base = parsed_instant(start)
    at = base + timedelta(seconds=event.get("at", 0))
    written = event.get("stamp") or stamp(at)
    kinds = [kind for kind in ("action", "error") if kind in event]
    kind = kinds[0] if kinds else event.get("type", "view")
    view: dict[str, Any] = {
        "id": an_id(str(event.get("tab", f"view {event.get('url', '')} {number}"))),
        "url": _url(event.get("url", "/assistant")),
        "referrer": "",
    }
    inner: dict[str, Any] = {
        "type": kind,
        "date": int(parsed_instant(written).timestamp() * 1000),
        "application": {"id": an_id("app")},
        "session": {"id": an_id(event.get("session", "browser")), "type": "user"},
        "source": "browser",
        "view": view,
        "usr": {"id": event.get("user", "u-42"), "email": event.get("email", "ana@example.com")},
        "context": event.get("context", {"made_up": True}),
        "_dd": {"format_version": 2},
    }
    if kind == "view":
        none = {name: {"count": 0} for name in ("action", "error", "resource")}
        view.update({"time_spent": int(event.get("for", 10) * 10**9), **none})
        inner["_dd"]["document_version"] = 1
        inner["feature_flags"] = event.get("flags", {})
    elif kind == "action":
        name = event["action"]
        inner["action"] = {
            "type": "click" if name.startswith("click on") else "custom",
            "id": an_id(f"action {number}"),
            "target": {"name": name},
        }
        if "frustration" in event:
            inner["action"]["frustration"] = {"type": event["frustration"]}
    elif "error" in event:
        inner["error"] = {"message": event["error"], "source": event.get("source", "source")}
    attributes = {"service": "web", "tags": [], "timestamp": written, "attributes": inner}
    return {"id": f"made-up-{number}", "type": "rum", "attributes": attributes}


def rum_rows(situation: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of a situation, in the order in which it lists them."""
    start = situation.get("start", START)
    return [a_rum_row(e, number, start) for number, e in enumerate(situation["events"], start=1)]


def a_rum_session(situation: dict[str, Any]) -> Session:
    """Return the session of a situation: `turns` with `at`, `end`, texts and model times."""
    base = parsed_instant(situation.get("start", START)).astimezone(UTC)
    turns = situation.get("turns") or [{}]
    made = tuple(_turn(turn, number, base) for number, turn in enumerate(turns, start=1))
    identity = Identity(user_handle="ana@example.com", usr_id=situation.get("usr_id", ""))
    name = situation.get("session_id", "conversation")
    return Session(an_id(name), Unit.SESSION, "made-up-assistant", made, identity=identity)


def _turn(turn: dict[str, Any], number: int, base: datetime) -> Turn:
    def moment(seconds: float) -> datetime:
        return base + timedelta(seconds=seconds)

    at = turn.get("at", (number - 1) * 60)
    models = turn.get("models", [[at + 1, at + 6], [at + 9, at + 19.5]])
    steps = tuple(
        Iteration(place, f"m{place}", "", (), start=moment(begin), end=moment(end))
        for place, (begin, end) in enumerate(models, start=1)
    )
    return Turn(
        number,
        f"t{number}",
        SpanRef(f"r{number}"),
        moment(at),
        moment(turn.get("end", at + 20)),
        turn.get("user", ASKED),
        turn.get("answer", ANSWERED if number == 1 else "Done."),
        ContentSource.MESSAGES,
        iterations=steps,
    )


def _url(url: str) -> str:
    return url if "://" in url else SITE + url
