"""`profile`: write, check and render what the tools and actions of an app mean."""

from typing import TYPE_CHECKING

import click

from session_classify.cli.output import as_json, emit, out_option

if TYPE_CHECKING:
    from session_classify.profiles.checks import Problem
    from session_classify.profiles.profile import Profile

_TOLD = 40
"""Problems that a check tells one by one; --json has all of them."""


@click.group("profile")
def profile_cmd() -> None:
    """Write, check or render an app profile: what its tools and actions mean.

    A profile is a YAML file that commands take with --profile; references/apps/ holds those that
    come with the package.
    """


@profile_cmd.command("init")
@click.option("--app", required=True, metavar="NAME", help="Name of the app, as ml_app has it.")
@click.option(
    "--from-rum",
    multiple=True,
    metavar="FILE",
    help="RUM events, a table or counts of them, as an agent client or pup wrote them.",
)
@click.option(
    "--from-loop", multiple=True, metavar="FILE", help="A result of get_llmobs_agent_loop."
)
@click.option(
    "--out", type=click.Path(), help="Write here instead of printing; never an existing file."
)
def init_cmd(
    app: str, from_rum: tuple[str, ...], from_loop: tuple[str, ...], out: str | None
) -> None:
    """Write a first profile from what was seen.

    It holds every action and tool with its count. Actions are ambiguous, tools have the kind that
    their names let guess, and comments ask what has to be known before an action may weigh
    anything. `-` is standard input.
    """
    from collections import Counter

    from session_classify.cli.persisted import read_loops, read_payloads
    from session_classify.errors import UsageError
    from session_classify.profiles.action_names import action_names
    from session_classify.profiles.load import generic_profile
    from session_classify.profiles.starter import starter
    from session_classify.report.profiles import starter_text
    from session_classify.vocabulary import DIGEST_LIMIT

    if not app.strip():
        raise UsageError("--app is empty; expected the name of the app")
    if [*from_rum, *from_loop].count("-") > 1:
        raise UsageError("standard input can be read once; name files for the rest")
    actions = action_names(read_payloads(from_rum))
    turns = [loop.turn for loop in read_loops(from_loop) if loop.turn is not None]
    tools = Counter(call.name for turn in turns for call in turn.tool_calls)
    found = starter(app, actions, tools, generic_profile())
    emit(starter_text(found, None if out else DIGEST_LIMIT), out, anew=True)


@profile_cmd.command("check")
@click.argument("file", type=click.Path())
@click.option("--json", "json", is_flag=True, help="Print what it holds and every problem as JSON.")
@out_option
def check_cmd(file: str, out: str | None, *, json: bool) -> None:
    """Say what does not fit together in a profile.

    Each problem is told with its rule and its cure; without any, the answer is `ok`. Refused, with
    exit code 1, are rules that clash or are never reached, names that are written twice, actions
    that weigh more than they may, and apps that a shipped profile claims. `-` is standard input.
    """
    from pathlib import Path

    from session_classify.profiles.checks import problems
    from session_classify.profiles.load import read_profile, shipped_files
    from session_classify.report.profiles import check_text, held

    profile = _read(file)
    path = Path(file).expanduser()
    others = [p for p in shipped_files() if file == "-" or not p.samefile(path)]
    found = problems(profile, map(read_profile, others))
    if json:
        facts = {"file": file, "app": profile.app, "ok": not found, "held": held(profile)}
        emit(as_json({**facts, "problems": found}), out)
    elif not found:
        emit(check_text(profile, file), out)
    if found:
        _refuse(found, file)


@profile_cmd.command("render")
@click.argument("file", type=click.Path())
@out_option
def render_cmd(file: str, out: str | None) -> None:
    """Make a page to read of a profile.

    It says what each action means, in the order in which a session meets them. What the profile
    falls back to is on the page as well. `-` is standard input.
    """
    from pathlib import Path

    from session_classify.profiles.load import completed
    from session_classify.report.profiles import reference_text
    from session_classify.vocabulary import DIGEST_LIMIT

    own = _read(file)
    limit = None if out else DIGEST_LIMIT
    emit(reference_text(completed(own), own, Path(file).name, limit), out)


def _read(file: str) -> "Profile":
    from pathlib import Path

    from session_classify.cli.persisted import read_file
    from session_classify.profiles.load import parse_profile, read_profile

    if file == "-":
        return parse_profile(read_file(file), file)
    return read_profile(Path(file).expanduser())


def _refuse(found: "tuple[Problem, ...]", file: str) -> None:
    """Raise UnusableInputError with a line for each problem."""
    from session_classify.errors import UnusableInputError
    from session_classify.report.profiles import problem_line

    lines = [problem_line(problem, file) for problem in found[:_TOLD]]
    if len(found) > _TOLD:
        lines.append(f"… {len(found) - _TOLD:,} more problems; --json prints all")
    raise UnusableInputError(*lines)
