"""A case is replaced as a whole, whatever stops the process that does it and whoever looks on."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from session_classify.errors import RefusedError, UsageError
from session_classify.gathering.case import open_case
from session_classify.gathering.case_files import locked
from session_classify.gathering.draft import gathering
from session_classify.vocabulary import JudgedBy, Unit
from tests import steps
from tests.conftest import ROOT, every


@pytest.mark.skipif(not hasattr(os, "fork"), reason="each step is a forked process")
@pytest.mark.matrix
@pytest.mark.parametrize("scene", list(steps.SCENES))
def test_a_process_that_is_stopped_at_any_step_leaves_a_whole_case(
    tmp_path: Path, scene: str
) -> None:
    """Killed or out of space, the old case stays or the new one is there, and a next run tidies."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.steps", tmp_path, scene],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )

    told = json.loads(done.stdout)
    assert told["before"] != told["after"] or scene == "the same data"
    for way, code in (("killed", -9), ("refused", 7)):
        found = [step["found"] for step in told[way]]
        turned = found.index(told["after"])
        assert found == [told["before"]] * turned + [told["after"]] * (len(found) - turned)
        assert [step["code"] for step in told[way]] == [code] * (len(found) - 1) + [0]
        assert {step["again"] for step in told[way]} == {told["after"]}
        assert [step["names"] for step in told[way]] == [told["names"]] * len(found)


def test_readers_and_runs_at_once_never_see_two_cases_mixed(tmp_path: Path) -> None:
    """Runs with other data replace a case again and again, and who opens it sees one of both."""
    steps.make(tmp_path, judged=False)
    opened = partial(steps.state, tmp_path / "case", with_raw=False)
    whole = []
    for bundle in ("data", "other"):
        steps.gathered(tmp_path, bundle)
        whole.append(opened())

    with ThreadPoolExecutor(6) as pool:
        runs = [pool.submit(steps.gathered, tmp_path, name) for name in ["data", "other"] * 5]
        seen = [pool.submit(opened) for _ in range(40)]

    assert {one.result() for one in seen} <= set(whole)
    assert [one.result().path for one in runs] == [tmp_path / "case"] * 10


@pytest.mark.parametrize(
    "scene",
    every(
        [name for name in steps.SCENES if name != "a first case"], kept=["other data", "a verdict"]
    ),
)
def test_nobody_writes_while_files_are_moved(tmp_path: Path, scene: str) -> None:
    """Who writes while another process holds the files of a case waits until it lets them go."""
    steps.make(tmp_path, judged=True)

    with ThreadPoolExecutor(1) as pool:
        with locked(tmp_path / "case"):
            done = pool.submit(steps.SCENES[scene].act, tmp_path)
            with pytest.raises(TimeoutError):
                done.result(timeout=0.5)
        assert done.result()


def test_who_reads_waits_only_where_files_do_not_belong_together(tmp_path: Path) -> None:
    """A whole case is read although another process holds it; one in pieces is not."""
    steps.make(tmp_path, judged=True)
    case = tmp_path / "case"
    whole = steps.state(case)

    with ThreadPoolExecutor(1) as pool:
        with locked(case):
            assert steps.state(case) == whole
            session = (case / "session.json").read_bytes()
            (case / "session.json").write_bytes(session.replace(b"Hi", b"Ho"))
            reader = pool.submit(steps.state, case)
            with pytest.raises(TimeoutError):
                reader.result(timeout=0.5)
            (case / "session.json").write_bytes(session)
        assert reader.result() == whole


def test_a_second_run_waits_for_the_first_and_says_so(tmp_path: Path) -> None:
    """What it gathers is there afterwards, and one line told why it took so long."""
    steps.make(tmp_path, judged=False)
    command = [sys.executable, "-m", "session_classify", "gather", "session", "s-1"]
    command += ["--backend", f"bundle:{tmp_path / 'data'}", "--case", str(tmp_path / "case")]

    with gathering(tmp_path / "case", Unit.SESSION, "s-1"):
        second = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding="utf-8"
        )
        assert second.stderr is not None
        line = second.stderr.readline()
        assert not (tmp_path / "case" / "case.json").exists()
    _, rest = second.communicate(timeout=60)

    assert line == f"waiting for another run that is gathering into {tmp_path / 'case'}\n"
    assert (second.returncode, rest) == (0, "")
    assert open_case(tmp_path / "case").info.id == "s-1"


def test_a_verdict_is_about_the_data_that_was_read(tmp_path: Path) -> None:
    """When a case was gathered again with other data, what was read before is not judged in it."""
    steps.make(tmp_path, judged=False)
    read = steps.gathered(tmp_path, "data")
    steps.gathered(tmp_path, "other")

    marked = read.mark_shown(frozenset({1}))
    with pytest.raises(RefusedError, match="gathered again meanwhile, with other data"):
        read.save_verdict(steps.a_verdict("Too late."))

    assert marked.info.shown == open_case(tmp_path / "case").info.shown == ()
    assert not (tmp_path / "case" / "verdict.json").exists()


def test_a_better_verdict_that_came_meanwhile_stays(tmp_path: Path) -> None:
    """A judge that answers late does not overrule the person who judged in between."""
    steps.make(tmp_path, judged=False)
    case = steps.gathered(tmp_path, "data")
    case.keep_a_better_verdict(JudgedBy.COMMAND)
    case.save_verdict(steps.a_verdict("By a person."))

    with pytest.raises(UsageError, match="holds a verdict judged by agent"):
        case.save_verdict(steps.a_verdict("By a command.", JudgedBy.COMMAND))

    assert case.verdict().reason == "By a person."


def test_files_of_two_cases_do_not_pass_for_one(tmp_path: Path) -> None:
    """A file that was not written with its `case.json` is an error, also when it is good JSON."""
    steps.make(tmp_path, judged=False)
    steps.gathered(tmp_path, "data")
    old = (tmp_path / "case" / "session.json").read_bytes()
    steps.gathered(tmp_path, "other")
    (tmp_path / "case" / "session.json").write_bytes(old)

    assert "session.json is damaged" in steps.state(tmp_path / "case")
