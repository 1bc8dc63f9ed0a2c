"""The options that commands over many sessions share."""

import functools
from collections.abc import Callable
from typing import Any

import click

Command = Callable[..., Any]
_OPTIONS = (
    click.option(
        "--timeframe",
        metavar="WINDOW",
        help="With app: how far back, such as now-7d (default) or 24h, or START/END as dates or "
        "instants. Without it, files are read whole.",
    ),
    click.option(
        "--sample",
        type=int,
        default=20,
        help="With app: how many units; default 20, at most 50 without --yes-large.",
    ),
    click.option("--yes-large", is_flag=True, help="With app: allow a sample of over 50 units."),
    click.option(
        "--seed", type=int, default=0, help="With app: another seed is another sample; default 0."
    ),
    click.option(
        "--granularity",
        metavar="auto|session|trace|TAG",
        default="auto",
        help="With app: what a unit is: a session, a trace, or the traces with the same value of a "
        "tag such as chatid; default: sessions where most traces name one, else the best id tag.",
    ),
    click.option(
        "--run",
        "run",
        type=click.Path(),
        metavar="DIR",
        help="With app: the directory of the run, with a case for each unit; default: one in your "
        "state directory. A run that was interrupted goes on.",
    ),
    click.option(
        "--audience",
        metavar="QUERY",
        help="With app: only units of these users or accounts of RUM, such as 'account "
        "plan_type:enterprise' or 'user @customer_tier:trial'.",
    ),
    click.option(
        "--jobs", type=click.IntRange(1, 32), default=4, help="With app: units side by side."
    ),
)


def judge_timeout_option(command: Command) -> Command:
    """Add `--judge-timeout`."""
    return click.option(
        "--judge-timeout",
        type=click.FloatRange(min=0, min_open=True),
        default=300,
        metavar="SECONDS",
        help="Timeout for each of the judge's answers; default 300.",
    )(command)


def app_options(command: Command) -> Command:
    """Add the options of an app's run; the command receives them as `typed`, a dict."""
    names = ("timeframe", "sample", "yes_large", "seed", "granularity", "run", "audience", "jobs")

    @functools.wraps(command)
    def collected(**values: Any) -> Any:
        typed = {name: values.pop(name) for name in names}
        return command(**values, typed=typed)

    for option in reversed(_OPTIONS):
        collected = option(collected)
    return collected
