"""`profile`: write, check and render the meaning of an app's tools and actions."""

from typing import TYPE_CHECKING

import click

from session_classify.cli.output import as_json, emit, out_option

if TYPE_CHECKING:
    from session_classify.profiles.checks import Problem
    from session_classify.profiles.profile import Profile

_LISTED = 40
"""Problems that a check prints; --json has all of them."""


@click.group("profile")
def profile_cmd() -> None:
    """Write, check or render an app profile: the meaning of its tools and actions.

    A profile is a YAML file that commands accept with --profile; references/apps/ has the shipped
    ones.
    """


@profile_cmd.command("init")
@click.option("--app", required=True, metavar="NAME", help="Name of the app, as in ml_app.")
@click.option(
    "--from-rum",
    multiple=True,
    metavar="FILE",
    help="RUM events, a table or counts, as saved by an agent client or pup.",
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
    """Write a first profile from recorded actions and tool calls.

    It has every action and tool with its count. Actions are ambiguous; tools have the kind that
    their names suggest; comments list what must be known before an action may have a weight. `-` is
    standard input.
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
@click.option("--json", "json", is_flag=True, help="Print counts and every problem as JSON.")
@out_option
def check_cmd(file: str, out: str | None, *, json: bool) -> None:
    """Check a profile for contradictions.

    Each problem is printed with its rule and its fix; without any, the answer is `ok`. Refused,
    with exit code 1, are rules that conflict or are never reached, duplicate names, actions with an
    unsupported weight, and apps that a shipped profile claims. `-` is standard input.
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
    """Render a profile as a Markdown page.

    It describes each action, in the order in which a session reaches them, and includes the generic
    rules. `-` is standard input.
    """
    from pathlib import Path

    from session_classify.profiles.load import completed
    from session_classify.report.profiles import reference_text
    from session_classify.vocabulary import DIGEST_LIMIT

    own = _read(file)
    limit = None if out else DIGEST_LIMIT
    emit(reference_text(completed(own), own, Path(file).name, limit), out)


@profile_cmd.command("evidence")
@click.option(
    "--labels",
    required=True,
    type=click.Path(readable=False),
    help="What people said of sessions: JSON lines or a CSV with id, label and perhaps rater.",
)
@click.option(
    "--events",
    multiple=True,
    required=True,
    type=click.Path(readable=False),
    metavar="PATH",
    help="What their users did: the directory of a run or a case, or a file with RUM rows.",
)
@click.option(
    "--profile",
    "file",
    type=click.Path(),
    metavar="FILE",
    help="The profile to promote actions in; without it, the generic rules apply.",
)
@click.option("--json", "json", is_flag=True, help="Print the figures of every action as JSON.")
@out_option
def evidence_cmd(
    labels: str, events: tuple[str, ...], file: str | None, out: str | None, *, json: bool
) -> None:
    """Print whether labelled sessions are evidence for the weight of an action.

    For every action that the profile calls ambiguous: how often it occurs with satisfied users and
    with the others, the odds ratio with its 95 % interval, p corrected for all actions, and whether
    that is enough for tier B or A. What is, is printed as rules to paste into the profile.
    """
    from pathlib import Path

    from session_classify.agreement.matching import satisfied_units
    from session_classify.agreement.promotion import promotions
    from session_classify.agreement.proposals import proposed
    from session_classify.agreement.rates import check_libraries
    from session_classify.agreement.sightings import sightings
    from session_classify.profiles.load import completed
    from session_classify.profiles.profile import Profile
    from session_classify.report.promotion import evidence_text

    check_libraries()
    own = _read(file) if file else Profile("")
    said, disputed = satisfied_units(Path(labels))
    found = sightings([Path(path) for path in events], frozenset(said), completed(own))
    made, rules = proposed(promotions(found, said), own)
    if json:
        facts = {"silent": found.silent, "strange": found.strange, "disputed": disputed}
        emit(as_json({**facts, "actions": made, "proposals": rules}), out)
        return
    emit(evidence_text(made, rules, found, disputed), out)


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

    lines = [problem_line(problem, file) for problem in found[:_LISTED]]
    if len(found) > _LISTED:
        lines.append(f"… {len(found) - _LISTED:,} more problems; --json prints all")
    raise UnusableInputError(*lines)
