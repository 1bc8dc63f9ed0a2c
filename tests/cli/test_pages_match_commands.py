"""Pages and code say the same: commands, options, make targets, limits, in both directions."""

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import click
import pytest

from session_classify.cli import cli
from session_classify.cli.tool_calls_page import tool_calls_page
from session_classify.vocabulary import DIGEST_LIMIT, REASON_LIMIT, WINDOWS, Unit
from tests.conftest import ROOT
from tests.test_package import LIMIT, PACKED
from tests.test_pages import PAGES, SKILLS, text

GENERATED = {"commands.md", "tool-calls.md", "audit-signals.md", "rum-actions-bits-assistant.md"}
WRITTEN = [
    page for page in [*PAGES, ROOT / "AGENTS.md"] if page.name not in {*GENERATED, "CHANGELOG.md"}
]
FOREIGN = {"--ml-app", "--skill", "--plugin-dir"}
"""Options of pup, npx and agent clients that pages name alone."""
BY_NAME = pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
_CODE = re.compile(r"^```\w*\n(.*?)^```|(?<!`)`([^`\n]+)`(?!`)", re.MULTILINE | re.DOTALL)
_START = re.compile(
    r'(?:python3 (?:"?\S*scripts/run\.py"?)|session-classify)(?: --restricted)? (.*)'
)
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


def tree(
    command: click.Command, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield a command and all below it, each with its words."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from tree(inner, (*path, name))


COMMANDS = dict(tree(cli))
TOP = {path[0] for path in COMMANDS if path}


def options(*paths: tuple[str, ...]) -> set[str]:
    """Return the options of some commands, and those of every command."""
    params = chain.from_iterable(COMMANDS[path].params for path in ((), *paths))
    found = {name for one in params for name in (*one.opts, *one.secondary_opts)}
    return found | {"--help"}


def lines(page: Path) -> Iterator[str]:
    """Yield the lines of code of a page; a line that ends with a backslash goes on."""
    for block, inline in _CODE.findall(text(page)):
        yield from (inline or re.sub(r"\\\n\s*", "", block)).splitlines()


def called(line: str) -> str | None:
    """Return the words of a line that calls this package, from its command on."""
    found = _START.match(line.strip())
    words = re.sub(r" +# .*", "", found[1] if found else line)
    first = re.match(r"[a-z-]+", words)
    if first and first[0] in TOP and (found or re.match(r"\S+ (?:[A-Z-]|session |trace )", words)):
        return words
    return words if found else None


def path_of(words: str) -> tuple[str, ...]:
    """Return the longest command that the words begin with."""
    path: tuple[str, ...] = ()
    for word in words.split():
        if (*path, word) not in COMMANDS:
            break
        path = (*path, word)
    return path


def test_there_are_commands_in_pages() -> None:
    """A check of no line would pass for ever."""
    assert sum(called(line) is not None for page in WRITTEN for line in lines(page)) > 40


@BY_NAME
def test_a_command_that_a_page_names_exists_with_its_options(page: Path) -> None:
    """What follows a program of this package is a command, and its options are of that command."""
    for line in lines(page):
        words = called(line)
        if words is None or re.match(r"(?:COMMAND|--?\w|\*|\W|$)", words):
            continue
        path = path_of(words)
        below = [one for one in COMMANDS if one[: len(path)] == path]

        assert path, line
        assert set(_OPTION.findall(words.partition(" -- ")[0])) <= options(*below), line


@BY_NAME
def test_an_option_that_a_page_names_alone_is_one_of_some_command(page: Path) -> None:
    """`--name` at the start of code, without the command before it."""
    named = {option for line in lines(page) for option in re.findall(r"^--[a-z][a-z-]*", line)}

    assert named - options(*COMMANDS) - FOREIGN == set()


@BY_NAME
def test_a_make_target_that_a_page_names_exists(page: Path) -> None:
    """Words after `make` in code are targets of the Makefile."""
    targets = set(re.findall(r"^([a-z]+):", text(ROOT / "Makefile"), re.MULTILINE))
    named = {found[1] for line in lines(page) if (found := re.match(r"make ([a-z]+)", line))}

    assert named <= targets


@pytest.mark.parametrize("name", sorted(" ".join(path) for path in COMMANDS if path))
def test_every_command_stands_in_a_page_that_somebody_wrote(name: str) -> None:
    """The generated list alone tells nobody when to use it."""
    assert any(re.search(rf"\b{name}\b", line) for page in WRITTEN for line in lines(page))


def test_the_page_of_calls_is_the_generated_one() -> None:
    """`make reference` was run after a query changed."""
    page = (ROOT / "references" / "tool-calls.md").read_text(encoding="utf-8")

    assert page == tool_calls_page()


def test_every_command_of_a_skill_may_be_run_with_the_switch() -> None:
    """`capture` is the hook's own; all others that a skill names are allowed ones."""
    from session_classify.cli.guard import COMMANDS as ALLOWED

    named = {
        " ".join(path_of(words))
        for page in SKILLS
        for line in lines(page)
        if (words := called(line))
    }

    assert named - {""} <= set(ALLOWED)


def test_the_page_on_security_lists_what_the_switch_allows() -> None:
    """The list that users read is that of the guard."""
    from session_classify.cli.guard import COMMANDS as ALLOWED

    section = text(ROOT / "references" / "security.md").partition("### What an agent may run")[2]
    listed = re.findall(r"`([a-z -]+)`", section.partition("With `--restricted`")[0])

    assert {*ALLOWED, "audience"} == {name for name in listed if "--" not in name}


@pytest.mark.parametrize(
    ("name", "figure"),
    [
        ("README.md", f"at most {DIGEST_LIMIT:,} characters"),
        ("README.md", f"less than {LIMIT // 10**6} MB, {PACKED // 10**6} MB to download"),
        ("references/installing.md", f"less than {LIMIT // 10**6} MB"),
        ("skills/llm-obs-session-classify/SKILL.md", f"More than {REASON_LIMIT} characters"),
        (
            "references/troubleshooting.md",
            f"the last {WINDOWS[Unit.SESSION][:-1]} days, traces in {WINDOWS[Unit.TRACE][:-1]}",
        ),
        ("skills/llm-obs-session-classify/SKILL.md", f'"from": "now-{WINDOWS[Unit.SESSION]}"'),
        ("skills/llm-obs-session-classify/SKILL.md", f'"from": "now-{WINDOWS[Unit.TRACE]}"'),
    ],
)
def test_a_figure_is_that_of_the_code(name: str, figure: str) -> None:
    """Limits and windows that pages promise."""
    assert figure in text(ROOT / name)
