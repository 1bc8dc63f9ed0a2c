"""Faults of the machine: one line, the right exit code, nothing lost and nothing half-made."""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.cli.run import a_bundle, a_row, run
from tests.conftest import every

pytestmark = pytest.mark.skipif(os.name != "posix", reason="a POSIX shell makes the faults")

PROGRAM = shlex.join([sys.executable, "-m", "session_classify"])
LONG = "x\n" * 50_000
VERDICT = ("verdict", "--verdict", "yes", "--reason", "It was answered.")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a made-up session of one turn, longer than a pipe holds."""
    return a_bundle(tmp_path_factory.mktemp("data") / "bundle", [a_row(input={"value": LONG})])


@pytest.fixture(scope="module")
def case(bundle: Path) -> Path:
    """Gather it."""
    path = bundle.parent / "case"
    done = run("gather", "session", "s-1", "--backend", f"bundle:{bundle}", "--case", path)
    assert done.returncode == 0, done.stderr
    return path


def shell(command: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a command line of bash."""
    return subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        env={**os.environ, **env},
        check=False,
    )


def gather(bundle: Path, *more: object) -> str:
    """Return the command line that gathers the made-up session."""
    words = ["gather", "session", "s-1", "--backend", f"bundle:{bundle}", *map(str, more)]
    return f"{PROGRAM} {shlex.join(words)}"


def inside(folder: Path) -> list[str]:
    """Return the names of what is in a folder, in order."""
    return sorted(path.name for path in folder.iterdir())


def full(blocks: int, command: str) -> subprocess.CompletedProcess[str]:
    """Run a command line that cannot write more than some blocks of 1,024 bytes to any file.

    Python 3.11 itself keeps a compiled module that was cut so: none is written.
    """
    return shell(f"ulimit -f {blocks}; {command}", PYTHONDONTWRITEBYTECODE="1")


MORE = pytest.mark.matrix
CLOSED = "cannot write to standard output: Bad file descriptor"
FULL = "cannot write to standard output: No space left on device"


@pytest.mark.parametrize(
    ("command", "code", "told"),
    [
        pytest.param("show CASE >&-", 7, CLOSED, id="stdout-closed"),
        pytest.param("--version >&-", 7, CLOSED, id="version-stdout-closed", marks=MORE),
        pytest.param("show CASE 2>&- | head -c 0", 0, "", id="stderr-closed"),
        pytest.param("show /nowhere >&- 2>&- <&-", 3, "", id="all-closed", marks=MORE),
        pytest.param("verdict CASE --file - <&-", 2, "cannot read -", id="stdin-closed"),
        pytest.param(
            "profile check - <&-", 2, "cannot read -", id="profile-stdin-closed", marks=MORE
        ),
        pytest.param("show CASE > /dev/full", 7, FULL, id="stdout-full"),
        pytest.param("--help > /dev/full", 7, FULL, id="help-stdout-full", marks=MORE),
        pytest.param("show /nowhere 2> /dev/full", 3, "", id="stderr-full", marks=MORE),
        pytest.param("gather 2> /dev/full > /dev/full", 2, "", id="error-as-json-full", marks=MORE),
        pytest.param("gather | head -c 0", 2, "Provide a session", id="error-as-json-unread"),
        pytest.param("show CASE turn 1 | head -n 1", 0, "", id="reader-leaves-late", marks=MORE),
        pytest.param("show CASE turn 1 | true", 0, "", id="reader-leaves-at-once"),
        pytest.param("show CASE --out /dev/full", 7, "cannot write to /dev/full", id="out-full"),
        pytest.param(
            "show CASE --out /no/x.md", 7, "cannot write to /no/", id="out-nowhere", marks=MORE
        ),
    ],
)
def test_streams_and_files_that_fail_are_told(
    case: Path, command: str, code: int, told: str
) -> None:
    """The code says that data was lost, or that none was; a message more is no reason to fail."""
    if "/dev/full" in command and not Path("/dev/full").exists():
        pytest.skip("this system has no device that is always full")
    line = command.replace("CASE", shlex.quote(str(case)))

    done = shell(f"{PROGRAM} {line}; exit ${{PIPESTATUS[0]}}")

    assert done.returncode == code
    assert done.stderr.count("\n") == (1 if told else 0), done.stderr
    assert told in done.stderr


def test_turns_that_nobody_could_read_are_not_shown(bundle: Path, tmp_path: Path) -> None:
    """Where the digest could not be printed, the case is there, and the check knows."""
    done = shell(f"{gather(bundle, '--case', tmp_path / 'c')} >&-")
    refused = run(VERDICT[0], tmp_path / "c", *VERDICT[1:])

    assert (done.returncode, refused.returncode) == (7, 6)
    assert "turn" in refused.stderr


