"""`audience users|accounts …`: queries, facets and queries of events.

Source: `references/audience.md#operations`.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from session_classify.cli.commands.audience.options import (
    attributes_of,
    body_of,
    emit_lines,
    inner,
    query_options,
    request_of,
    row_options,
)
from session_classify.cli.output import as_json, emit

if TYPE_CHECKING:
    from session_classify.audience.operations import Request

_ROWS = 25
"""Rows of a table by default: an exploration, as the API's documentation advises."""


def queries_of(entity: str) -> click.Group:
    """Return the group of an entity's queries."""
    group = click.Group(entity, help=f"Query {entity}, and count the values of their attributes.")
    group.add_command(_query(entity))
    group.add_command(_facet(entity))
    if entity == "users":
        group.add_command(event_query_cmd)
    return group


def _query(entity: str) -> click.Command:
    example = {"users": "first_country_code:US", "accounts": "plan_type:enterprise"}[entity]

    @click.command("query", help=f"Print the {entity} that match QUERY, such as '{example}'.")
    @click.argument("query", default="")
    @click.option("--sort", default="", metavar="FIELD[:DESC]", help="Order by a field.")
    @click.option("--wildcard", default="", metavar="TEXT", help="Search all fields for a text.")
    @row_options
    def query_cmd(
        query: str,
        sort: str,
        wildcard: str,
        columns: str,
        limit: int | None,
        file: str | None,
        **typed: Any,
    ) -> None:
        from session_classify.audience.bodies import QueryBody, columns_of, sort_of
        from session_classify.audience.operations import QUERIES

        operation = QUERIES[entity]
        made = QueryBody(query, columns_of(columns), sort_of(sort), wildcard, limit or 0)
        body = body_of(file, operation, made, (query, sort, wildcard, columns, limit))
        _print_rows(request_of(operation, entity, body, typed), typed)

    return query_cmd


@click.command("event-query")
@click.argument("event_query", default="")
@click.argument("query", default="")
@click.option("--from", "start", default="", metavar="TIME", help="7d (default), date or instant.")
@click.option("--to", "end", default="", metavar="TIME", help="Until when; default now.")
@row_options
def event_query_cmd(
    event_query: str,
    query: str,
    start: str,
    end: str,
    columns: str,
    limit: int | None,
    file: str | None,
    **typed: Any,
) -> None:
    """Print users who match QUERY and have RUM events that match EVENT_QUERY, as '@type:error'."""
    from session_classify.audience.bodies import EventBody, EventQuery, TimeFrame, columns_of
    from session_classify.audience.operations import EVENTS

    events = EventQuery(event_query, TimeFrame(start or "7d", end or "now"))
    made = EventBody(events, query, columns_of(columns), include_row_count=True, limit=limit or 0)
    body = body_of(file, EVENTS, made, (event_query, query, start, end, columns, limit))
    _print_rows(request_of(EVENTS, "users", body, typed), typed)


def _facet(entity: str) -> click.Command:
    @click.command("facet", help=f"Count the values of an attribute of the {entity} in QUERY.")
    @click.argument("facet", default="")
    @click.argument("query", default="")
    @click.option("--term", default="", metavar="TEXT", help="Only values that contain this text.")
    @click.option("--limit", type=click.IntRange(1), help="Most values; default 10.")
    @query_options
    def facet_cmd(
        facet: str, query: str, term: str, limit: int | None, file: str | None, **typed: Any
    ) -> None:
        from session_classify.audience.bodies import FacetBody, Search, Term
        from session_classify.audience.operations import FACETS
        from session_classify.audience.tables import facet_list
        from session_classify.errors import UsageError

        if not (facet or file):
            raise UsageError(
                f"no facet; expected an attribute, such as one of `audience mapping {entity}`"
            )
        terms = Term(term) if term else None
        made = FacetBody(facet, limit or 10, Search(query) if query else None, terms)
        operation = FACETS[entity]
        body = body_of(file, operation, made, (facet, query, term, limit))
        found = attributes_of(request_of(operation, entity, body, typed), typed)
        if found is not None:
            emit_lines(facet_list(found.get("result") or {}), typed["out"])

    return facet_cmd


def _print_rows(request: "Request", typed: dict[str, Any]) -> None:
    attributes = request.body["data"]["attributes"]
    if typed["form"] != "table":
        _export(request, attributes, typed)
        return
    attributes.setdefault("limit", _ROWS)
    found = attributes_of(request, typed)
    if found is None:
        return
    from session_classify.audience.export import rows_of
    from session_classify.audience.tables import key_columns, rows_table

    rows = rows_of(found)
    columns, hidden = key_columns(rows.hits)
    if chosen := attributes.get("select_columns"):
        columns, hidden = tuple(chosen), 0
    emit_lines(rows_table(rows.hits, columns), typed["out"])
    notes = [f"{len(rows.hits):,} of {rows.total:,}"]
    if not rows.is_whole:
        notes.append("a larger --limit shows more, --format csv has all")
    if hidden:
        notes.append(f"{hidden} more columns: name them with --columns, or use --json")
    click.echo("; ".join(notes), err=True)


def _export(request: "Request", attributes: dict[str, Any], typed: dict[str, Any]) -> None:
    """Write rows as CSV or JSON lines: all of them, unless the request has a limit."""
    from session_classify.audience.client import call
    from session_classify.audience.export import FIRST, all_rows, rows_of
    from session_classify.errors import UnusableInputError, UsageError

    if typed["json"]:
        raise UsageError("--json prints the answer of one request; leave out --format")
    limit = attributes.get("limit")
    if typed["dry_run"]:
        attributes.setdefault("limit", FIRST)
        emit(as_json(request.shown), typed["out"])
        return

    def ask(most: int) -> dict[str, Any]:
        attributes["limit"] = most
        return inner(call(request, typed["address"]))

    rows = rows_of(ask(limit)) if limit else all_rows(ask, lambda line: click.echo(line, err=True))
    emit(_text(rows.hits, attributes.get("select_columns") or (), typed["form"]), typed["out"])
    click.echo(f"{len(rows.hits):,} of {rows.total:,}", err=True)
    if not (limit or rows.is_whole):
        raise UnusableInputError(
            f"the export lacks {rows.total - len(rows.hits):,} of {rows.total:,} rows: the API "
            "gives no more for one request; export parts, such as a country each"
        )


def _text(hits: Iterable[dict[str, Any]], columns: Iterable[str], form: str) -> str:
    from session_classify.audience.tables import as_csv, as_lines

    rows = list(hits)
    return as_csv(rows, columns) if form == "csv" else as_lines(rows)
