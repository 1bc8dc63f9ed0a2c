"""`export app` against the stand-in: faults, a low rate limit, interruptions, what it refuses."""

import hashlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from datadog_standin.faults import Fault, Kind, Plan
from datadog_standin.rate import RateLimit
from datadog_standin.recording import Recording, recorded
from datadog_standin.server import StandIn, serving
from session_classify import __version__
from session_classify.exporting.slots import Slot
from session_classify.exporting.sources import around
from session_classify.queries.call import Call
from tests.cli.run import run
from tests.conftest import every
from tests.exporting.made_up import (
    FROM,
    HOUR,
    START,
    TO,
    Here,
    a_span,
    an_event,
    by_text,
    exported,
    outside,
    parts,
    rows,
    sessions,
    surroundings,
)

Done = CompletedProcess[str]


def everything() -> Recording:
    rum = [*surroundings("rum", 40, 70), *surroundings("rum", 40, 70, user="stranger")]
    return recorded([*sessions(), *outside()], rum, surroundings("audit", 40, 130))


@pytest.fixture
def server() -> Iterator[StandIn]:
    with serving(everything()) as started:
        yield started


def export(url: str, out: Path, *more: object, app: str = "shop", **changed: object) -> Done:
    """Run the command; `changed` replaces its options, None leaves one out."""
    given = {"from": FROM, "to": TO, "format": "jsonl", "backend": f"api:{url}", **changed}
    options = [word for key, value in given.items() if value for word in (f"--{key}", value)]
    return run("export", "app", app, "--out", out, *options, *more)


def manifest(out: Path) -> Any:
    return json.loads((out / "manifest.json").read_bytes())


def fetched(listed: list[Any]) -> dict[str, str]:
    """Return when each part was fetched."""
    return {part["from"]: part["fetched"] for part in listed}


