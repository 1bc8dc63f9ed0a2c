"""What an installation copies, and what a use leaves behind in it.

`make client` installs the client and runs these; SESSION_CLASSIFY_CLIENT names its program.
"""

import os
from pathlib import Path

import pytest

from tests.client.classification import Way
from tests.client.client import (
    SKILL,
    Outcome,
    bash,
    by_git,
    by_marketplace,
    by_npx,
    outcome_of,
    skill_text,
)
from tests.client.model import Script
from tests.test_package import LIMIT

pytestmark = [pytest.mark.client, pytest.mark.long]


@pytest.mark.parametrize(
    ("way", "place"),
    [
        pytest.param(by_git, "home/.claude/plugins/cache", id="git"),
        pytest.param(by_marketplace, "home/.claude/plugins/cache", id="folder"),
        pytest.param(by_npx, f"the project/.claude/skills/{SKILL}", id="npx"),
    ],
)
def test_an_installation_copies_what_it_needs(way: Way, place: str, tmp_path: Path) -> None:
    """Less than 3 MB, without tests and CI; a command leaves nothing in it."""
    install = way(os.environ["SESSION_CLASSIFY_CLIENT"], tmp_path)
    copied = tmp_path / place
    before = {path: path.stat().st_size for path in copied.rglob("*") if path.is_file()}

    outcomes: list[Outcome] = []

    def script() -> Script:
        request = yield {}
        folder = skill_text(request).partition("\n")[0].partition(": ")[2]
        request = yield bash(f'python3 "{folder}/scripts/run.py" --restricted doctor')
        outcomes.append(outcome_of(request))

    install.converse(f"/{SKILL} x", script())

    assert [outcome.is_error for outcome in outcomes] == [False]
    assert 1_000_000 < sum(before.values()) < LIMIT
    names = {part for path in before for part in path.relative_to(copied).parts}
    assert names.isdisjoint({"tests", ".ci", ".github", "Makefile"})
    assert {path for path in copied.rglob("*") if path.is_file()} == before.keys()
