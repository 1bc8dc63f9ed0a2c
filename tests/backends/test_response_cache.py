"""Responses that are kept for the next run: whole ones alone, and only for whoever got them."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datadog_standin.faults import Fault, Kind, Plan
from session_classify.backends.api import Api
from session_classify.backends.fallback import Fallback
from session_classify.backends.live import Live
from session_classify.backends.mcp import Mcp
from session_classify.backends.pup import Pup
from session_classify.backends.response_cache import OLDEST, ResponseCache, name_of
from session_classify.errors import AuthError
from session_classify.events import Asset, Times
from session_classify.gathering.gather import gather
from session_classify.model import Session
from session_classify.queries import audit as audit_queries
from session_classify.queries import rum as rum_queries
from session_classify.queries import trace as trace_queries
from session_classify.queries.call import Call
from session_classify.vocabulary import Unit
from session_classify.wire.session.from_rows import build_session
from session_classify.wire.trace.spans import read_spans
from session_classify.wire.whole_response import is_whole
from tests.backends.conftest import DEMO, Server
from tests.backends.test_faults import plan as plan_file
from tests.backends.test_live import SESSION_ID, Environment, gathered, log, session
from tests.backends.test_retries import caller
from tests.cli.run import run
from tests.conftest import every
from tests.situations import samples


def the_session() -> Session:
    """Return the demo's session from its rows."""
    with (DEMO / "spans.jsonl").open("rb") as file:
        return build_session(read_spans(file, "spans"), Unit.SESSION, SESSION_ID)[0]


