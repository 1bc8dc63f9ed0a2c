"""Which version runs: the commit is read off a checkout, or off what pip recorded."""

from pathlib import Path

import pytest

from session_classify import __version__
from session_classify.version import version_text

COMMIT = "0123456789abcdef0123456789abcdef01234567"
KNOWN = f"{__version__} (commit 0123456789ab)"


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({".git/HEAD": COMMIT}, id="detached"),
        pytest.param(
            {".git/HEAD": "ref: refs/heads/main\n", ".git/refs/heads/main": COMMIT + "\n"},
            id="branch",
        ),
        pytest.param(
            {
                ".git/HEAD": "ref: refs/heads/main\n",
                ".git/packed-refs": f"# pack-refs\n{'9' * 40} refs/heads/not-main\n"
                f"{COMMIT} refs/heads/main\n",
            },
            id="packed",
        ),
        pytest.param(
            {
                ".git": "gitdir: main/.git/worktrees/w\n",
                "main/.git/worktrees/w/HEAD": "ref: refs/heads/w\n",
                "main/.git/worktrees/w/commondir": "../..\n",
                "main/.git/refs/heads/w": COMMIT,
            },
            id="worktree",
        ),
    ],
)
def test_a_checkout_names_its_commit(tmp_path: Path, files: dict[str, str]) -> None:
    """However git stores it, without git."""
    assert version_text(write(tmp_path, files)) == KNOWN


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({}, id="no checkout"),
        pytest.param({".git/HEAD": "ref: refs/heads/main"}, id="no commit yet"),
        pytest.param({".git/HEAD": "\x1b[2J hello"}, id="no git file"),
        pytest.param({".git/HEAD": "ref: ../../x", "x": "not a commit"}, id="a foreign file"),
        pytest.param({".git": "gitdir: nowhere"}, id="a broken worktree"),
    ],
)
def test_what_is_no_commit_is_not_printed(tmp_path: Path, files: dict[str, str]) -> None:
    """The version alone, whatever lies there."""
    assert version_text(write(tmp_path, files)) == __version__


def test_pip_records_the_commit_of_a_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An installation from a repository has no checkout around it."""
    info = "session_classify-0.1.0.dist-info"
    recorded = f'{{"url": "https://example.com/x", "vcs_info": {{"commit_id": "{COMMIT}"}}}}'
    write(
        tmp_path,
        {
            f"{info}/METADATA": "Metadata-Version: 2.1\nName: session-classify\nVersion: 0.1.0\n",
            f"{info}/direct_url.json": recorded,
        },
    )
    monkeypatch.syspath_prepend(str(tmp_path))

    assert version_text(tmp_path) == KNOWN
