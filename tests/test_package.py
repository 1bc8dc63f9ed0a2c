"""What a release's archive holds: all that an installation needs, and nothing of the workshop."""

import os
import subprocess
import sys
import tarfile
from io import BytesIO
from pathlib import Path

import pytest

from tests.conftest import ROOT

LIMIT, PACKED = 3_000_000, 1_000_000
"""Bytes that an installation may copy, and download."""
TOP = {
    ".claude-plugin",
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "SECURITY.md",
    "hooks",
    "pyproject.toml",
    "references",
    "scripts",
    "skills",
    "templates",
}


def unpacked(folder: Path) -> Path:
    """Unpack the archive of the last commit into a folder, as a release does."""
    archive = ["git", "archive", "--worktree-attributes", "HEAD"]
    made = subprocess.run(archive, cwd=ROOT, capture_output=True, check=True)
    with tarfile.open(fileobj=BytesIO(made.stdout)) as tar:
        tar.extractall(folder, filter="tar")
    return folder


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the unpacked archive."""
    if not (ROOT / ".git").exists():
        pytest.skip("an archive is made from a repository")
    return unpacked(tmp_path_factory.mktemp("some place") / "session-classify")


def test_the_archive_holds_what_an_installation_needs(package: Path) -> None:
    """No tests, no CI: a new folder at the top belongs on one of the two lists."""
    assert {path.name for path in package.iterdir()} == TOP


def test_the_archive_is_small(package: Path) -> None:
    """Its links stay links when the plugin is installed, so each file counts once."""
    size = sum(path.lstat().st_size for path in package.rglob("*") if not path.is_dir())

    packed = ["git", "archive", "--worktree-attributes", "--format=tar.gz", "HEAD"]
    assert 1_000_000 < size < LIMIT
    assert len(subprocess.run(packed, cwd=ROOT, capture_output=True, check=True).stdout) < PACKED


def test_its_links_lead_to_its_own_files(package: Path) -> None:
    """A link out of the archive would be dropped by an installation."""
    links = [path for path in package.rglob("*") if path.is_symlink()]

    assert links
    for link in links:
        assert link.resolve().is_relative_to(package)
        assert link.exists()


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["demo", "--case", "case"], "verdict: no"),
        (["doctor"], "bundle:PATH"),
        (["serve", "--help"], "--replay"),
        (["show", "--reference", "sources"], "sources/rum.md"),
    ],
    ids=["demo", "doctor", "serve", "show"],
)
def test_a_command_of_the_archive_runs(
    package: Path, tmp_path: Path, words: list[str], expected: str
) -> None:
    """In another folder, with nothing of the checkout."""
    done = subprocess.run(
        [sys.executable, package / "scripts" / "run.py", *words],
        capture_output=True,
        encoding="utf-8",
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert expected in done.stdout
