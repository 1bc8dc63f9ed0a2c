"""`submit`: what is printed, what is sent, and what is never sent twice; all data is made up."""

import base64
import json
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from datadog_standin.evaluations import INTAKE
from datadog_standin.faults import Fault, Kind, Plan
from datadog_standin.recording import read_recording
from datadog_standin.server import StandIn, serving
from session_classify.errors import AuthError, ClassifyError, UnreachableError, UsageError
from session_classify.submission.intake import Intake, open_intake
from tests.backends.conftest import DEMO
from tests.backends.test_lapdog import agent
from tests.cli.run import run, run_process
from tests.instrument.test_middleware import run_sdk

__all__ = ["agent"]
SESSION = "5e551044-de30-4c1a-9551-000000000001"
NO = "--verdict no --failure hallucination=unbacked --cite write1 --confirm claim1".split()
JUDGED = {
    "verdict": "no",
    "reason": "The write was blocked.",
    "failures": [{"code": "hallucination", "why": "claimed a blocked write"}],
    "cite": ["write1"],
    "confirm": ["claim1"],
}
REASON = "The widget was never added: the write was blocked."


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """Return the demo's case with a verdict that the check accepts."""
    path = tmp_path / "case"
    done = run("demo", "--case", path)
    assert done.returncode == 0, done.stderr
    done = run("verdict", path, *NO, "--reason", REASON, "--breach", "turn2=wrote unasked")
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture
def server() -> Iterator[StandIn]:
    with serving(read_recording([DEMO])) as running:
        yield running


def faulty(running: ExitStack, *faults: Fault) -> StandIn:
    return running.enter_context(serving(read_recording([DEMO]), plan=Plan(faults)))


def metric_of(printed: str) -> dict[str, Any]:
    """Return the one metric of a printed body."""
    body = json.loads(printed)
    assert body["data"]["type"] == "evaluation_metric"
    (metric,) = body["data"]["attributes"]["metrics"]
    return dict(metric)


def last_root(case: Path) -> dict[str, str]:
    turn = json.loads((case / "session.json").read_bytes())["turns"][-1]
    return {"span_id": turn["root"]["id"], "trace_id": turn["trace_id"]}


def test_without_confirm_the_body_is_printed(case: Path, server: StandIn) -> None:
    """Everything that would be sent, and nothing is; no key is needed for it."""
    done = run("submit", case, "--url", server.url)
    hosted = run("submit", case)

    assert done.returncode == hosted.returncode == 0, done.stderr
    metric = metric_of(done.stdout)
    assert metric.pop("timestamp_ms") > 1_700_000_000_000
    assert metric.pop("join_on") == {"span": last_root(case)}
    assert [tag for tag in metric.pop("tags") if "version" not in tag] == [
        "ml_app:support-bot",
        "source:session-classify",
        "judged_by:agent",
    ]
    assert metric == {
        "label": "session_satisfied",
        "metric_type": "categorical",
        "categorical_value": "no",
        "event_kind": "evaluation",
        "eval_scope": "trace",
        "ml_app": "support-bot",
        "assessment": "fail",
        "reasoning": REASON,
        "metadata": {
            "unit": "session",
            "id": SESSION,
            "confidence": json.loads((case / "verdict.json").read_bytes())["confidence"],
            "trace_verdict": "no",
            "failures": [{"code": "hallucination", "why": "unbacked"}],
            "breaches": {"turn2": "wrote unasked"},
        },
    }
    assert "nothing was sent; --confirm sends this to http://127.0.0.1" in done.stderr
    assert f"to https://api.datadoghq.com{INTAKE}" in hosted.stderr
    assert server.evaluations == []
    assert not (case / "submitted.json").exists()


def test_it_is_sent_once(case: Path, server: StandIn) -> None:
    """The same verdict again sends nothing; under another label it is another evaluation."""
    first, second = (run("submit", case, "--url", server.url, "--confirm") for _ in range(2))
    other = run("submit", case, "--url", server.url, "--confirm", "--label", "judged")

    assert first.stdout.startswith("submitted: session_satisfied = no on span "), first.stderr
    assert second.stdout.startswith("already submitted, nothing was sent: session_satisfied")
    assert [one["label"] for one in server.evaluations] == ["session_satisfied", "judged"]
    assert first.returncode == second.returncode == other.returncode == 0


