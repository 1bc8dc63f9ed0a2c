"""The pages on what rules and shapes rest on: short, linked, true about code, and cited by it."""

import re
import subprocess
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


PRIVATE = re.compile(
    r"seed[ -]?00\d|datadog-wir[e]|\bcontract[s]|architectur[e], |\bissue \d|house\.m[d]",
    re.IGNORECASE,
)
"""Names of documents that lie outside the repository."""
SEARCHED = ("scripts", "templates", "references", "skills", "tests", "Makefile", ".ci")


def committed() -> list[str]:
    """Return the paths of the committed text files that are searched."""
    listed = subprocess.run(
        ["git", "ls-files", "--", *SEARCHED, "*.md", "*.toml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("no git checkout: what would be committed is not known here")
    return [
        name
        for name in sorted({*listed.stdout.splitlines()})
        if (ROOT / name).is_file() and not (ROOT / name).is_symlink()
    ]


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8", errors="replace")


def test_only_documents_that_every_reader_has_are_named() -> None:
    """No committed file names a document that lies outside the repository."""
    naming = {name for name in committed() if PRIVATE.search(text_of(name))}

    assert naming == set()


def test_each_section_that_is_cited_is_there() -> None:
    """A cited page exists and has the cited heading; rules and shapes are cited at all."""
    known = {page.stem: set(anchors(page)) for page in PAGES}
    cited = [
        (name, page, anchor)
        for name in committed()
        for page, anchor in re.findall(
            r"references/sources/(\w+)\.md(?:#([a-z0-9-]+))?", text_of(name)
        )
    ]

    assert len({name for name, _, _ in cited}) > 60
    assert [
        found
        for found in cited
        if found[1] not in known or (found[2] and found[2] not in known[found[1]])
    ] == []
