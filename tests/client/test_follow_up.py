"""A second message of a conversation, in which the skill's permission is gone.

`make client` installs the client and runs these; SESSION_CLASSIFY_CLIENT names its program.
"""

import os
import re
from pathlib import Path

import pytest

from session_classify import __version__
from tests.client.client import (
    SKILL,
    Install,
    Outcome,
    bash,
    by_folder,
    by_home,
    outcome_of,
    read,
    skill_text,
)
from tests.client.model import Script
from tests.conftest import ROOT

pytestmark = pytest.mark.client
PAGE = (ROOT / "references" / "installing.md").read_text(encoding="utf-8")


def lasting(skill: str) -> str:
    """Return the settings that the page gives, with the folder of the skill in its place."""
    settings = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0]
    return settings.replace("/path/to/skill", skill)


def followed_up(install: Install, *, with_settings: bool) -> list[Outcome]:
    """Call the skill, then use its command and a reference in a second message."""
    places: list[str] = []
    outcomes: list[Outcome] = []

    def first() -> Script:
        request = yield {}
        folder = skill_text(request).partition("\n")[0]
        places.append(folder.removeprefix("Base directory for this skill: "))

    def second() -> Script:
        request = yield {}
        for use in (
            bash(f'python3 "{places[0]}/scripts/run.py" --restricted doctor'),
            bash(f'python3 "{places[0]}/scripts/run.py" doctor'),
            read(f"{places[0]}/references/verdicts.md"),
        ):
            request = yield use
            outcomes.append(outcome_of(request))

    install.converse(f"/{SKILL} x", first())
    if with_settings:
        (install.home / ".claude" / "settings.json").write_text(lasting(places[0]))
    install.converse("And what works here?", second(), "--continue")
    return outcomes


@pytest.mark.parametrize("with_settings", [True, False], ids=["with settings", "without"])
def test_a_follow_up_needs_the_lines_of_the_page(tmp_path: Path, *, with_settings: bool) -> None:
    """With them the restricted command runs, and nothing else of the launcher does."""
    install = by_folder(os.environ["SESSION_CLASSIFY_CLIENT"], tmp_path / "some place")

    restricted, free, _ = followed_up(install, with_settings=with_settings)

    assert restricted.ran == with_settings
    assert (f"session-classify {__version__}" in restricted.text) == with_settings
    assert not free.ran


@pytest.mark.parametrize("with_settings", [True, False], ids=["with settings", "without"])
def test_a_follow_up_reads_the_references_of_a_copied_skill(
    tmp_path: Path, *, with_settings: bool
) -> None:
    """The rule for reading names the folder of the skill, which lies outside the project."""
    install = by_home(os.environ["SESSION_CLASSIFY_CLIENT"], tmp_path / "some place")

    reference = followed_up(install, with_settings=with_settings)[-1]

    assert reference.is_error != with_settings, reference.text
