"""The recipes of `references/audience-recipes.md`, run as they are printed."""

import json
import re
import shlex
from pathlib import Path

import pytest

from datadog_standin.recording import read_recording
from datadog_standin.server import serving
from tests.audience.test_situations import BUNDLE
from tests.audience.test_writes import CREATE
from tests.cli.run import run
from tests.conftest import ROOT

PAGE = (ROOT / "references" / "audience-recipes.md").read_text(encoding="utf-8")
RECIPES = re.findall(r"^    session-classify (audience .+)$", PAGE, re.MULTILINE)


def test_there_are_recipes() -> None:
    """A test of no recipe would pass for ever."""
    assert len(RECIPES) > 10


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_runs(recipe: str, tmp_path: Path) -> None:
    """Each command ends well, writes nothing, and its fields are in the mapping."""
    (tmp_path / "fields.json").write_text(json.dumps(CREATE))
    with serving(read_recording([BUNDLE])) as running:
        done = run(*shlex.split(recipe), "--url", running.url, cwd=tmp_path, DD_READ_ONLY="1")

    assert (done.returncode, bool(done.stdout)) == (0, True), done.stderr