def test_the_manifest_tells_each_part(server: StandIn, tmp_path: Path) -> None:
    """App, site, window, version; a part's rows, size and digest; an empty one has no file."""
    done = export(server.url, tmp_path / "out", to="2026-11-20T03:00Z")

    assert done.returncode == 0, done.stderr
    told = manifest(tmp_path / "out")
    assert (told["app"], told["site"], told["window"]) == ("shop", "datadoghq.com", "1h")
    assert (told["from"], told["to"]) == ("2026-11-19T19:00:00.000Z", "2026-11-20T03:00:00.000Z")
    assert (told["version"], told["complete"]) == (__version__, True)
    assert told["rows"] == {"spans": len(sessions()) + 1}
    assert len(told["parts"]) == 8
    for part in told["parts"]:
        if part["from"] >= "2026-11-20T02":
            assert (part["rows"], part["file"]) == (0, "")
            continue
        data = (tmp_path / "out" / part["file"]).read_bytes()
        assert part["rows"] == data.count(b"\n") > 0
        assert (part["size"], part["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    assert "spans 108" in done.stdout
    assert done.stderr.count("of 8 parts") == 8


def test_rum_and_audit_come_from_around_the_spans(server: StandIn, tmp_path: Path) -> None:
    """Events of users that spans name, from 30 minutes before to an hour after; all audit rows."""
    done = export(server.url, tmp_path / "out", "--rum", "--audit")

    assert done.returncode == 0, done.stderr
    assert by_text(rows(tmp_path / "out")) == by_text(sessions())
    assert by_text(rows(tmp_path / "out", "rum")) == by_text(surroundings("rum", 40, 70)[1:-1])
    assert by_text(rows(tmp_path / "out", "audit")) == by_text(surroundings("audit", 40, 130)[1:-1])
    assert "rum-2026-11-19T1830.jsonl" in parts(tmp_path / "out", "rum")


def test_users_are_asked_for_where_their_spans_are_near(tmp_path: Path) -> None:
    """Hundreds of users take several queries, and one user's event is there once."""
    spans = [
        a_span(
            (START + number * 1_000) * 10**6,
            number,
            tags=[f"usr.id:u-{number:03}", f"user_handle:e{number:03}@x.io"],
        )
        for number in range(120)
    ]
    late = [a_span((START + 5 * 3_600_000) * 10**6, 999, tags=["usr.id:late"])]
    events = [
        an_event("rum", START + 1_000, number, type="view",
                 usr={"id": f"u-{number:03}", "email": f"e{119 - number:03}@x.io"})
        for number in range(120)
    ]  # fmt: skip
    early = [an_event("rum", START + 2_000, 999, type="view", usr={"id": "late"})]
    caller = Here(recorded([*spans, *late], [*events, *early]), rows=1_000)

    exported(tmp_path, caller, around=("rum",))

    assert by_text(rows(tmp_path, "rum")) == by_text(events)
    asked = [c.arguments["query"] for c in caller.calls if c.tool == "search_rum_events"]
    assert max(query.count("u-") for query in asked) == 50


FAULTS = "429 500 502 cut truncated error-body empty-page".split()


@pytest.mark.parametrize(
    ("kind", "call"),
    every(
        list(product(FAULTS, (1, 4, 9))),
        kept=[("429", 1), ("cut", 4), ("empty-page", 9), ("error-body", 4)],
    ),
)
def test_a_fault_costs_no_row(tmp_path: Path, kind: str, call: int) -> None:
    """What passes is asked for again: half an answer is none, nor is an error in place of one."""
    spoiled = Fault(Kind(kind), call=call, times=2 if kind != "empty-page" else 1, reset=0)
    with serving(everything(), plan=Plan((spoiled,))) as server:
        done = export(server.url, tmp_path / "out", "--rum")

    assert done.returncode == 0, done.stderr
    assert by_text(rows(tmp_path / "out")) == by_text(sessions())
    assert by_text(rows(tmp_path / "out", "rum")) == by_text(surroundings("rum", 40, 70)[1:-1])


@pytest.mark.parametrize(
    ("kind", "code"),
    every([("401", 4), ("403", 4), ("500", 5), ("truncated", 5)], kept=[("401", 4)]),
)
def test_an_export_goes_on_after_what_did_not_pass(tmp_path: Path, kind: str, code: int) -> None:
    """What was there before stays, is not asked for again, and the rest is fetched."""
    out = tmp_path / "out"
    with serving(everything(), plan=Plan((Fault(Kind(kind), call=4, times=99),))) as server:
        ended = export(server.url, out, jobs=1)
    before = manifest(out)["parts"]
    with serving(everything()) as server:
        done = export(server.url, out)
        asked = server.router.plan.calls["export"]

    assert ended.returncode == code, ended.stderr
    assert ended.stderr.strip().splitlines()[-1].startswith("session-classify: ")
    assert 1 <= len(before) < 6
    assert (done.returncode, asked) == (0, 6 - len(before)), done.stderr
    assert fetched(before).items() <= fetched(manifest(out)["parts"]).items()
    assert by_text(rows(out)) == by_text(sessions())


def test_a_window_that_fails_costs_no_other_one(tmp_path: Path) -> None:
    """An error that outlasts the retries of one window; the next run fetches that one alone."""
    out = tmp_path / "out"
    with serving(everything(), plan=Plan((Fault(Kind("500"), call=3, times=3),))) as server:
        ended = export(server.url, out, jobs=1)
    before = manifest(out)["parts"]
    with serving(everything()) as server:
        done = export(server.url, out)
        asked = server.router.plan.calls["export"]

    assert ended.returncode == 5
    assert "1 of 6 parts of spans failed: the spans from 2" in ended.stderr
    assert len(before) == 5
    assert (done.returncode, asked) == (0, 1)
    assert by_text(rows(out)) == by_text(sessions())


def test_a_low_rate_limit_is_kept(tmp_path: Path) -> None:
    """The headers tell how many calls are left: none is refused but the first ones at once."""
    limit = RateLimit(3, 0.15)
    with serving(everything(), rate=limit) as server:
        begin = time.monotonic()
        done = export(server.url, tmp_path / "out", window="30m", jobs=6)
        took = time.monotonic() - begin

    assert done.returncode == 0, done.stderr
    assert by_text(rows(tmp_path / "out")) == by_text(sessions())
    assert limit.refused <= 6
    assert took >= 0.15 * (12 / 3 - 1)


def test_a_part_that_is_not_whole_is_fetched_again(server: StandIn, tmp_path: Path) -> None:
    """One that was changed or is missing, and no other; the file is then the same."""
    out = tmp_path / "out"
    export(server.url, out)
    first, second, *_ = sorted(out.glob("spans-*"))
    before = {path.name: path.read_bytes() for path in (first, second)}
    first.write_bytes(before[first.name][:-10] + b"x" * 10)
    second.unlink()
    server.router.plan.calls.clear()

    done = export(server.url, out)

    assert (done.returncode, server.router.plan.calls["export"]) == (0, 2)
    assert {path.name: path.read_bytes() for path in (first, second)} == before


def test_a_later_end_adds_parts(server: StandIn, tmp_path: Path) -> None:
    """The part that was cut short is replaced; the others stay."""
    out = tmp_path / "out"
    export(server.url, out, to="2026-11-19T21:30Z")
    server.router.plan.calls.clear()

    done = export(server.url, out)

    assert done.returncode == 0, done.stderr
    assert server.router.plan.calls["export"] == 4
    assert by_text(rows(out)) == by_text(sessions())


@pytest.mark.matrix
@pytest.mark.skipif(sys.platform == "win32", reason="signals of another kind")
def test_a_killed_run_leaves_no_half_part(tmp_path: Path) -> None:
    """What the manifest lists is whole, and the next run fetches only the rest."""
    out = tmp_path / "out"
    with serving(everything(), latency=60) as server:
        words = ["export", "app", "shop", "--from", FROM, "--to", TO, "--window", "10m"]
        words += ["--format", "gz", "--jobs", "2", "--backend", f"api:{server.url}", "--out", out]
        with subprocess.Popen(
            [sys.executable, "-m", "session_classify", *words], stderr=subprocess.DEVNULL
        ) as process:
            end = time.monotonic() + 60
            while len(list(out.glob("spans-*"))) < 5 and time.monotonic() < end:
                time.sleep(0.01)
            process.send_signal(signal.SIGKILL)
        listed = fetched(manifest(out)["parts"])
        (out / ".spans-2026.jsonl.gz.0a.part").write_bytes(b"half")
        server.router.plan.calls.clear()

        done = run(*words)

        asked = server.router.plan.calls["export"]
    assert 1 <= len(listed) < 36
    assert (done.returncode, asked) == (0, 36 - len(listed)), done.stderr
    assert listed.items() <= fetched(manifest(out)["parts"]).items()
    assert by_text(rows(out)) == by_text(sessions())
    assert list(out.glob(".*.part")) == []


BAD = {
    "from after to": ({"from": TO, "to": FROM}, 2, "is not after --from"),
    "from is to": ({"to": FROM}, 2, "is not after --from"),
    "no time": ({"from": "soon"}, 2, "--from 'soon' is no time"),
    "in the future": ({"to": "2124-01-01"}, 2, "is in the future"),
    "no window": ({"window": "0h"}, 2, "--window '0h'"),
    "too many parts": ({"window": "1s"}, 2, "more than 5,000; take a longer one"),
    "no API": ({"backend": "bundle:x"}, 2, "exports nothing; expected api[:URL]"),
    "another app": ({"app": "other"}, 3, "No spans found for ml_app 'other'"),
    "nobody there": ({"backend": "api:http://127.0.0.1:9"}, 5, "does not answer"),
    "no keys": ({"backend": "api"}, 4, "DD_API_KEY and DD_APP_KEY not set"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_cannot_be_is_told_in_one_line(
    server: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """An exit code and a line; the folder stays free for the right command."""
    for name in ("DD_API_KEY", "DD_APP_KEY", "DD_APPLICATION_KEY"):
        monkeypatch.delenv(name, raising=False)
    changed, code, told = BAD[what]
    options = {"backend": f"api:{server.url}", "app": "shop", **changed}

    done = export(server.url, tmp_path / "out", **options)

    assert done.returncode == code, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("session-classify: ")]
    assert len(lines) == 1
    assert told in lines[0]
    assert export(server.url, tmp_path / "out").returncode == 0


OTHERS = {
    "another app": ({"app": "other"}, "with app shop, not other"),
    "another begin": ({"from": "2026-11-19T20:00Z"}, "with --from 2026-11-19T19:00:00.000Z"),
    "an earlier end": ({"to": "2026-11-19T23:00Z"}, "up to 2026-11-20T01:00:00.000Z"),
    "another window": ({"window": "2h"}, "with --window 1h, not 2h"),
    "another format": ({"format": "gz"}, "with --format jsonl, not gz"),
}


@pytest.mark.parametrize("what", OTHERS)
def test_the_folder_of_another_export_is_left_as_it_is(
    server: StandIn, tmp_path: Path, what: str
) -> None:
    """Two exports in one folder would be swept as one."""
    changed, told = OTHERS[what]
    export(server.url, tmp_path / "out")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}

    done = export(server.url, tmp_path / "out", **changed)

    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert told in done.stderr
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("spans.jsonl", "holds spans.jsonl and no manifest.json"),
        ("manifest.json", "is not that of an export"),
    ],
)
def test_a_folder_of_something_else_is_left_as_it_is(
    server: StandIn, tmp_path: Path, name: str, told: str
) -> None:
    """A bundle, or a manifest that something else wrote."""
    (tmp_path / name).write_text("{}")

    done = export(server.url, tmp_path)

    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert told in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_full_disk_ends_in_one_line(
    server: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 7, and what was written before stays."""
    from session_classify.exporting import manifest as module

    def full(path: Path, data: bytes) -> None:
        if path.name.startswith("spans-2026-11-19T22"):
            raise OSError(28, "No space left on device", str(path))
        path.write_bytes(data)

    monkeypatch.setattr(module, "write_whole", full)

    done = export(server.url, tmp_path / "out", jobs=1)

    assert done.returncode == 7, done.stderr
    assert "No space left on device; free space there, or name another directory" in done.stderr
    assert {"spans-2026-11-19T21.jsonl"} < set(parts(tmp_path / "out"))


def test_rows_of_other_apps_are_dropped_and_counted(tmp_path: Path) -> None:
    """A server's filter may let them through; an app may also be named by a tag."""
    own = [a_span(START * 10**6, 1), a_span(START * 10**6, 2, ml_app="x", tags=["ml_app:shop"])]
    other = a_span(START * 10**6, 3, ml_app="x")

    def spoil(_: Call, answer: dict[str, Any]) -> dict[str, Any]:
        return {**answer, "data": [*own, other]}

    done = exported(tmp_path, Here(recorded(own), spoil=spoil))

    assert by_text(rows(tmp_path)) == by_text(own)
    assert done.manifest.parts[0].foreign == 1


def test_two_exports_do_not_write_to_one_folder(server: StandIn, tmp_path: Path) -> None:
    """The second one is told so; it reads and writes nothing."""
    from session_classify.exporting.manifest import LOCK

    (tmp_path / "out").mkdir()
    script = f"""
import sys, time
from pathlib import Path
from session_classify.storage import held
with held(Path({str(tmp_path / "out" / LOCK)!r}), 5, ""):
    print("held", flush=True)
    sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == b"held\n"
        done = export(server.url, tmp_path / "out")
        other.communicate()

    assert (done.returncode, done.stderr.count("\n")) == (7, 1), done.stderr
    assert "another export writes to" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals of another kind")
@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_whoever_interrupts_does_not_wait_for_calls(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    """The command ends long before an answer would come, and the manifest is there."""
    with serving(everything(), latency=60_000) as server:
        words = ["export", "app", "shop", "--from", FROM, "--to", TO, "--format", "gz"]
        words += ["--backend", f"api:{server.url}", "--out", str(tmp_path / "out")]
        with subprocess.Popen([sys.executable, "-m", "session_classify", *words]) as process:
            end = time.monotonic() + 60
            while server.router.plan.calls["export"] < 4 and time.monotonic() < end:
                time.sleep(0.01)
            begin = time.monotonic()
            process.send_signal(number)
            ended = process.wait(30)
        took = time.monotonic() - begin

    assert (ended, took < 20) == (code, True)
    assert manifest(tmp_path / "out")["complete"] is False


def test_events_that_cannot_be_there_yet_are_not_asked_for() -> None:
    """What happened around ends now, so that a later run asks for the rest."""
    whole, minute = Slot(START, START + HOUR), 60_000
    now = whole.end + 20 * minute

    assert around(whole, "rum", now) == Slot(START - 30 * minute, now)
    assert around(whole, "audit", now + HOUR) == Slot(START - 30 * minute, now + HOUR)
    assert around(whole, "audit", now + 9 * HOUR).end == whole.end + 2 * HOUR
