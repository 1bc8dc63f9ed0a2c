"""Options that the audience commands share, and how their answers are printed."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click

from session_classify.cli.output import as_json, emit, out_option

if TYPE_CHECKING:
    from session_classify.audience.bodies import Body
    from session_classify.audience.operations import Request

Command = Callable[..., Any]

entity_argument = click.argument("entity", metavar="users|accounts")
url_option = click.option(
    "--url", "address", default="", metavar="URL", help="Another address, such as one of `serve`."
)
dry_option = click.option("--dry-run", is_flag=True, help="Print the request; send nothing.")
json_option = click.option("--json", "json", is_flag=True, help="Print the answer as JSON.")
cache_option = click.option(
    "--no-cache", is_flag=True, help="Fetch the mapping anew; else it is kept for a day."
)


def read_options(command: Command) -> Command:
    """Add the options of every read; the command receives them as `typed`, a dict."""
    return _with(command, url_option, dry_option, json_option, out_option)


def _with(command: Command, *options: Callable[[Command], Command]) -> Command:
    for option in options:
        command = option(command)
    return command


def query_options(command: Command) -> Command:
    """Add the options of what is checked against the mapping, and those of every read."""
    command = _with(
        command,
        cache_option,
        click.option("--no-check", is_flag=True, help="Do not check names against the mapping."),
        click.option(
            "--file",
            "file",
            type=click.Path(),
            metavar="FILE",
            help="The whole body of the request as JSON, in place of query and options; - is "
            "standard input.",
        ),
    )
    return read_options(command)


def row_options(command: Command) -> Command:
    """Add the options of queries that return rows."""
    command = _with(
        command,
        click.option(
            "--format",
            "form",
            type=click.Choice(["table", "csv", "jsonl"]),
            default="table",
            help="How rows are printed; csv and jsonl have all rows unless there is a --limit.",
        ),
        click.option(
            "--limit", type=click.IntRange(1), help="Most rows; of a table 25 by default."
        ),
        click.option("--columns", default="", metavar="A,B", help="The attributes to return."),
    )
    return query_options(command)


def body_of(file: str | None, operation: str, typed: "Body", given: Iterable[object]) -> "Body":
    """Return the body in `file`, else the typed one; raises UsageError where both are `given`."""
    from session_classify.audience.bodies import read_body
    from session_classify.cli.persisted import read_file
    from session_classify.errors import UsageError

    if file is None:
        return typed
    if any(given):
        raise UsageError("--file has the whole body; leave out the query and its options")
    return read_body(read_file(file), operation, file)


def request_of(operation: str, entity: str, body: "Body", typed: dict[str, Any]) -> "Request":
    """Return the request of a query; print what its times mean and check its names.

    Nothing is sent for a dry run. Raises UsageError for what cannot be meant.
    """
    from session_classify.audience.bodies import checked
    from session_classify.audience.mapping import check_names
    from session_classify.audience.operations import read
    from session_classify.instants import utc_now
    from session_classify.printing.text import one_line

    found = checked(body, utc_now())
    for meaning in found.meanings:
        click.echo(one_line(meaning), err=True)
    if not (typed["no_check"] or typed["dry_run"]):
        check_names(found.names, entity, typed["address"], anew=typed["no_cache"])
    return read(operation, found.attributes)


def attributes_of(request: "Request", typed: dict[str, Any], *lists: str) -> dict[str, Any] | None:
    """Return the attributes of the answer; None where request or answer were printed as JSON.

    `lists` are names of those that are lists of objects.
    """
    from session_classify.audience.client import attributes_in, call

    if typed["dry_run"]:
        emit(as_json(request.shown), typed["out"])
        return None
    answer = call(request, typed["address"])
    if typed["json"]:
        emit(as_json(answer), typed["out"])
        return None
    return attributes_in(answer, *lists)


def emit_lines(lines: Iterable[str], out: str | None) -> None:
    """Print lines."""
    emit("".join(f"{line}\n" for line in lines), out)


def safe_line(line: str) -> str:
    """Return a line with foreign text in it as it can be printed, with its indentation."""
    from session_classify.printing.text import one_line

    text = line.lstrip(" ")
    return " " * (len(line) - len(text)) + one_line(text)
