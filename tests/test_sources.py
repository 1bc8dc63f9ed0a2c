"""The pages on what rules and shapes rest on: short, linked, and true about where code is."""

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

INDEX = ROOT / "references" / "sources.md"
PAGES = [INDEX, *sorted((ROOT / "references" / "sources").glob("*.md"))]
PACKAGE = ROOT / "scripts" / "session_classify"
BY_NAME = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)


def anchors(page: Path) -> list[str]:
    """Return the anchors of a page's headings, formed as GitHub does."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return [re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles]


def test_there_are_pages() -> None:
    """A check of no page would pass for ever."""
    assert len(PAGES) > 4


@BY_NAME
def test_a_page_is_short_and_each_section_has_an_anchor_of_its_own(page: Path) -> None:
    """Code cites sections by anchor, so no two headings of a page may have the same."""
    found = anchors(page)

    assert page.read_text(encoding="utf-8").count("\n") <= 200
    assert len(found) == len(set(found)) > 1


@BY_NAME
def test_links_between_the_pages_lead_somewhere(page: Path) -> None:
    """A relative link names a page that is there, and an anchor that it has."""
    for target in re.findall(r"\]\(([^)#:]*\.md)?(#[\w-]+)?\)", page.read_text(encoding="utf-8")):
        other = page.parent / target[0] if target[0] else page

        assert other.is_file(), target
        assert target[1][1:] in ["", *anchors(other)], target


@BY_NAME
def test_the_code_that_a_page_names_is_there(page: Path) -> None:
    """A module that moves takes its name in these pages along."""
    lines = re.findall(r"^Code: (.+)\.$", page.read_text(encoding="utf-8"), re.MULTILINE)
    named = [name for line in lines for name in re.findall(r"`([^`]+)`", line)]

    assert bool(lines) is (page != INDEX)
    assert [
        name
        for name in named
        if not any((b / name).exists() for b in (PACKAGE, PACKAGE.parent, ROOT))
    ] == []


@BY_NAME
def test_a_page_cites_what_every_reader_has(page: Path) -> None:
    """Nothing in it hangs on a document that is not public."""
    text = page.read_text(encoding="utf-8")

    assert (
        re.findall(r"\bseed\b|\bcontracts?\b|\barchitecture\b|\bissue \d|\.\./shared", text) == []
    )
