"""The published schemas are those of the structs, and real output keeps them."""

import json
from pathlib import Path

import jsonschema
import pytest

from session_classify.cli.schemas import schemas
from tests.cli.run import run
from tests.conftest import ROOT
from tests.situations import situation

FOLDER = ROOT / "references" / "schemas"


def test_every_schema_is_published_and_no_other() -> None:
    """A schema without a struct, or a struct without its schema, is a leftover."""
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(schemas())


@pytest.mark.parametrize(("name", "text"), schemas().items(), ids=list(schemas()))
def test_a_published_schema_is_the_generated_one(name: str, text: str) -> None:
    """`make schemas` was run after the structs changed."""
    assert (FOLDER / name).read_text(encoding="utf-8") == text


def test_a_recorded_verdict_keeps_its_schema(tmp_path: Path) -> None:
    """What `report --json` prints validates."""
    bundle = situation("spans-failed-tool")
    run("classify", "session", "s-1", "--backend", f"bundle:{bundle}", "--case", tmp_path / "c")

    printed = run("report", tmp_path / "c", "--json").stdout

    jsonschema.validate(json.loads(printed), json.loads((FOLDER / "verdict.json").read_text()))
