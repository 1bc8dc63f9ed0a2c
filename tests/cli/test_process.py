"""What only a process of its own can show: its streams, its start, its end."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.run import run, run_process
from tests.situations import situation

SESSION = ("session", "s-1", "--backend", f"bundle:{situation('spans-failed-tool')}", "--case", "c")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param(("--help",), 0, id="help"),
        pytest.param(("--version",), 0, id="version"),
        pytest.param(("classify", *SESSION), 0, id="verdict"),
        pytest.param(("gather", "session", "s-1", "--backend", "bundle:gone"), 2, id="usage"),
        pytest.param(("no-such-verb",), 2, id="no-verb"),
        pytest.param(("classify",), 2, id="object-on-stdout"),
        pytest.param(("show", "gone"), 3, id="not-found"),
    ],
)
def test_a_process_prints_what_the_command_line_prints_here(
    tmp_path: Path, arguments: tuple[str, ...], code: int
) -> None:
    """Other tests run the command line in their own process: output and exit code are the same."""
    folders = tmp_path / "a", tmp_path / "b"
    for folder in folders:
        folder.mkdir()

    alone = run_process(*arguments, cwd=folders[0])
    here = run(*arguments, cwd=folders[1])

    printed = alone.stdout + alone.stderr, here.stdout + here.stderr
    assert (alone.returncode, here.returncode) == (code, code), printed
    assert printed[0].replace(str(folders[0]), str(folders[1])) == printed[1]
    assert bool(alone.stdout) == bool(here.stdout)


def test_standard_input_is_read_to_its_end() -> None:
    """A result of several pipe buffers comes whole, whatever characters it has."""
    loop = {"iterations": [{"content": "déjà vu 😀 " * 20_000}], "timeline": []}

    alone = run_process("extract-loop", "-", "--json", stdin=json.dumps(loop, ensure_ascii=False))
    here = run("extract-loop", "-", "--json", stdin=json.dumps(loop))

    assert (alone.returncode, alone.stdout) == (0, here.stdout), alone.stderr


def test_a_verb_that_is_ended_leaves_nothing_behind(tmp_path: Path) -> None:
    """SIGTERM while a case is being made: exit code 143, no half-made case, no traceback."""
    words = ["gather", "session", "s-1", "--backend", "files:-", "--case", str(tmp_path / "c")]
    with subprocess.Popen(
        [sys.executable, "-m", "session_classify", *words],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        while running.poll() is None and not list(tmp_path.iterdir()):
            time.sleep(0.01)
        running.send_signal(signal.SIGTERM)
        said = running.stderr.read() if running.stderr else ""
        code = running.wait(20)

    assert (code, said) == (143, "")
    assert list(tmp_path.iterdir()) == []
