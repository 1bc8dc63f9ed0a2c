"""The recipes of `references/audience-recipes.md`, run as they are printed."""

import json
import re
import shlex
import time
from pathlib import Path

import pytest

from datadog_standin.recording import read_recording
from datadog_standin.server import serving
from tests.audience.test_situations import BUNDLE
from tests.audience.test_writes import CREATE
from tests.cli.run import run
from tests.conftest import ROOT

PAGE = (ROOT / "references" / "audience-recipes.md").read_text(encoding="utf-8")
RECIPES = list(
    dict.fromkeys(re.findall(r"^    session-classify (audience .+)$", PAGE, re.MULTILINE))
)
_DAY = 86_400


@pytest.fixture(scope="module")
def organization(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the bundle with events of this hour, and of 45 days ago for users who left."""
    folder, now = tmp_path_factory.mktemp("organization"), int(time.time())
    for name in ("spans.jsonl", "accounts.jsonl"):
        (folder / name).write_bytes((BUNDLE / name).read_bytes())
    rows = [json.loads(line) for line in (BUNDLE / "users.jsonl").read_text().splitlines()]
    for row in rows:
        is_gone = row["last_seen"] < now
        row["last_seen"] = (
            now - 40 * _DAY if is_gone and row["user_id"] == "u-1" else row["last_seen"]
        )
        for event in row["events"]:
            event["timestamp"] = now - (45 * _DAY if is_gone else 3_600)
    (folder / "users.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def test_there_are_recipes() -> None:
    """A test of no recipe would pass for ever."""
    assert len(RECIPES) > 50


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_runs_and_finds_something(recipe: str, organization: Path, tmp_path: Path) -> None:
    """Each ends well, with rows, changes nothing, and its names are in the mapping."""
    (tmp_path / "fields.json").write_text(json.dumps(CREATE))
    with serving(read_recording([organization])) as running:
        done = run(*shlex.split(recipe), "--url", running.url, cwd=tmp_path, DD_READ_ONLY="1")

    assert done.returncode == 0, done.stderr
    written = [path.read_text() for path in tmp_path.iterdir() if path.suffix == ".csv"]
    assert done.stdout or written
    assert not done.stdout.startswith(("none\n", "no values")) or "connections list" in recipe
    assert all(text.count("\n") > 1 for text in written)


@pytest.mark.parametrize("recipe", [one for one in RECIPES if "'" in one and " query '" in one])
def test_a_query_of_a_recipe_leaves_somebody_out(recipe: str, organization: Path) -> None:
    """A condition that everybody meets would mean nothing."""
    words = shlex.split(recipe)
    if words[3] == "*":
        return
    with serving(read_recording([organization])) as running:
        done = run(*words[:4], "--json", "--url", running.url)

    total = json.loads(done.stdout)["data"]["attributes"]["total"]
    assert 0 < total < {"users": 8, "accounts": 4}[words[1]]


def test_a_corrected_recipe_says_so() -> None:
    """What people often write and what cannot be asked are marked."""
    assert PAGE.count("**Corrected**") >= 6
    assert PAGE.count("**Cannot be asked**") >= 4