WHOLE = the_session()
TURN = WHOLE.turns[-1]
SPAN = (Unit.SESSION, TURN.trace_id, TURN.root.id)
TIMES = Times(WHOLE.turns[0].start, TURN.end)
WINDOW = rum_queries.behaviour_window(TIMES.start, TIMES.end)
CALLS = {
    "search": trace_queries.search(Unit.SESSION, SESSION_ID),
    "loop": trace_queries.agent_loop(Unit.SESSION, TURN.trace_id, (TURN.agent or TURN.root).id),
    "expand": trace_queries.expand(*SPAN),
    "content": trace_queries.content(*SPAN, "output"),
    "details": trace_queries.details(*SPAN),
    "near": rum_queries.neighbours(WHOLE),
    "rum": rum_queries.rum_views("@usr.email:ana@example.com", WINDOW),
    "audit": audit_queries.history(Asset("dashboard", "abc-123"), TIMES),
    "export": trace_queries.export(Unit.SESSION, SESSION_ID),
}
ANSWERED = {
    "api": ("export", "near", "rum", "audit"),
    "pup": ("search", "loop", "expand", "content", "details", "near", "rum", "audit"),
    "mcp": ("search", "loop", "expand", "content", "details", "near", "rum"),
}
EVERY = [(backend, name) for backend, names in ANSWERED.items() for name in names]
NO_ANSWERS = {
    "400": 1, "403": 1, "404": 1, "429": 3, "500": 3, "truncated": 1, "empty": 1, "error-body": 1,
    "cut": 3, "masked": 1,
}  # fmt: skip
"""What can come instead of an answer, and how often until nobody asks again."""
CONTENTS = ("search", "loop", "content", "near", "export")
"""Answers in which texts of people and models stand, which can be masked."""


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the demo with its model calls right below the agents, so that agent loops are full."""
    folder = tmp_path_factory.mktemp("bundle")
    shutil.copytree(DEMO, folder, dirs_exist_ok=True)
    rows = [json.loads(line) for line in (DEMO / "spans.jsonl").read_text().splitlines()]
    roots = {
        row["attributes"]["trace_id"]: row["attributes"]["span_id"]
        for row in rows
        if row["attributes"]["parent_id"] == "undefined"
    }
    for row in rows:
        if row["attributes"]["span_kind"] in ("llm", "tool"):
            row["attributes"]["parent_id"] = roots[row["attributes"]["trace_id"]]
    (folder / "spans.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return folder


def asked(place: Any, folder: Path, call: Call) -> tuple[bytes, list[str]]:
    """Ask a call as one that is not needed; return its answer, and what was said of kept ones."""
    said: list[str] = []
    live = Live(place, folder, said.append, is_whole)
    (answer,) = live.more((call,), needed=False)
    return b"".join(answer.chunks), [line for line in said if "reusing" in line]


@pytest.mark.parametrize(
    ("backend", "name"),
    every(
        EVERY,
        kept=[
            ("api", "export"),
            ("api", "audit"),
            ("pup", "search"),
            ("mcp", "loop"),
            ("mcp", "rum"),
        ],
    ),
)
def test_a_whole_answer_is_not_asked_for_again(
    bundle: Path, tmp_path: Path, backend: str, name: str
) -> None:
    """The next run takes it from the folder, byte by byte, and says so."""
    faults, call, folder = Plan(), CALLS[name], tmp_path / "answers"
    assert call is not None
    with caller(backend, tmp_path, faults, bundle=bundle) as place:
        first, said = asked(place, folder, call)
        again, said_again = asked(place, folder, call)

    assert is_whole(first), first[:500]
    assert first == again
    assert (faults.calls["*"], said) == (_requests(backend, name), [])
    assert without_times(said_again) == [
        f"{backend}: reusing 1 responses from HH:MM (--fresh asks again)"
    ]


def _requests(backend: str, name: str) -> int:
    """Return how many requests an answer takes: the API asks on up to an empty page."""
    return 2 if backend == "api" and name in ("rum", "audit") else 1


def without_times(lines: list[str]) -> list[str]:
    """Return lines with every time of day written HH:MM; a minute may end during a test."""
    return [re.sub(r"\b\d\d:\d\d\b", "HH:MM", line) for line in lines]


@pytest.mark.parametrize(
    ("backend", "name"),
    # What pup prints of a failure, it prints of any command of its two clients.
    every(
        [one for one in EVERY if one[0] != "pup" or one[1] in ("search", "audit")],
        kept=[("api", "export"), ("mcp", "loop")],
    ),
)
def test_no_answer_is_replayed_that_is_none(
    bundle: Path, tmp_path: Path, backend: str, name: str
) -> None:
    """An error in any form, nothing found, a part, masked content: the next run asks again.

    A run may do with them what it can; only its successor must not take them for answers.
    """
    call, faults, begin = CALLS[name], [], 1
    for kind, times in NO_ANSWERS.items():
        faults.append(Fault(Kind(kind), call=begin, times=times))
        begin += times + _requests(backend, name)
    plan = Plan(tuple(faults))
    assert call is not None
    with caller(backend, tmp_path, plan, bundle=bundle) as place:
        for kind, times in NO_ANSWERS.items():
            if kind == "masked" and name not in CONTENTS:
                continue
            first, _ = asked(place, tmp_path / kind, call)
            second, said = asked(place, tmp_path / kind, call)

            assert first != second, kind
            assert (plan.calls["*"], said) == (
                faults.pop(0).call + times + _requests(backend, name) - 1,
                [],
            ), kind
            assert is_whole(second), kind


def gathered_here(place: Mcp, case: Path) -> list[str]:
    """Gather the demo's session over a connection of its own; return what was said on the way."""
    said: list[str] = []
    again = Mcp(place.url, place.site, headers=place.headers)
    live = Live(again, case.with_name(f".{case.name}.answers"), said.append, is_whole)
    made = False
    try:
        gather(live, Unit.SESSION, SESSION_ID, case)
        made = True
    finally:
        live.done(made=made)
    return [line for line in said if "×" not in line]


