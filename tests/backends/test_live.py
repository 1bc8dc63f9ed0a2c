"""Sessions from live backends: the same as from the rows, within the calls that they may take."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from session_classify.model import Session
from session_classify.resources import resource
from tests.backends.conftest import DEMO, KEYS, Server
from tests.cli.run import run
from tests.wire.session.test_from_answers import NOT_CARRIED, differences

SESSION = json.loads((DEMO / "spans.jsonl").read_text().splitlines()[0])["attributes"]["tags"]
SESSION_ID = next(tag[11:] for tag in SESSION if tag.startswith("session_id:"))
Environment = Callable[[str], dict[str, str]]


def gathered(case: Path, *arguments: object, session_id: str = SESSION_ID, **env: str) -> Any:
    return run("gather", "session", session_id, *arguments, "--case", case, **env)


def session(case: Path) -> Session:
    """Return what a case holds."""
    return msgspec.json.decode((case / "session.json").read_bytes(), type=Session)


def log(tmp_path: Path) -> list[str]:
    """Return the calls that the stand-in pup was asked for."""
    return (tmp_path / "pup.log").read_text().splitlines()


# What pup's answers cannot carry beside what loops and messages cannot, and why.
NOT_BY_PUP = {
    **NOT_CARRIED["by_loops"],
    **NOT_CARRIED["by_last_messages"],
    "Iteration.model": "loops name no model",
    "Turn.models": "so the turn's are those of listed spans alone",
    "Turn.start": "lists tell milliseconds",
    "Turn.end": "lists tell milliseconds",
    "Iteration.stop_reason": "lists and contents leave it out, where no tag has it",
    "Turn.stop_reason": "it is that of the last iteration",
    "Session.tools": "only exported model spans list the tools that were offered",
}


def test_the_api_gives_what_the_rows_give(serve: Server, tmp_path: Path) -> None:
    """The export holds everything: no field differs, and one call a page is all it takes.

    What happened around the session takes 13 more: four for RUM and two for the one asset that it
    names, each with its empty last page, and one for neighbours.
    """
    gathered(tmp_path / "a", "--backend", f"bundle:{DEMO}")

    done = gathered(tmp_path / "b", "--backend", f"api:{serve(DEMO)}", **KEYS)

    assert done.returncode == 0, done.stderr
    assert session(tmp_path / "b") == session(tmp_path / "a")
    assert "api: 14 calls, " in done.stderr


def test_pup_gives_what_the_rows_give(serve: Server, pup: Environment, tmp_path: Path) -> None:
    """Up to what the table says of its sources, in any agent's environment."""
    gathered(tmp_path / "a", "--backend", f"bundle:{DEMO}")

    done = gathered(tmp_path / "b", "--backend", "pup", **pup(serve(DEMO)))

    assert done.returncode == 0, done.stderr
    found = differences(session(tmp_path / "a"), session(tmp_path / "b"))
    assert [item for item in found if item[0] not in NOT_BY_PUP] == []
    assert "Missing, and can still be fetched" not in done.stdout


def around(case: Path) -> list[Any]:
    """Return what a case says of what happened around its session."""
    findings = json.loads((case / "findings.json").read_bytes())
    coverage = json.loads((case / "case.json").read_bytes())["coverage"]
    late = [f for f in findings if f["id"].startswith(("rum", "audit", "near", "feedback"))]
    return [late, coverage["rum"], coverage["rum_by"], coverage["audit"]]


