"""From the browser's header to a verdict: the RUM session is taken from the spans."""

import json
import urllib.request
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.backends.test_lapdog import agent
from tests.backends.test_live import session
from tests.cli.run import run
from tests.instrument.test_middleware import run_sdk, spans_of

__all__ = ["agent"]


def rum_event(number: int, at: datetime, rum_session: str, user: str) -> dict[str, Any]:
    """Return a made-up event as the RUM search answers it: the user copied the answer."""
    return {
        "id": f"event-{number}",
        "type": "rum",
        "attributes": {
            "timestamp": at.isoformat(),
            "attributes": {
                "type": "action",
                "action": {"id": f"a-{number}", "type": "custom", "target": {"name": "copy"}},
                "session": {"id": rum_session},
                "view": {"id": "v-1", "url": "https://shop.example.com/chat"},
                "usr": {"id": user},
            },
        },
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("web", "path", "unit_id", "rum_session"),
    [
        (("asgi", "none"), "conversation/own", "conversation-1", "rum-own"),
        (("asgi", "none"), "conversation/rum", "rum-1", "rum-1"),
        (("wsgi", "inside"), "conversation/rum", "rum-2", "rum-2"),
    ],
)
def test_a_session_has_the_rum_session_of_its_spans(
    agent: str, tmp_path: Path, web: tuple[str, str], path: str, unit_id: str, rum_session: str
) -> None:
    """Header in, spans out: the user is whoever has that browser session, by no other id."""
    app = f"classified-{rum_session}"
    header = {"baggage": f"session.id={rum_session}"}
    run_sdk(agent, "tests.instrument.apps", *web, app, given=json.dumps([(path, header)]))
    start = datetime.fromtimestamp(spans_of(agent, app)[path]["start"] / 1000).astimezone()
    spans, rum = tmp_path / "spans.json", tmp_path / "rum.json"
    with urllib.request.urlopen(f"{agent}/test/session/requests", timeout=30) as answer:
        spans.write_bytes(answer.read())
    at = start + timedelta(seconds=20)
    events = [rum_event(1, at, rum_session, "u-1"), rum_event(2, at, "renewed", "u-1")]
    others = [rum_event(3, at, "rum-of-another", "u-2")]
    rum.write_text(json.dumps({"data": events + others}))
    case = tmp_path / "case"

    words = ("classify", "session", unit_id, "--backend", f"files:{spans}", str(rum))
    done = run(*words, "--case", case)

    assert done.returncode == 0, done.stderr
    assert session(case).identity.rum_session_ids == (rum_session,)
    coverage = json.loads((case / "case.json").read_bytes())["coverage"]
    assert coverage["rum_by"].startswith("the session id of the spans, which is a RUM session id")
    stored = json.loads((case / "events.json").read_bytes())["rum"]
    assert [event["rum_session"] for event in stored] == [rum_session, "renewed"]