def files(case: Path) -> list[Path]:
    """Return the files that are kept beside a case."""
    folder = case.with_name(f".{case.name}.answers")
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    "fault", every(["400", "404", "500", "empty", "error-body", "masked"], kept=["404"])
)
def test_a_run_after_a_failed_one_makes_the_whole_case(
    bundle: Path, tmp_path: Path, fault: str
) -> None:
    """The loops came as no answers, then access was lost: they are asked for again, and are whole.

    What an earlier version kept, errors among them, is never used.
    """
    loops = Fault(Kind(fault), "get-agent-loop", times=6 if fault == "500" else 2)
    plan = Plan((loops, Fault(Kind.UNAUTHORIZED, "expand-spans", times=2)))
    case, folder = tmp_path / "case", tmp_path / ".case.answers"
    with caller("mcp", tmp_path, plan, bundle=bundle) as place:
        assert isinstance(place, Mcp)
        with pytest.raises(AuthError):
            gathered_here(place, case)
        kept = [path.name.rpartition("-")[0] for path in files(case)]
        (folder / name_of(CALLS["loop"])).write_bytes(b"Error: HTTP 404: span not found")
        asked = plan.calls["search-spans"]
        said = gathered_here(place, case)
        near = plan.calls["search-spans"] - asked
        gathered_here(place, tmp_path / "whole")

    assert sorted(kept) == ["get_llmobs_span_details", "search_llmobs_spans"]
    assert without_times(said) == ["mcp: reusing 2 responses from HH:MM (--fresh asks again)"]
    assert near == 1  # that for other sessions of the user, not the one for this
    assert session(case) == session(tmp_path / "whole")
    assert not folder.exists()


@pytest.fixture
def failed(serve: Server, pup: Environment, tmp_path: Path) -> dict[str, str]:
    """Let a run of pup lose its access at the fourth call; return its environment."""
    faults = plan_file(tmp_path, {"fault": "401", "call": 4})
    env = {**pup(serve(DEMO, "--faults", faults)), "PUP_CONFIG_DIR": str(tmp_path)}
    lost = gathered(tmp_path / "c", "--backend", "pup", **env)
    assert lost.returncode == 4, lost.stderr
    (tmp_path / "pup.log").rename(tmp_path / "first.log")
    return env


def searched(tmp_path: Path) -> bool:
    """Tell whether the last run asked for the session's list of roots."""
    return any(f"session_id:{SESSION_ID}" in call for call in log(tmp_path))


@pytest.mark.matrix
def test_the_next_run_says_what_it_reuses(failed: dict[str, str], tmp_path: Path) -> None:
    """One line with the count and the time of the first, and how to ask anew; then all is gone."""
    kept = files(tmp_path / "c")
    at = time.time() - 600
    os.utime(kept[0], (at, at))

    done = gathered(tmp_path / "c", "--backend", "pup", **failed)

    assert done.returncode == 0, done.stderr
    assert not searched(tmp_path)
    when = datetime.fromtimestamp(at).astimezone().strftime("%H:%M")
    assert done.stderr.splitlines()[0] == (
        f"pup: reusing {len(kept)} responses from {when} (--fresh asks again)"
    )
    assert files(tmp_path / "c") == []
    (tmp_path / "pup.log").unlink()

    again = gathered(tmp_path / "c", "--backend", "pup", **failed)

    assert again.returncode == 0
    assert searched(tmp_path)
    assert "reusing" not in again.stderr


@pytest.mark.parametrize("verb", every(["gather", "classify"], kept=["classify"]))
def test_fresh_asks_for_everything(failed: dict[str, str], tmp_path: Path, verb: str) -> None:
    """`--fresh` drops what is kept, by either verb."""
    place = ("--backend", "pup", "--case", tmp_path / "c")
    done = run(verb, "session", SESSION_ID, *place, "--fresh", **failed)

    assert done.returncode == 0, done.stderr
    assert searched(tmp_path)
    assert "reusing" not in done.stderr