def test_a_changed_verdict_is_sent_anew(case: Path, server: StandIn) -> None:
    """What was submitted before is no reason to keep an old verdict there."""
    run("submit", case, "--url", server.url, "--confirm")
    run("verdict", case, *NO, "--reason", "The write was blocked, and told as done.")
    done = run("submit", case, "--url", server.url, "--confirm")

    assert done.stdout.startswith("submitted anew: session_satisfied = no on span ")
    assert [one["reasoning"] for one in server.evaluations] == [
        REASON,
        "The write was blocked, and told as done.",
    ]


@pytest.mark.matrix
def test_processes_at_once_send_it_once(case: Path) -> None:
    """One of them sends it, the others wait and find it sent."""
    with ExitStack() as running:
        server = faulty(running, Fault(Kind.SLOW, "eval-metric", times=3, ms=2_000))
        words = ("submit", case, "--url", server.url, "--confirm")
        with ThreadPoolExecutor(3) as pool:
            done = list(pool.map(lambda _: run_process(*words), range(3)))

        assert [one.returncode for one in done] == [0, 0, 0], done[0].stderr
        assert len(server.evaluations) == 1


def test_a_failed_attempt_goes_on_as_it_was(case: Path) -> None:
    """The error is kept, and the next run sends the same body, with its time."""
    with ExitStack() as running:
        server = faulty(running, Fault(Kind.BAD_REQUEST, "eval-metric", text="no such span"))
        failed = run("submit", case, "--url", server.url, "--confirm")
        (kept,) = json.loads((case / "submitted.json").read_bytes())
        done = run("submit", case, "--url", server.url, "--confirm")

        assert (failed.returncode, failed.stdout) == (2, "")
        assert "does not accept the evaluation (400" in failed.stderr
        assert kept["state"] == "failed"
        assert "no such span" in kept["error"]
        assert done.stdout.startswith("submitted: "), done.stderr
        assert [one["timestamp_ms"] for one in server.evaluations] == [kept["timestamp_ms"]]


@pytest.mark.parametrize(
    ("kind", "times", "code", "calls"),
    [
        (Kind.TOO_MANY, 1, 0, 2),
        (Kind.UNAVAILABLE, 1, 0, 2),
        pytest.param(Kind.UNAVAILABLE, 3, 5, 3, marks=pytest.mark.matrix),
        (Kind.FORBIDDEN, 9, 4, 1),
        (Kind.BAD_REQUEST, 9, 2, 1),
    ],
)
def test_only_a_passing_refusal_is_retried(
    case: Path, kind: Kind, times: int, code: int, calls: int
) -> None:
    """A rate limit is waited for; a refused key or body is told at once."""
    with ExitStack() as running:
        server = faulty(running, Fault(kind, "eval-metric", times=times, reset=0))
        done = run("submit", case, "--url", server.url, "--confirm")

        assert (done.returncode, server.router.plan.calls["eval-metric"]) == (code, calls)
        assert len(server.evaluations) == (code == 0)
        assert done.stderr.count("\n") == (code != 0)


def test_a_long_rate_limit_ends_the_run(case: Path) -> None:
    """It says when to come back, and the next run goes on."""
    with ExitStack() as running:
        server = faulty(running, Fault(Kind.TOO_MANY, "eval-metric", reset=3_600))
        limited = run("submit", case, "--url", server.url, "--confirm")
        done = run("submit", case, "--url", server.url, "--confirm")

        assert limited.returncode == 5
        assert "run the same command again in 3600 s" in limited.stderr
        assert (done.returncode, len(server.evaluations)) == (0, 1)


def test_no_answer_is_told_and_not_repeated(case: Path) -> None:
    """Nobody knows whether it arrived; the next run sends the same body."""
    done = run("submit", case, "--url", "http://127.0.0.1:1", "--confirm")

    (kept,) = json.loads((case / "submitted.json").read_bytes())
    assert done.returncode == 5
    assert "it is not known whether the evaluation arrived" in done.stderr
    assert kept["state"] == "failed"


