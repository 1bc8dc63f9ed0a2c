"""The page of all commands."""

import re

from session_classify.cli import cli
from session_classify.cli.commands_page import commands_page
from tests.conftest import ROOT

PAGE = ROOT / "references" / "commands.md"
PAGES = [ROOT / "README.md", *sorted((ROOT / "references").glob("*.md"))]


def test_the_page_is_what_the_commands_say() -> None:
    """`make reference` writes it; what --help says and what the page says are one text."""
    assert PAGE.read_text(encoding="utf-8") == commands_page()


def test_every_command_has_a_section() -> None:
    """A command that the group knows is on the page."""
    names = cli.list_commands(cli.make_context("x", ["--help"], resilient_parsing=True))

    assert len(names) > 10
    assert [
        name for name in names if f"\n## session-classify {name}\n" not in commands_page()
    ] == []


def test_pages_name_commands_that_exist() -> None:
    """`session-classify WORD` in a page is a command, or --restricted before one."""
    known = set(cli.list_commands(cli.make_context("x", ["--help"], resilient_parsing=True)))
    named = {
        (path.name, word)
        for path in PAGES
        for word in re.findall(
            r"session-classify (?:--restricted )?([a-z][a-z-]+)\b", path.read_text(encoding="utf-8")
        )
    }

    assert len(named) > 10
    assert {(name, word) for name, word in named if word not in known} == set()
