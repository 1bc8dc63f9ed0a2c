"""YAML files that are kept parsed."""

from pathlib import Path

import pytest

from session_classify.profiles import load
from session_classify.profiles.load import load_profile, shipped_files
from session_classify.verdict.reconcile_rules import load_rules


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Give a cache folder of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    return tmp_path / "session-classify" / "parsed"


@pytest.mark.parametrize("path", shipped_files(), ids=lambda path: path.stem)
def test_a_kept_profile_is_the_one_in_the_file(
    path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second run parses no YAML and gets the same."""
    first = load_profile(path)
    monkeypatch.setattr(load, "parse_profile", lambda *_: pytest.fail("parsed again"))

    assert load_profile(path) == first
    assert [one.suffix for one in cache.iterdir()] == [".json"] * len(list(cache.iterdir()))


def test_another_file_is_parsed(cache: Path, tmp_path: Path) -> None:
    """What is kept is found by the content of the files, so a changed profile is another one."""
    path = tmp_path / "app.yaml"
    path.write_text("app: made-up\n")
    assert load_profile(path).app == "made-up"
    path.write_text("app: made-up-2\n")

    assert load_profile(path).app == "made-up-2"
    assert cache.is_dir()


@pytest.mark.parametrize("content", [b"", b"{", b'{"app": 1}', b"\xff"])
def test_a_damaged_one_is_parsed_anew(content: bytes, cache: Path) -> None:
    """It is replaced."""
    load_rules()
    (kept,) = cache.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(content)

    assert load_rules()
    assert kept.read_bytes() == whole


def test_the_kept_rules_are_those_in_the_file(cache: Path) -> None:
    """Reconciliation rules, too, are read once."""
    first = load_rules()

    assert load_rules() == first
    assert len(list(cache.iterdir())) == 1


def test_without_a_cache_it_is_parsed(cache: Path) -> None:
    """A file in the place of the folder costs time alone."""
    cache.parent.mkdir(parents=True)
    cache.write_text("made up")

    assert load_profile(shipped_files()[0]).app
