"""The page on security: each defence names tests that exist."""

import ast
import re

import pytest

from tests.conftest import ROOT

PAGE = (ROOT / "references" / "security.md").read_text(encoding="utf-8")
CITED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))
THREATS = PAGE.partition("\n## Threats\n")[2].partition("\n## ")[0]
ROWS = re.findall(r"^\| (?!threat|---).*$", THREATS, re.MULTILINE)


def test_there_are_threats() -> None:
    """A check of no row would pass for ever."""
    assert len(ROWS) > 20
    assert len(CITED) > 20


@pytest.mark.parametrize(("file", "name"), CITED, ids=lambda part: part.rpartition("/")[2])
def test_a_test_that_the_page_names_exists(file: str, name: str) -> None:
    """A function of this name is a test of that file, or a defence stands on nothing."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))

    assert name.startswith("test_")
    assert name in [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[2:50])
def test_every_defence_names_a_test(row: str) -> None:
    """Three cells: what is tried, what stands against it, and at least one test."""
    cells = row.strip("| ").split(" | ")

    assert len(cells) == 3
    assert re.fullmatch(r"(`tests/[\w/]+\.py::\w+`(, )?)+", cells[2])
