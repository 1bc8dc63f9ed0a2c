"""Where things lie when nobody names a place."""

import re
import runpy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_classify.gathering.case import default_path
from session_classify.places import answers_folder, cache_folder, cases_folder
from session_classify.vocabulary import Unit
from tests.conftest import ROOT


@pytest.mark.parametrize("platform", ["linux", "darwin"])
@pytest.mark.parametrize("base", [None, "", "/somewhere/else", "relative"])
def test_the_launcher_has_the_same_cache_folder(
    monkeypatch: pytest.MonkeyPatch, platform: str, base: str | None
) -> None:
    """The launcher cannot import the package, so both have the rule."""
    monkeypatch.setattr("sys.platform", platform)
    if base is None:
        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    else:
        monkeypatch.setenv("XDG_CACHE_HOME", base)

    launcher = runpy.run_path(str(ROOT / "scripts" / "launcher" / "places.py"))

    assert launcher["cache_folder"]() == str(cache_folder())


def test_cases_and_their_answers_lie_in_the_state_directory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """`XDG_STATE_HOME` moves them."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    case = default_path(Unit.SESSION, "s-1")

    assert case == cases_folder() / "session-s-1" == tmp_path / "session-classify/cases/session-s-1"
    assert answers_folder(case) == cases_folder() / ".session-s-1.answers"


@given(st.text(min_size=1, max_size=200) | st.sampled_from(["..", "../../x", "/etc", "-rf", "\0"]))
def test_an_id_never_leaves_the_folder_of_cases(unit_id: str) -> None:
    """Whatever an id is made of, its case is one visible entry of that folder, and short."""
    path = default_path(Unit.SESSION, unit_id)

    assert path.parent == cases_folder()
    assert re.fullmatch(r"session-[A-Za-z0-9._-]{1,100}", path.name)