@pytest.mark.parametrize("how", ["forced", "rules"])
def test_an_unchecked_verdict_needs_a_word(tmp_path: Path, server: StandIn, how: str) -> None:
    """Forced over a refusal, or read off rules alone: refused, and tagged where it is wanted."""
    case = tmp_path / "case"
    run("demo", "--case", case)
    if how == "forced":
        run("verdict", case, "--verdict", "yes", "--reason", "It was added.", "--force")
    else:
        run("classify", "session", SESSION, "--backend", f"bundle:{DEMO}", "--case", case)
    assert (case / "verdict.json").exists()

    refused = run("submit", case, "--url", server.url, "--confirm")
    dry = run("submit", case)
    sent = run("submit", case, "--url", server.url, "--confirm", "--include-unchecked")

    assert refused.returncode == dry.returncode == 6
    assert "is unchecked (" in refused.stderr
    assert dry.stdout == refused.stdout == ""
    assert sent.returncode == 0, sent.stderr
    (metric,) = server.evaluations
    assert "unchecked:true" in metric["tags"]
    assert metric["metadata"]["unchecked"] != []
    assert (metric["metadata"]["unchecked"] == ["rules-only"]) is (how == "rules")


def test_the_judge_of_a_trace_is_named(tmp_path: Path) -> None:
    """Its program as a tag, to tell judges apart; its whole command as metadata."""
    answer = tmp_path / "answer.json"
    answer.write_text(json.dumps(JUDGED))
    trace = "6affd5e4000000000f6604865e7ea5a1"
    case, judge = tmp_path / "case", f"/bin/cat {answer}"
    words = ("trace", trace, "--backend", f"bundle:{DEMO}", "--case", case)
    assert run("classify", *words, "--judge", judge).returncode == 0
    verdict = json.loads((case / "verdict.json").read_bytes())
    done = run("submit", case)

    metric = metric_of(done.stdout)
    assert (verdict["judge"], metric["metadata"]["judge"]) == (judge, judge)
    assert {"judged_by:command", "judge:cat"} <= set(metric["tags"])
    assert (metric["label"], metric["metadata"]["unit"]) == ("trace_satisfied", "trace")
    assert metric["join_on"]["span"]["trace_id"] == trace


@pytest.mark.parametrize("label", ["a.b", "", "1st", "x" * 101, "é", "a b\nc"])
def test_a_label_that_the_server_refuses_is_refused_here(case: Path, label: str) -> None:
    """The empty one is the default."""
    done = run("submit", case, "--label", label)

    assert (done.returncode, done.stderr.count("\n")) == ((0, 1) if label == "" else (2, 1))


@pytest.mark.parametrize(
    ("env", "words", "code", "told"),
    [
        ({}, [], 4, "DD_API_KEY is not set"),
        ({"DD_SITE": "datadoghq.eu", "DD_API_KEY": "k"}, [], 2, "the spans are of datadoghq.com"),
        ({"DD_READ_ONLY": "1"}, ["--url", "http://127.0.0.1:1"], 2, "DD_READ_ONLY is set"),
        ({"DD_API_KEY": "k"}, ["--url", "https://example.com"], 2, "is not on this machine"),
        ({"DD_API_KEY": "k"}, ["--url", "http://x@127.0.0.1/"], 2, "is not on this machine"),
    ],
)
def test_it_goes_nowhere_else(
    case: Path, env: dict[str, str], words: list[str], code: int, told: str
) -> None:
    """Neither without a key, nor to another organization or machine, nor in read-only mode."""
    done = run("submit", case, "--confirm", *words, **env)

    assert (done.returncode, told in done.stderr) == (code, True), done.stderr
    assert not (case / "submitted.json").exists()


@pytest.mark.parametrize("words", [["--confirm"], ["--url", "http://127.0.0.1:1"]])
def test_an_agent_may_only_look(case: Path, tmp_path: Path, words: list[str]) -> None:
    """`--restricted` allows the dry run, and no option that sends."""
    home = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
    allowed = run("--restricted", "submit", case, cwd=tmp_path, **home)
    refused = run("--restricted", "submit", case, *words, cwd=tmp_path, **home)

    assert allowed.returncode == 0, allowed.stderr
    assert metric_of(allowed.stdout)["categorical_value"] == "no"
    assert refused.returncode == 2
    assert f"--restricted does not allow {words[0]}" in refused.stderr