@pytest.mark.matrix
@pytest.mark.parametrize(
    "age", every([OLDEST + 60, 86_400, 400 * 86_400, -3_600], kept=[OLDEST + 60])
)
def test_old_responses_are_dropped_and_told(
    failed: dict[str, str], tmp_path: Path, age: float
) -> None:
    """Windows end now: what was received too long ago, or in the future, is asked for again."""
    kept = files(tmp_path / "c")
    for path in kept:
        os.utime(path, (time.time() - age,) * 2)

    done = gathered(tmp_path / "c", "--backend", "pup", **failed)

    assert done.returncode == 0, done.stderr
    assert searched(tmp_path)
    assert "reusing" not in done.stderr
    assert f"pup: dropped {len(kept)} responses from over 4 h ago" in done.stderr


@pytest.mark.matrix
@pytest.mark.parametrize(
    "other",
    every(
        [{"DD_SITE": "datadoghq.eu"}, {"DD_ORG": "other"}, {"DD_ACCESS_TOKEN": "other"}, {}],
        kept=[{"DD_ORG": "other"}],
    ),
)
def test_another_login_or_site_gets_nothing_of_it(
    failed: dict[str, str], tmp_path: Path, other: dict[str, str]
) -> None:
    """Variables of the environment, and the session that `pup auth login` writes, decide it."""
    if not other:
        made_up = [{"site": "datadoghq.com", "org": None, "org_uuid": "made-up"}]
        (tmp_path / "sessions.json").write_text(json.dumps(made_up))

    done = gathered(tmp_path / "c", "--backend", "pup", **{**failed, **other})

    assert done.returncode == 0, done.stderr
    assert searched(tmp_path)
    assert "reusing" not in done.stderr


