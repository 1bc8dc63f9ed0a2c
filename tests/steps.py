"""Stop what changes a case at each of its steps: `python -m tests.steps FOLDER SCENE`.

A step is a call that changes the file system: a file is opened to be written, renamed or removed, a
directory is made or removed. Either the process is killed before the step, or this step and all
later ones fail, as they do on a full disk. Each time it is a process of its own.
"""

import errno
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import session_classify.gathering.gather as gathering
from session_classify.backends.bundle import open_bundle
from session_classify.errors import ClassifyError, NotFoundError
from session_classify.gathering.case import Case, open_case
from session_classify.verdicts import Verdict
from session_classify.vocabulary import JudgedBy, Satisfaction, Unit
from tests.cli.run import a_bundle, a_row

CHANGES = {"os.rename", "os.mkdir", "os.remove", "os.rmdir"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def stop_at(number: int, *, kill: bool) -> None:
    """Stop this process at its step of this number; the hook cannot be taken away again."""
    seen = 0

    def step(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal seen
        if event in CHANGES or (event == "open" and arguments[2] & WRITING):
            seen += 1
            if seen >= number and kill:
                os.kill(os.getpid(), signal.SIGKILL)
            if seen >= number:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    sys.addaudithook(step)


def a_verdict(reason: str, by: JudgedBy = JudgedBy.AGENT) -> Verdict:
    """Return a verdict; made up."""
    yes = Satisfaction.YES
    return Verdict(yes, reason, yes, yes, judged_by=by)


def gathered(folder: Path, bundle: str) -> Case:
    """Gather one of the made-up sessions in a folder into its case."""
    case, _ = gathering.gather(open_bundle(folder / bundle), Unit.SESSION, "s-1", folder / "case")
    return case


def make(folder: Path, *, judged: bool) -> None:
    """Write two bundles of one session and, if asked for, a case that was read and judged."""
    a_bundle(folder / "data", [a_row()])
    a_bundle(folder / "other", [a_row(), a_row("more")])
    if judged:
        gathered(folder, "data").mark_shown(frozenset({1})).save_verdict(a_verdict("First."))


@dataclass(frozen=True)
class Scene:
    """What is done to a folder, and whether it has a case before."""

    act: Callable[[Path], object]
    judged: bool = True


SCENES = {
    "a first case": Scene(lambda folder: gathered(folder, "data"), judged=False),
    "the same data": Scene(lambda folder: gathered(folder, "data")),
    "other data": Scene(lambda folder: gathered(folder, "other")),
    "a verdict": Scene(lambda folder: open_case(folder / "case").save_verdict(a_verdict("Next."))),
    "turns shown": Scene(lambda folder: open_case(folder / "case").mark_shown(frozenset({2}))),
}


def state(case: Path, *, with_raw: bool = True) -> str:
    """Return everything that a case says when it is opened, or why it does not open.

    The raw answers are not part of what is opened: they may change while another process gathers.
    """
    try:
        opened = open_case(case)
        info = opened.info
        raw = with_raw and {file.name: file.read_text() for file in sorted(opened.raw.iterdir())}
        said = (info.nonce, info.shown, opened.session(), opened.findings(), opened.events())
        reason = opened.verdict().reason if opened.has_verdict else ""
        return repr((raw, said, reason))
    except NotFoundError:
        return "no case"
    except ClassifyError as error:
        return f"{type(error).__name__}: {error}"


def in_child(act: Callable[[], object]) -> int:
    """Do something in a child process; return its exit code, negative for a signal."""
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    code = 0
    try:
        act()
    except ClassifyError as error:
        code = error.exit_code
    except BaseException:  # noqa: BLE001  a child must not go on as its parent
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
        code = 99
    os._exit(code)


def stopped(
    start: Path, folder: Path, act: Callable[[Path], object], number: int, *, kill: bool
) -> dict[str, Any]:
    """Return how a scene ended that was stopped at a step, and how the same ends after it."""
    shutil.copytree(start, folder)

    def stop() -> None:
        stop_at(number, kill=kill)
        act(folder)

    code = in_child(stop)
    found = state(folder / "case")
    act(folder)
    names = sorted(path.name for path in (folder / "case").iterdir())
    again = state(folder / "case")
    shutil.rmtree(folder)
    return {"code": code, "found": found, "again": again, "names": names}


def main(place: Path, scene: Scene) -> None:
    """Print as JSON the states before and after a scene, and how it ended at each step."""
    # Most of the time would go into reading the same profile again and waiting for the disk.
    gathering.choose_profile = cache(gathering.choose_profile)  # type: ignore[attr-defined]
    os.fsync = lambda _: None
    start, whole = place / "start", place / "whole"
    make(start, judged=scene.judged)
    shutil.copytree(start, whole)
    scene.act(whole)
    told: dict[str, Any] = {
        "before": state(start / "case"),
        "after": state(whole / "case"),
        "names": sorted(path.name for path in (whole / "case").iterdir()),
    }
    for way in ("killed", "refused"):
        steps: list[dict[str, Any]] = []
        while not steps or steps[-1]["code"]:
            steps.append(
                stopped(start, place / "s", scene.act, len(steps) + 1, kill=way == "killed")
            )
        told[way] = steps
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]), SCENES[sys.argv[2]])
