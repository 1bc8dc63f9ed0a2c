"""Files are written whole or not at all."""

import os
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from session_classify.errors import LackingError, StorageError, UsageError
from session_classify.gathering.case import default_path, located
from session_classify.storage import storing, write_whole
from session_classify.vocabulary import Unit

posix = pytest.mark.skipif(os.name != "posix", reason="limits, modes and devices of POSIX")


@contextmanager
def file_size(limit: int) -> Iterator[None]:
    """Let no file grow beyond so many bytes, as a full disk does."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@posix
@pytest.mark.parametrize("limit", [0, 1, 4_096])
def test_what_cannot_be_written_leaves_the_old_file(tmp_path: Path, limit: int) -> None:
    """The old content stays, nothing else is left, and one line says what to try."""
    path = tmp_path / "file"
    path.write_bytes(b"old")

    with (
        pytest.raises(StorageError, match=f"cannot write to {path}: .*; free space there, or move"),
        storing(path, "move"),
        file_size(limit),
    ):
        write_whole(path, b"n" * 8_192)

    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@posix
def test_a_new_file_that_cannot_be_written_is_not_left_empty(tmp_path: Path) -> None:
    """Also where the name was taken first, so that no other process could take it."""
    with pytest.raises(OSError, match="too large"), file_size(1):
        write_whole(tmp_path / "file", b"new", anew=True)

    assert list(tmp_path.iterdir()) == []


def test_a_file_that_exists_is_not_written_anew(tmp_path: Path) -> None:
    """It keeps its content."""
    write_whole(tmp_path / "file", b"first", anew=True)
    with pytest.raises(FileExistsError):
        write_whole(tmp_path / "file", b"second", anew=True)

    assert (tmp_path / "file").read_bytes() == b"first"


@posix
def test_links_and_permissions_stay(tmp_path: Path) -> None:
    """A link goes on leading to the file, and who could read it still can, and nobody else."""
    path, link = tmp_path / "file", tmp_path / "link"
    path.write_bytes(b"old")
    path.chmod(0o640)
    link.symlink_to(path)
    before = os.umask(0o077)
    try:
        write_whole(link, b"new")
        write_whole(tmp_path / "another", b"")
    finally:
        os.umask(before)

    assert (link.is_symlink(), path.read_bytes()) == (True, b"new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert stat.S_IMODE((tmp_path / "another").stat().st_mode) == 0o600


@posix
def test_a_pipe_gets_the_data_and_stays_a_pipe(tmp_path: Path) -> None:
    """What is no regular file cannot be replaced."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
        write_whole(pipe, b"data")
        out, _ = reader.communicate(timeout=30)

    assert out == b"data"
    assert pipe.is_fifo()


def test_a_user_without_a_home_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as in a container whose user is a number: no folder `~` is made where it runs."""
    for name in ("HOME", "USERPROFILE", "HOMEDRIVE", "HOMEPATH", "XDG_STATE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    if os.name != "posix":
        pytest.skip("other systems ask the system for the folder")
    import pwd

    def nobody(_: int) -> None:
        raise KeyError

    monkeypatch.setattr(pwd, "getpwuid", nobody)

    with pytest.raises(
        LackingError, match="no home directory; give --case DIR, or set HOME or XDG"
    ):
        default_path(Unit.SESSION, "s-1")


@pytest.mark.parametrize("path", ["~nobody-of-this-name/case", "a\0b"])
def test_a_path_that_leads_nowhere_is_a_wrong_argument(path: str) -> None:
    """One line names it."""
    with pytest.raises(UsageError, match="cannot be the path of a case"):
        located(Path(path))
