"""Pages and the command line say the same: what one names, the other has."""

import re
from pathlib import Path

import click
import pytest

from session_classify.cli import cli
from session_classify.cli.tool_calls_page import tool_calls_page
from tests.conftest import ROOT

PAGES = [
    *sorted((ROOT / "references").glob("*.md")),
    *sorted((ROOT / "skills").glob("*/SKILL.md")),
    *(ROOT / name for name in ("README.md", "AGENTS.md", "SECURITY.md")),
]
CALLED = re.compile(
    r"(?:session-classify|scripts/run\.py\"?)(?: --(?:restricted|debug|version))*"
    r" ([a-z][a-z-]+)([^`\n|]*)"
)


def commands() -> dict[str, click.Command]:
    """Return each command by its words, those of a group with the group's name before them."""
    context = click.Context(cli)
    found = {}
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        found[name] = command
        if isinstance(command, click.Group):
            found.update({f"{name} {inner}": c for inner, c in command.commands.items()})
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_calls_is_there(page: Path) -> None:
    """Each command of a line that calls one exists, and has the options of that line."""
    known = commands()
    for name, rest in CALLED.findall(page.read_text(encoding="utf-8").replace("\\\n", " ")):
        if name in ("skill", "plugin", "decides", "on"):
            continue  # the product's name in a sentence or a path
        inner = rest.split()[:1]
        command = known.get(" ".join([name, *inner])) or known.get(name)
        assert command is not None, f"{page.name}: {name}{rest}"
        options = {option for one in command.params for option in one.opts} | {"--help", "-h"}
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", rest.partition(" #")[0]):
            assert option in options, f"{page.name}: {name} has no {option}"


def test_each_command_is_named_for_readers() -> None:
    """In the README, a reference or a skill, besides the generated list."""
    texts = "".join(p.read_text(encoding="utf-8") for p in PAGES if p.name != "commands.md")

    assert [name for name in commands() if not re.search(rf"\b{name}\b", texts)] == []


def test_the_page_of_calls_is_the_generated_one() -> None:
    """`make reference` was run after a query changed."""
    page = (ROOT / "references" / "tool-calls.md").read_text(encoding="utf-8")

    assert page == tool_calls_page()
