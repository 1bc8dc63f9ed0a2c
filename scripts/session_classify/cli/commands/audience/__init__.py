"""`audience`: query RUM users and accounts; connections are in `connections.py`.

Source: `references/audience.md#operations`.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from session_classify.cli.commands.audience.connections import connections_cmd
from session_classify.cli.output import emit, out_option

if TYPE_CHECKING:
    from session_classify.audience.operations import Request

Command = Callable[..., Any]


def _common(command: Command) -> Command:
    """Add the options of every read."""
    for option in (
        click.option("--url", default="", metavar="URL", help="A local stand-in of `serve`."),
        click.option("--dry-run", is_flag=True, help="Print the request; send nothing."),
        click.option("--json", "as_json_", is_flag=True, help="Print the answer as JSON."),
        out_option,
    ):
        command = option(command)
    return command


def _query_options(command: Command) -> Command:
    for option in (
        click.option("--columns", default="", metavar="A,B", help="The attributes to return."),
        click.option("--limit", type=click.IntRange(1, 10_000), default=25, help="Most rows."),
        click.option(
            "--format",
            "form",
            type=click.Choice(["table", "csv", "jsonl"]),
            default="table",
            help="How rows are printed.",
        ),
        click.option("--no-check", is_flag=True, help="Do not check fields against the mapping."),
    ):
        command = option(command)
    return _common(command)


@click.group("audience")
def audience_cmd() -> None:
    """Query RUM users and accounts, and the connections that enrich them.

    The API is a preview and may change. Reads run; writes need --confirm or --confirm-delete.
    """


audience_cmd.add_command(connections_cmd)


@audience_cmd.command("query")
@click.argument("entity")
@click.argument("query", default="*")
@click.option("--sort", default="", metavar="FIELD[:DESC]", help="Order by a field.")
@click.option("--wildcard", default="", metavar="TEXT", help="Search all fields for a text.")
@_query_options
def query_cmd(
    entity: str,
    query: str,
    sort: str,
    wildcard: str,
    columns: str,
    limit: int,
    form: str,
    no_check: bool,
    **common: Any,
) -> None:
    """Print users or accounts that match QUERY, such as 'plan_type:enterprise'."""
    from session_classify.audience.operations import entity_of, read
    from session_classify.audience.requests import query_attributes

    parsed = _parsed(entity_of(entity), query, common, no_check=no_check)
    attributes = query_attributes(parsed, columns, limit, sort, wildcard)
    _rows(read(entity, "query", attributes), columns, form, common)


@audience_cmd.command("event-query")
@click.argument("event_query")
@click.argument("query", default="*")
@click.option("--from", "start", default="7d", metavar="TIME", help="7d, a date or an instant.")
@click.option("--to", "end", default="now", metavar="TIME", help="Until when; default now.")
@_query_options
def event_query_cmd(
    event_query: str,
    query: str,
    start: str,
    end: str,
    columns: str,
    limit: int,
    form: str,
    no_check: bool,
    **common: Any,
) -> None:
    """Print users with RUM events that match EVENT_QUERY, such as '@type:error'."""
    from session_classify.audience.operations import read
    from session_classify.audience.requests import event_attributes

    parsed = _parsed("users", query, common, no_check=no_check)
    attributes = event_attributes(parsed, event_query, (start, end), columns, limit)
    _rows(read("users", "events", attributes), columns, form, common)


@audience_cmd.command("facet")
@click.argument("entity")
@click.argument("facet")
@click.argument("query", default="*")
@click.option("--term", default="", metavar="TEXT", help="Only values that contain this text.")
@click.option("--limit", type=click.IntRange(1, 1_000), default=10, help="Most values.")
@click.option("--no-check", is_flag=True, help="Do not check fields against the mapping.")
@_common
def facet_cmd(
    entity: str, facet: str, query: str, term: str, limit: int, no_check: bool, **common: Any
) -> None:
    """Print the values of a facet of users or accounts, with counts and bars."""
    from session_classify.audience.operations import entity_of, read
    from session_classify.audience.tables import facet_list

    parsed = _parsed(entity_of(entity), query, common, no_check=no_check)
    attributes: dict[str, Any] = {
        "facet_id": facet,
        "limit": limit,
        "search": {"query": parsed.text},
    }
    if term:
        attributes["term_search"] = {"value": term}
    found = _answer(read(entity, "facet", attributes), common)
    if found is not None:
        emit("".join(f"{line}\n" for line in facet_list(found.get("result", {}))), common["out"])


@audience_cmd.command("mapping")
@click.argument("entity")
@_common
def mapping_cmd(entity: str, **common: Any) -> None:
    """Print the attributes of users or accounts: names, types and descriptions."""
    from session_classify.audience.operations import Request, entity_of
    from session_classify.audience.tables import mapping_rows, rows_table

    found = _answer(Request("get_mapping", entity=entity_of(entity)), common)
    if found is not None:
        rows = mapping_rows(found.get("attributes", []))
        emit("".join(f"{line}\n" for line in rows_table(rows)), common["out"])


def _parsed(entity: str, query: str, common: dict[str, Any], *, no_check: bool) -> Any:
    """Parse a query, say what its times mean, and check its fields unless nothing is sent."""
    from session_classify.audience.client import call
    from session_classify.audience.operations import Request
    from session_classify.audience.query import check_fields, parse_query
    from session_classify.instants import utc_now

    parsed = parse_query(query, utc_now())
    for meaning in parsed.meanings:
        click.echo(meaning, err=True)
    if parsed.fields and not (no_check or common["dry_run"]):
        answer = call(Request("get_mapping", entity=entity), common["url"])
        known = answer["data"]["attributes"].get("attributes", ())
        check_fields(parsed.fields, frozenset(str(one.get("attribute")) for one in known))
    return parsed


def _answer(request: "Request", common: dict[str, Any]) -> dict[str, Any] | None:
    """Return the attributes of the answer; None where request or answer were printed as JSON."""
    from session_classify.audience.client import call
    from session_classify.cli.output import as_json

    if common["dry_run"]:
        emit(as_json(request.shown), common["out"])
        return None
    answer = call(request, common["url"])
    if common["as_json_"]:
        emit(as_json(answer), common["out"])
        return None
    found: dict[str, Any] = answer.get("data", {}).get("attributes", {})
    return found


def _rows(request: "Request", columns: str, form: str, common: dict[str, Any]) -> None:
    from session_classify.audience.tables import as_csv, as_lines, rows_table

    found = _answer(request, common)
    if found is None:
        return
    hits, names = found.get("hits", []), [name for name in columns.split(",") if name]
    if form == "table":
        text = "".join(f"{line}\n" for line in rows_table(hits, names))
    else:
        text = as_csv(hits, names) if form == "csv" else as_lines(hits)
    emit(text, common["out"])
    total = found.get("total", len(hits))
    more = "; the rest needs a larger --limit" if total > len(hits) else ""
    click.echo(f"{len(hits)} of {total}{more}", err=True)