def test_what_happened_around_is_found_by_every_way_in(
    serve: Server, pup: Environment, tmp_path: Path
) -> None:
    """RUM and audit rows of a bundle, of the API and of pup are the same findings and coverage."""
    url = serve(DEMO)
    done = [
        gathered(tmp_path / "a", "--backend", f"bundle:{DEMO}"),
        gathered(tmp_path / "b", "--backend", f"api:{url}", **KEYS),
        gathered(tmp_path / "c", "--backend", "pup", **pup(url)),
    ]

    assert [one.returncode for one in done] == [0, 0, 0]
    found = around(tmp_path / "a")
    assert [f["rule"] for f in found[0]] == [
        "rum-exact-asset-used",
        "audit-write-refused",
        "audit-done-by-hand",
    ]
    assert found[1] == "full"
    assert around(tmp_path / "b") == found == around(tmp_path / "c")
    calls = log(tmp_path)
    assert sum(call.startswith("rum ") for call in calls) <= 4
    assert sum(call.startswith("audit-logs ") for call in calls) == 2
    assert sum("user_handle:" in call for call in calls) == 1


@pytest.mark.matrix
def test_payloads_of_actions_are_read_by_every_way_in(
    serve: Server, pup: Environment, tmp_path: Path
) -> None:
    """A bundle, the API, pup and MCP give the same findings where payloads decide them."""
    bundle = tmp_path / "bundle"
    shutil.copytree(DEMO, bundle)
    (click,) = [row for row in (bundle / "rum.jsonl").read_text().splitlines() if "rum-3" in row]
    row = json.loads(click)
    row["id"] = "made-up-rum-rage"
    action = row["attributes"]["attributes"]["action"]
    action |= {"id": "made-up-rage", "name": "click on Copy", "target": {"name": "Copy"}}
    action["frustration"] = {"type": ["rage_click"]}
    with (bundle / "rum.jsonl").open("a") as rows:
        rows.write(json.dumps(row) + "\n")
    url = serve(bundle)
    mcp = f"mcp:'{sys.executable}' -m session_classify serve --replay --mcp stdio '{bundle}'"
    own = ("--profile", resource("references", "apps", "bits-assistant.yaml"))
    done = [
        gathered(tmp_path / "a", "--backend", f"bundle:{bundle}", *own),
        gathered(tmp_path / "b", "--backend", f"api:{url}", *own, **KEYS),
        gathered(tmp_path / "c", "--backend", "pup", *own, **pup(url)),
        gathered(tmp_path / "d", "--backend", mcp, *own),
    ]

    assert [one.returncode for one in done] == [0] * 4, done[-1].stderr
    found = [
        {
            (f["rule"], f["tier"], f["direction"], f["summary"], f["quote"])
            for f in around(tmp_path / name)[0]
            if not f["id"].startswith("audit")  # MCP has no tool for the audit trail
        }
        for name in "abcd"
    ]
    assert {"rum-client-tool-error", "rum-frustration", "feedback-negative"} <= {
        rule for rule, *_ in found[0]
    }
    assert found == [found[0]] * 4


@pytest.mark.matrix
def test_a_session_soon_after_is_found_by_every_way_in(
    serve: Server, pup: Environment, tmp_path: Path
) -> None:
    """The same user came back within 15 minutes: one more call, and a finding to be read."""
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    lines = (DEMO / "spans.jsonl").read_text().splitlines()
    later = []
    for line in lines:
        row = json.loads(line.replace(SESSION_ID, "made-up-later"))
        row["attributes"]["start_ns"] += 5 * 60 * 10**9
        for key in ("span_id", "trace_id", "parent_id"):
            if row["attributes"][key] != "undefined":
                row["attributes"][key] = row["attributes"][key][::-1]
        later.append(json.dumps(row))
    (bundle / "spans.jsonl").write_text("\n".join([*lines, *later]))
    url = serve(bundle)
    mcp = f"mcp:'{sys.executable}' -m session_classify serve --replay --mcp stdio '{bundle}'"
    done = [
        gathered(tmp_path / "a", "--backend", f"bundle:{bundle}"),
        gathered(tmp_path / "b", "--backend", f"api:{url}", **KEYS),
        gathered(tmp_path / "c", "--backend", "pup", **pup(url)),
        gathered(tmp_path / "d", "--backend", mcp),
    ]

    assert [one.returncode for one in done] == [0] * 4, done[-1].stderr
    for name in "abcd":
        (near,) = [f for f in around(tmp_path / name)[0] if f["id"].startswith("near")]
        assert (near["rule"], near["tier"], near["needs_reading"]) == ("near-retry", "A", True)
        assert "session made-up-later of the same user" in near["summary"]
        assert near["quote"].count("Which dashboard shows checkout latency?") == 2