def test_a_key_goes_to_the_intake_alone(server: StandIn) -> None:
    """The path of a site needs the key; without it, and after a redirect, nothing is sent."""
    body = {"data": {"type": "evaluation_metric", "attributes": {"metrics": []}}}
    url, headers = server.url + INTAKE, {"Content-Type": "application/json"}

    with pytest.raises(UsageError, match="metrics must not be empty"):
        Intake(url, {**headers, "DD-API-KEY": "k"}).send(body)
    with pytest.raises(AuthError, match="refuses the key"):
        Intake(url, headers).send(body)
    assert server.evaluations == []


@contextmanager
def answering(status: int) -> Iterator[tuple[str, list[str]]]:
    """Serve one status, which a redirect sends on to another path; yield address and paths."""
    paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            paths.append(self.path)
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            paths.append(f"GET {self.path}")

        def log_message(self, *words: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{running.server_address[1]}/", paths
        finally:
            running.shutdown()
            thread.join()


@pytest.mark.parametrize(("status", "error"), [(200, UnreachableError), (302, UsageError)])
def test_only_202_is_an_acceptance(status: int, error: type[ClassifyError]) -> None:
    """A page that answers in between, or a redirect, is no intake."""
    with answering(status) as (url, paths):
        with pytest.raises(error):
            Intake(url, {"DD-API-KEY": "k"}).send({})
        assert paths == ["/"]


def test_the_key_is_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in a printed struct."""
    monkeypatch.setenv("DD_API_KEY", "made-up-key")

    intake = open_intake("", "datadoghq.com")

    assert intake.headers["DD-API-KEY"] == "made-up-key"
    assert "made-up-key" not in repr(intake)


def test_purge_removes_what_was_kept_of_it(case: Path, server: StandIn) -> None:
    """The record and its lock belong to the case: nothing of it is left."""
    run("submit", case, "--url", server.url, "--confirm")
    assert (case / "submitted.json").is_file()

    done = run("purge", case)

    assert (done.returncode, case.exists()) == (0, False), done.stderr


@pytest.mark.slow
def test_the_real_sdk_sends_the_same(agent: str, case: Path) -> None:
    """Its `submit_evaluation` into the test agent: path, headers and body but for its version."""
    done = run("submit", case, "--url", agent, "--confirm")
    assert done.returncode == 0, done.stderr
    before, ours = len(submitted(agent)), submitted(agent)[-1]
    metric = ours["body"]["data"]["attributes"]["metrics"][0]
    tags = dict(tag.split(":", 1) for tag in metric["tags"])
    arguments = {
        "label": "session_satisfied",
        "metric_type": "categorical",
        "value": "no",
        "span": last_root(case),
        "tags": {key: value for key, value in tags.items() if key != "ml_app"},
        "timestamp_ms": metric["timestamp_ms"],
        "metadata": metric["metadata"],
        "assessment": "fail",
        "reasoning": REASON,
        "eval_scope": "trace",
        "agent_service": "support-bot",
    }
    run_sdk(agent, "tests.submission.sdk_evaluation", given=json.dumps(arguments))
    theirs = submitted(agent)[-1]

    (sent,) = theirs["body"]["data"]["attributes"]["metrics"]
    version = [tag for tag in sent["tags"] if tag.startswith("ddtrace.version:")]
    sent["tags"] = [tag for tag in sent["tags"] if tag not in version]
    assert (len(version), theirs["body"]) == (1, ours["body"])
    assert theirs | {"body": None} == ours | {"body": None}
    assert len(submitted(agent)) == before + 1


def submitted(agent: str) -> list[dict[str, Any]]:
    """Return the requests for evaluations that the test agent received, in their order."""
    with urllib.request.urlopen(f"{agent}/test/session/requests", timeout=30) as answer:
        requests = json.load(answer)
    found = []
    for one in requests:
        path = "/" + one["url"].split("/", 3)[3]
        if path.endswith("/eval-metric"):
            headers = {key.lower(): value for key, value in one["headers"].items()}
            found.append(
                {
                    "path": path,
                    "type": headers["content-type"],
                    "subdomain": headers["x-datadog-evp-subdomain"],
                    "body": json.loads(base64.b64decode(one["body"])),
                }
            )
    return found
