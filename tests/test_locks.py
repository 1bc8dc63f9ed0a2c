"""Locks are held by one process at a time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from session_classify.errors import StorageError
from session_classify.storage import held, taken


def test_a_lock_that_another_process_keeps_is_told(tmp_path: Path) -> None:
    """After the time that the caller gives, with the caller's words."""
    code = (
        "import sys; from pathlib import Path; from session_classify.storage import held\n"
        "with held(Path(sys.argv[1]), 1, ''):\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, tmp_path / "lock"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with (
            pytest.raises(StorageError, match="it is busy"),
            held(tmp_path / "lock", 0, "it is busy"),
        ):
            pass
        other.kill()  # a killed process holds nothing
    with held(tmp_path / "lock", 30, "it is busy"):
        pass


def test_a_lock_is_free_once_its_handle_is_closed(tmp_path: Path) -> None:
    """Nobody has it twice, not even this process."""
    handle = taken(tmp_path / "lock")

    assert handle is not None
    assert taken(tmp_path / "lock") is None
    os.close(handle)
    with held(tmp_path / "lock", 0, "it is busy"):
        assert taken(tmp_path / "lock") is None


def test_who_waits_is_told_once(tmp_path: Path) -> None:
    """However often the lock is tried."""
    handle = taken(tmp_path / "lock")
    said: list[str] = []

    with (
        pytest.raises(StorageError),
        held(tmp_path / "lock", 0.4, "it is busy", lambda: said.append("waiting")),
    ):
        pass

    assert said == ["waiting"]
    assert handle is not None
    os.close(handle)


def test_a_removed_lock_file_is_not_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its holder may remove it when another process has opened it, and a third makes it anew."""
    lock, open_file = tmp_path / "lock", os.open

    def removed(path: Path, *how: int) -> int:
        handle = open_file(path, *how)
        path.unlink()
        return handle

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", removed)
        assert taken(lock) is None

    handle = taken(lock)
    assert handle is not None
    os.close(handle)


def test_a_folder_that_is_a_file_is_an_error(tmp_path: Path) -> None:
    """Waiting would not help."""
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(FileExistsError), held(tmp_path / "file" / "lock", 30, "it is busy"):
        pass