@pytest.mark.matrix
def test_the_order_of_arrival_never_shows(serve: Server, pup: Environment, tmp_path: Path) -> None:
    """The first of several calls answered last: the same case, its fence too; each round is told.

    So what was read and judged still counts when the same session is gathered again.
    """
    faults = tmp_path / "faults.json"
    faults.write_text('[{"endpoint": "get-agent-loop", "call": 1, "fault": "slow", "ms": 700}]')
    done = [
        gathered(tmp_path / name, "--backend", "pup", **pup(serve(DEMO, *options)))
        for name, options in (("a", ()), ("b", ("--faults", faults)))
    ]

    assert [one.returncode for one in done] == [0, 0], done[1].stderr
    assert done[0].stdout.replace(str(tmp_path / "a"), str(tmp_path / "b")) == done[1].stdout
    raw = [[path.read_bytes() for path in sorted((tmp_path / n / "raw").iterdir())] for n in "ab"]
    assert raw[0] == raw[1]
    infos = [json.loads((tmp_path / name / "case.json").read_bytes()) for name in "ab"]
    assert infos[0]["nonce"] == infos[1]["nonce"]
    assert "pup: get_llmobs_agent_loop ×" in done[0].stderr


@pytest.mark.parametrize("name", ["tau2air-t000-r0", "tauair-t002-r2", "swe-django__django-14315"])
def test_a_real_session_comes_whole_within_its_budget(
    serve: Server, pup: Environment, tmp_path: Path, shared_data: Path, name: str
) -> None:
    """By pup: turns + 2 calls with loops, 3 × turns + 2 wrapped, and the results on spans alone."""
    bundle = shared_data / "bundles" / name
    labels = json.loads((bundle.parent / "labels.json").read_bytes())
    session_id = labels[name]["session_id"]
    gathered(tmp_path / "a", "--backend", f"bundle:{bundle}", session_id=session_id)

    done = gathered(tmp_path / "b", "--backend", "pup", session_id=session_id, **pup(serve(bundle)))

    assert done.returncode == 0, done.stderr
    whole = session(tmp_path / "a")
    found = differences(whole, session(tmp_path / "b"))
    assert [item for item in found if item[0] not in NOT_BY_PUP] == []
    calls = log(tmp_path)
    spans = [call for call in calls if call.startswith("llm-obs") and "user_handle:" not in call]
    extra = sum("--field output" in call or "--field input" in call for call in spans)
    wrapped = any("expand" in call for call in spans)
    assert len(spans) - extra <= (3 if wrapped else 1) * len(whole.turns) + 2
    assert sum(call.startswith("rum ") for call in calls) <= 2  # these users have no events


def test_no_key_is_written_or_printed(serve: Server, tmp_path: Path) -> None:
    """Whatever happens, keys stay in the environment."""
    url = serve(DEMO)
    done = gathered(tmp_path / "c", "--backend", f"api:{url}", **KEYS)
    failed = gathered(tmp_path / "d", "--backend", f"api:{url}1", **KEYS)

    for key in KEYS.values():
        assert key not in done.stdout + done.stderr + failed.stdout + failed.stderr
        for path in tmp_path.rglob("*"):
            assert not path.is_file() or key.encode() not in path.read_bytes()


NOTHING = {"PATH": "/nonexistent", "DD_API_KEY": "", "DD_APP_KEY": ""}