def test_every_backend_tells_its_logins_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Address, site, and who asks: a change in one of them makes other responses."""
    monkeypatch.setenv("DD_API_KEY", "made-up-1")
    api = Api("https://api.datadoghq.com", "datadoghq.com", "key", "app")
    mcp = Mcp("https://mcp.datadoghq.com", "datadoghq.com", headers={"DD_API_KEY": "key"})
    command = Mcp("", "datadoghq.com", ("server",))
    found = [
        api,
        replace(api, url="https://api.datadoghq.eu"),
        replace(api, site="datadoghq.eu"),
        replace(api, api_key="other"),
        replace(api, app_key="other"),
        mcp,
        replace(mcp, url="https://mcp.datadoghq.eu"),
        replace(mcp, headers={"DD_API_KEY": "other"}),
        command,
        replace(command, command=("server", "--other")),
        Pup("pup", "datadoghq.com"),
        Pup("other", "datadoghq.com"),
        Fallback(mcp, None),
        Fallback(mcp, api),
        Fallback(mcp, replace(api, app_key="other")),
    ]
    told = [one.identity for one in found]
    monkeypatch.setenv("DD_API_KEY", "made-up-2")

    # An MCP server alone answers the same as one beside which nobody is asked.
    assert len({*told, command.identity}) == len(told)
    assert "key" not in repr(ResponseCache(Path(), api.identity))


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda _: b"",
        lambda data: data[:-1] + b"x",
        lambda _: b"Error: HTTP 404: span not found",
        lambda data: data.partition(b"\n")[2],
    ],
    ids=["cut", "empty", "changed", "an error", "no head"],
)
def test_a_damaged_file_is_asked_for_again(tmp_path: Path, damage: Any) -> None:
    """A kill in the middle of writing, or a full disk, never becomes an answer."""
    plan, call = Plan(), CALLS["search"]
    assert call is not None
    with caller("mcp", tmp_path, plan) as place:
        first, _ = asked(place, tmp_path / "answers", call)
        (path,) = [path for path in (tmp_path / "answers").rglob("*") if path.is_file()]
        path.write_bytes(damage(path.read_bytes()))
        again, _ = asked(place, tmp_path / "answers", call)
        third, said = asked(place, tmp_path / "answers", call)

    assert first == again == third
    assert plan.calls["*"] == 2
    assert len(said) == 1


def test_what_a_case_was_made_of_is_not_reused(tmp_path: Path) -> None:
    """A run that ended between making the case and tidying up leaves nothing for the next."""
    plan, call = Plan(), CALLS["search"]
    assert call is not None
    with caller("mcp", tmp_path, plan) as place:
        asked(place, tmp_path / "answers", call)
        live = Live(place, tmp_path / "answers", lambda _: None, is_whole, time.time() + 1)
        list(live.more((call,)))

    assert plan.calls["*"] == 2


@pytest.mark.matrix
@pytest.mark.skipif(sys.platform == "win32", reason="signals of another kind")
def test_a_killed_run_leaves_whole_answers(serve: Server, pup: Environment, tmp_path: Path) -> None:
    """What had come is taken over, and the case is the one that an undisturbed run makes."""
    slow = plan_file(tmp_path, {"endpoint": "get-agent-loop", "fault": "slow", "ms": 30_000})
    env = pup(serve(DEMO, "--faults", slow))
    arguments = ("gather", "session", SESSION_ID, "--backend", "pup", "--case", tmp_path / "c")
    with subprocess.Popen(
        [sys.executable, "-m", "session_classify", *map(str, arguments)],
        env={**os.environ, **env},
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    ) as running:
        while len([one for one in files(tmp_path / "c") if one.suffix != ".part"]) < 2:
            assert running.poll() is None
            time.sleep(0.05)
        running.kill()
    leftover = files(tmp_path / "c")[0].with_name("made-up.part")
    leftover.write_bytes(b"half")

    done = gathered(tmp_path / "c", "--backend", "pup", **env)
    gathered(tmp_path / "whole", "--backend", "pup", **env)

    assert done.returncode == 0, done.stderr
    assert "pup: reusing 2 responses from " in done.stderr
    assert session(tmp_path / "c") == session(tmp_path / "whole")
    assert files(tmp_path / "c") == []


@pytest.mark.usefixtures("failed")
def test_nobody_else_may_read_what_is_kept(tmp_path: Path) -> None:
    """Folders are 0700 and files 0600, and no name tells who asked."""
    folder = tmp_path / ".c.answers"
    modes = {path.is_dir(): stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")}

    assert modes == {True: 0o700, False: 0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    names = [path.name for path in folder.rglob("*")]
    assert all(re.fullmatch(r"(?:[a-z_]+-)?[0-9a-f]{16}", name) for name in names), names


@given(st.binary(), st.dictionaries(st.text(), st.text() | st.none(), max_size=3))
def test_any_bytes_come_back_as_they_were(data: bytes, arguments: dict[str, Any]) -> None:
    """Whatever a response holds and a call asks, it is found again by the same call alone."""
    with tempfile.TemporaryDirectory() as folder:
        kept = ResponseCache(Path(folder) / "answers", "somebody")
        call = Call("tool", arguments, ("a", "b"))
        assert not kept.has(call)
        assert kept.write(call, data)

        assert kept.read(call) == data
        assert kept.reusable(time.time()).count == 1
        assert kept.read(Call("tool", {**arguments, "more": 1}, ("a", "b"))) is None
        assert kept.read(Call("tool", arguments, ("a", "c"))) is None
        assert ResponseCache(kept.folder, "somebody else").read(call) is None


@pytest.mark.parametrize("sample", samples("whole"))
def test_what_is_worth_keeping(sample: dict[str, Any]) -> None:
    """Rows or content, complete and in the clear, in whatever envelope."""
    said = sample["said"]
    data = said if isinstance(said, str) else json.dumps(said)

    assert is_whole(data.encode()) is sample["whole"]


@given(st.binary(max_size=300), st.integers(0, 300))
def test_any_bytes_are_whole_or_not(data: bytes, cut: int) -> None:
    """No response makes an error, and none that is cut is whole."""
    rows = [{"span_id": "1", "name": data.decode("latin1")}]
    text = json.dumps({"spans": rows}).encode()

    is_whole(data)
    assert not is_whole(text[: min(cut, len(text) - 1)])
