"""The span processor in real apps: the browser's header in, spans out, their session classified.

`make sdk` installs OpenTelemetry and the frameworks in an environment without ddtrace.
"""

import json
import os
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.backends.test_lapdog import DEFAULT, running_agent
from tests.backends.test_live import session
from tests.cli.run import run
from tests.conftest import ROOT

pytestmark = pytest.mark.slow
OTEL = DEFAULT.parents[1].with_name("sdk-otel") / "bin" / "python"
TOGETHER = 50
REQUESTS = {
    "conversation/own": "session.id=rum-own,user.id=u-1",
    "conversation/rum": "session.id=rum-1,user.id=u-42,account.id=acct-7,secret=s",
    "conversation/none": "",
    "conversation/malformed": "session.id",
    **{f"together/{n}": f"session.id=rum-{n},user.id=u-{n}" for n in range(100, 100 + TOGETHER)},
}
"""Path to the baggage header."""
RUM = {"rum.session_id": "rum-1", "usr.id": "u-42", "usr.account_id": "acct-7"}
IDS = (*RUM, "gen_ai.conversation.id")
Spans = dict[str, dict[str, Any]]


@pytest.fixture(scope="module", params=["asgi", "wsgi"])
def app(request: pytest.FixtureRequest) -> Iterator[tuple[str, Spans]]:
    """Let an app answer all requests; yield its test agent and the attributes of its spans."""
    python = Path(os.environ.get("SESSION_CLASSIFY_SDK_OTEL", OTEL))
    if not python.is_file():
        pytest.skip(f"no OpenTelemetry at {python}; `make sdk` installs it and runs this")
    with running_agent() as (_, url, otlp):
        done = subprocess.run(
            [python, "-m", "tests.instrument.otel_apps", request.param, "made-up"],
            input=json.dumps([(path, headers(path)) for path in REQUESTS]),
            env={
                **os.environ,
                "OTEL_EXPORTER_OTLP_ENDPOINT": otlp,
                "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'scripts'}",
            },
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3_000:]
        yield url, json.loads(done.stdout)


def headers(path: str) -> dict[str, str]:
    """Return what the RUM browser SDK sends: each request is a trace of its own."""
    number = list(REQUESTS).index(path) + 1
    made = {"traceparent": f"00-{number:032x}-{number:016x}-01", "baggage": REQUESTS[path]}
    return {name: value for name, value in made.items() if value}


def ids(spans: Spans, name: str) -> dict[str, str]:
    """Return the ids on a span."""
    return {key: spans[name][key] for key in IDS if key in spans[name]}


def test_every_span_of_a_request_gets_the_ids(app: tuple[str, Spans]) -> None:
    """The web framework's spans as well; those of generative AI also the session."""
    spans = app[1]
    with_session = {**RUM, "gen_ai.conversation.id": "rum-1"}

    assert ids(spans, "GET /conversation/rum") == ids(spans, "conversation/rum/step") == RUM
    assert ids(spans, "conversation/rum") == ids(spans, "conversation/rum/chat") == with_session
    assert not any("secret" in attributes for attributes in spans.values())


def test_a_session_of_the_app_wins_and_is_inherited(app: tuple[str, Spans]) -> None:
    """The RUM session keeps its own attribute."""
    own = {
        "rum.session_id": "rum-own",
        "usr.id": "u-1",
        "gen_ai.conversation.id": "conversation-1",
    }

    assert ids(app[1], "conversation/own") == ids(app[1], "conversation/own/chat") == own
    del own["gen_ai.conversation.id"]
    assert ids(app[1], "conversation/own/step") == own


@pytest.mark.parametrize("name", ["conversation/none", "conversation/malformed"])
def test_without_ids_nothing_changes(app: tuple[str, Spans], name: str) -> None:
    """No header, or one that cannot be read."""
    found = [ids(app[1], one) for one in (f"GET /{name}", name, f"{name}/chat")]

    assert found == [{}, {}, {}]


def test_concurrent_requests_do_not_mix(app: tuple[str, Spans]) -> None:
    """Fifty requests that are answered at once have the ids of their own header."""
    for path in [path for path in REQUESTS if path.startswith("together")]:
        number = path.partition("/")[2]
        told = {"rum.session_id": f"rum-{number}", "usr.id": f"u-{number}"}

        assert ids(app[1], path) == {**told, "gen_ai.conversation.id": f"rum-{number}"}
        assert ids(app[1], f"GET /{path}") == told


def test_doctor_sees_that_it_works(app: tuple[str, Spans]) -> None:
    """The spans of generative AI count, and the web framework's above them."""
    done = run("doctor", "--instrument", DD_TRACE_AGENT_URL=app[0])

    (root,) = re.findall(
        r"works: the newest root span, (GET /\S+), has the RUM session", done.stdout
    )
    assert "rum.session_id" in app[1][root]
    assert f"session_id: on {2 * (2 + TOGETHER)} spans" in done.stdout


def test_its_session_is_classified_with_the_rum_session_of_its_spans(
    app: tuple[str, Spans], tmp_path: Path
) -> None:
    """The browser's session is known without a look-up, beside a session of the app or as it."""
    spans = tmp_path / "spans.json"
    with urllib.request.urlopen(f"{app[0]}/test/session/requests", timeout=30) as answer:
        spans.write_bytes(answer.read())

    for unit_id, rum_session in (("conversation-1", "rum-own"), ("rum-1", "rum-1")):
        case = tmp_path / unit_id
        done = run("classify", "session", unit_id, "--backend", f"files:{spans}", "--case", case)

        assert done.returncode == 0, done.stderr
        found = session(case)
        assert found.identity.rum_session_ids == (rum_session,)
        assert [turn.user_text for turn in found.turns] == ["Where is parcel P-1?"]