@pytest.mark.parametrize(
    ("arguments", "env", "code", "told"),
    [
        (("--backend", "api"), {"DD_API_KEY": "", "DD_APP_KEY": ""}, 4, "DD_API_KEY and DD_APP"),
        (("--backend", "api:http://example.com"), KEYS, 2, "keys are not sent there"),
        (("--backend", "pup"), {"PATH": "/nonexistent"}, 5, "pup is not on the PATH"),
        (("--backend", "auto"), NOTHING, 5, "no live backend works here"),
        ((), NOTHING, 5, "install pup, then `pup auth login`"),
    ],
)
def test_what_is_missing_is_told_before_any_call(
    tmp_path: Path, arguments: tuple[str, ...], env: dict[str, str], code: int, told: str
) -> None:
    """Keys, a place for them, a program: one line, the right exit code, no case."""
    done = gathered(tmp_path / "c", *arguments, **{"DD_APPLICATION_KEY": "", **env})

    assert (done.returncode, done.stderr.count("\n")) == (code, 1), done.stderr
    assert told in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.matrix
def test_without_a_backend_what_works_is_taken(
    serve: Server, pup: Environment, tmp_path: Path
) -> None:
    """No keys but a pup: `auto` and no word at all are pup, and `doctor` says so."""
    env = {**pup(serve(DEMO)), "DD_API_KEY": "", "DD_APP_KEY": ""}

    done = gathered(tmp_path / "c", **env)
    doctor = run("doctor", **env)

    assert done.returncode == 0, done.stderr
    assert "pup: " in done.stderr
    assert "pup: is set up" in doctor.stdout
    assert doctor.stdout.rstrip().endswith("without --backend: pup")


def test_the_doctor_never_prints_a_key() -> None:
    """It says that a key is set, and no more."""
    done = run("doctor", **KEYS)

    assert "DD_API_KEY set, DD_APP_KEY set" in done.stdout
    assert not any(key in done.stdout + done.stderr for key in KEYS.values())


def test_an_old_bundle_is_replayed(serve: Server, pup: Environment, tmp_path: Path) -> None:
    """Rows of years ago are in every window, by either backend, and keep their own times."""
    rows = [json.loads(line) for line in (DEMO / "spans.jsonl").read_text().splitlines()]
    for row in rows:
        stamp = row["attributes"]["start_ns"]
        unit = 10**9 if stamp > 10**17 else 10**3
        row["attributes"]["start_ns"] = stamp - 800 * 86_400 * unit
    old = tmp_path / "old"
    old.mkdir()
    (old / "spans.jsonl").write_text("\n".join(map(json.dumps, rows)))
    gathered(tmp_path / "a", "--backend", f"bundle:{old}")
    url = serve(old)

    by_api = gathered(tmp_path / "b", "--backend", f"api:{url}", **KEYS)
    by_pup = gathered(tmp_path / "c", "--backend", "pup", **pup(url))

    assert (by_api.returncode, by_pup.returncode) == (0, 0), by_api.stderr + by_pup.stderr
    assert session(tmp_path / "b") == session(tmp_path / "a")
    assert len(session(tmp_path / "c").turns) == len(session(tmp_path / "a").turns)


def test_without_the_client_its_cure_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not installed ends with exit code 7 and the command for this very Python."""
    import sys

    from session_classify.backends import environment
    from session_classify.backends.api import open_api
    from session_classify.errors import LackingError

    monkeypatch.setattr(environment, "find_spec", lambda _: None)

    with pytest.raises(LackingError, match="-m pip install datadog-api-client") as caught:
        open_api("")

    assert sys.executable in str(caught.value)
    assert caught.value.exit_code == 7


def test_doctor_records_what_a_live_backend_answered(serve: Server, tmp_path: Path) -> None:
    """A case of the api becomes an account that can be sent: no id, no text, no address."""
    gathered(tmp_path / "c", "--backend", f"api:{serve(DEMO)}", **KEYS)

    done = run("doctor", "--record", tmp_path / "c")

    assert done.returncode == 0, done.stderr
    assert "data[].attributes.span_id: text" in done.stdout
    assert done.stderr == ""
    for value in ("5e551044", "ana@example.com", "checkout", "abc-123", "support-bot"):
        assert value in (tmp_path / "c" / "session.json").read_text()
        assert value not in done.stdout
