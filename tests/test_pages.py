"""Pages for readers: their links lead somewhere, and their codes are those of the code."""

import re
from pathlib import Path

import pytest

from session_classify import errors
from session_classify.vocabulary import ERROR_CODES, FAILURE_CODES
from tests.conftest import ROOT
from tests.test_sources import anchors

REFERENCES = sorted((ROOT / "references").glob("*.md"))
SKILLS = sorted((ROOT / "skills").glob("*/SKILL.md"))
TOP = [ROOT / name for name in ("README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md")]
PAGES = [*REFERENCES, *SKILLS, *TOP]
SHIPPED = [page for page in REFERENCES if page.stem != "sources"]
BY_NAME = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
_LINK = re.compile(r"\]\(([^)#\s]*)(#[\w-]+)?\)")


def text(page: Path) -> str:
    """Return a page's text."""
    return page.read_text(encoding="utf-8")


def test_there_are_pages() -> None:
    """A check of no page would pass for ever."""
    assert len(REFERENCES) > 15
    assert len(SKILLS) > 1


@BY_NAME
def test_links_lead_to_files_and_headings(page: Path) -> None:
    """Of relative links, file and anchor exist."""
    for target, anchor in _LINK.findall(text(page)):
        if re.match(r"[a-z]+:", target):
            continue
        other = (page.parent / target) if target else page

        assert other.exists(), target
        assert not anchor or anchor[1:] in anchors(other), (target, anchor)


@BY_NAME
def test_pages_that_are_named_exist(page: Path) -> None:
    """`references/NAME.md` in a text is a page, also where it is no link."""
    for name in re.findall(r"(?<![\w/.])references/([\w-]+\.(?:md|yaml))", text(page)):
        assert (ROOT / "references" / name).exists(), name


@pytest.mark.parametrize("page", [*SHIPPED, *SKILLS], ids=lambda page: page.parent.name + page.stem)
def test_a_page_is_short_enough_to_be_read(page: Path) -> None:
    """An agent pays for every line; the generated lists of commands are looked up, not read."""
    assert text(page).count("\n") <= (500 if page.stem == "commands" else 200)


@pytest.mark.parametrize("name", ["references/troubleshooting.md", "README.md"])
def test_every_exit_code_is_explained(name: str) -> None:
    """The table of codes is that of the errors, without the one for bugs, which no user mends."""
    kinds = [one for one in vars(errors).values() if isinstance(one, type)]
    codes = {getattr(kind, "exit_code", None) for kind in kinds} - {None}
    table = {int(code) for code in re.findall(r"^\| (\d+) \|", text(ROOT / name), re.MULTILINE)}

    assert len(codes) > 5
    assert codes - {70} <= table
    assert table <= codes | {0, 130, 143}


def test_every_failure_code_is_explained_and_no_other() -> None:
    """The table of verdicts.md has one row a code."""
    section = text(ROOT / "references" / "verdicts.md").partition("## Failure codes\n")[2]
    rows = re.findall(r"^\| `(\w+)", section.partition("\n## ")[0], re.MULTILINE)

    assert sorted(rows) == sorted(FAILURE_CODES)


def test_every_error_code_is_explained_and_no_other() -> None:
    """Each stands in a page, and a word of that form is one, or one that agents print by hand."""
    pages = "".join(text(page) for page in [*SHIPPED, *SKILLS])
    word = r"`((?:llmobs_content|no)_[a-z]+|[a-z_]+_(?:found|unavailable|input|type))`"
    named = set(re.findall(word, pages))
    by_hand, flags = {"no_traces_found"}, {"audit_unavailable"}
    kinds = {"event_type", "join_type"}

    assert ERROR_CODES.keys() <= named
    assert named - ERROR_CODES.keys() - by_hand - flags - kinds == set()