@pytest.mark.parametrize(
    ("env", "where"),
    [
        pytest.param({"HOME": "FILE", "XDG_STATE_HOME": ""}, "FILE/", id="home-is-a-file"),
        pytest.param({"XDG_STATE_HOME": "/proc/none"}, "/proc/none", id="no-place-for-state"),
    ],
)
def test_a_state_directory_that_cannot_be_written_names_the_way_out(
    bundle: Path, tmp_path: Path, env: dict[str, str], where: str
) -> None:
    """Both `gather` and `doctor` say where, why, and what to set."""
    file = tmp_path / "file"
    file.touch()
    env = {name: value.replace("FILE", str(file)) for name, value in env.items()}

    done, doctor = shell(gather(bundle), **env), run("doctor", **env)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (7, "", 1)
    assert f"cannot write to {where.replace('FILE', str(file))}" in done.stderr
    for text in (done.stderr, doctor.stdout):
        assert "give --case a directory that can be written, or set XDG_STATE_HOME" in text
    assert inside(tmp_path) == ["file"]


@pytest.mark.parametrize(
    ("path", "code", "told"),
    [
        pytest.param("file", 2, "is not a case directory", id="a-file"),
        pytest.param("file/case", 7, "file: File exists; give --case", id="below-a-file"),
        pytest.param("a" * 300, 7, "File name too long; give --case", id="too-long"),
        pytest.param("/", 2, "/ is not a case directory", id="the-root"),
        pytest.param("/proc/case", 7, "cannot write to /proc/case", id="not-there"),
        pytest.param("loop", 2, "cannot be the path of a case", id="a-link-to-itself"),
    ],
)
def test_a_place_where_no_case_can_be_is_told(
    bundle: Path, tmp_path: Path, path: str, code: int, told: str
) -> None:
    """Nothing is made there."""
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")

    done = shell(gather(bundle, "--case", tmp_path / path))

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1)
    assert told in done.stderr
    assert inside(tmp_path) == ["file", "loop"]


@pytest.mark.parametrize("name", every(["a\nb", "-c '$HOME'; ls"], kept=["a\nb"]))
def test_any_name_that_the_system_takes_can_be_that_of_a_case(
    bundle: Path, tmp_path: Path, name: str
) -> None:
    """The command for the next step, pasted into a shell, finds the case."""
    case = tmp_path / name
    done = shell(gather(bundle, "--case", case))

    assert done.returncode == 0, done.stderr
    assert shlex.quote(str(case)) in done.stdout
    assert shell(f"{PROGRAM} show {shlex.quote(str(case))} turn 1").returncode == 0


@pytest.mark.parametrize("blocks", every([0, 1, 130], kept=[1]))
def test_a_disk_that_fills_up_while_gathering_leaves_no_case(
    bundle: Path, tmp_path: Path, blocks: int
) -> None:
    """Whichever file is the one too many, the line names a way out and nothing is left."""
    done = full(blocks, gather(bundle, "--case", tmp_path / "c"))

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (7, "", 1), done.stderr
    assert "free space there, or give --case" in done.stderr
    assert inside(tmp_path) == []


@pytest.mark.matrix
def test_a_disk_that_is_full_keeps_what_is_there(bundle: Path, tmp_path: Path) -> None:
    """The case, its verdict and the file of `--out` stay as they were."""
    case, out = tmp_path / "c", tmp_path / "digest.md"
    out.write_text("old")
    shell(gather(bundle, "--case", case))
    first = run(VERDICT[0], case, *VERDICT[1:])
    assert first.returncode == 0, first.stderr
    a_bundle(tmp_path / "other", [a_row(), a_row("more")])
    names = inside(case)
    lines = (
        gather(tmp_path / "other", "--case", case),
        f"{PROGRAM} verdict {case} {shlex.join(VERDICT[1:])}",
        f"{PROGRAM} show {case} --out {out}",
    )

    ended = [full(0, line) for line in lines]

    assert [done.returncode for done in ended] == [7, 7, 7], ended
    assert [done.stderr.count("\n") for done in ended] == [1, 1, 1]
    assert run("report", case).stdout == first.stdout
    assert (out.read_text(), inside(case)) == ("old", names)


def unshared(commands: Iterable[str]) -> subprocess.CompletedProcess[str]:
    """Run commands where mounts are seen by nobody else; skip where that is not allowed."""
    own = "unshare -m" if os.geteuid() == 0 else "unshare -rm"
    tried = shell(f"{own} true")
    if tried.returncode:
        pytest.skip(f"a test may not have mounts of its own here: {tried.stderr.strip()}")
    return shell(f"{own} bash -c {shlex.quote('; '.join(commands))}")


@pytest.mark.matrix
@pytest.mark.skipif(sys.platform != "linux", reason="mounts of Linux")
def test_a_file_system_that_is_read_only_can_be_read(bundle: Path, case: Path) -> None:
    """`report` and `show` print a case there; what would write says why it cannot."""
    run(VERDICT[0], case, *VERDICT[1:])
    told = unshared(
        [
            f"mount --bind {bundle.parent} {bundle.parent}",
            f"mount -o remount,bind,ro {bundle.parent}",
            f"{PROGRAM} report {case}; echo $?",
            f"{PROGRAM} show {case} | tail -n 1; echo ${{PIPESTATUS[0]}}",
            f"{PROGRAM} verdict {case} {shlex.join(VERDICT[1:])}; echo $?",
            f"{gather(bundle, '--case', bundle.parent / 'new')}; echo $?",
        ]
    )

    lines = told.stdout.splitlines()
    assert lines[0] == "verdict: yes"
    assert [line for line in lines if line.isdigit()] == ["0", "0", "7", "7"]
    assert told.stderr.count("Read-only file system; ") == told.stderr.count("\n") == 2
