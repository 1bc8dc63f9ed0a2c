"""`audience connections`: list, check, create, update and delete data connections.

Source: `references/audience.md#permissions`.
"""

from typing import TYPE_CHECKING, Any, TypeVar

import click
import msgspec

from session_classify.cli.commands.audience.options import (
    attributes_of,
    cache_option,
    dry_option,
    emit_lines,
    entity_argument,
    json_option,
    read_options,
    safe_line,
    url_option,
)
from session_classify.cli.output import as_json, emit

if TYPE_CHECKING:
    from collections.abc import Callable

    from session_classify.audience.operations import Request

_Struct = TypeVar("_Struct", bound=msgspec.Struct)
_confirm = click.option("--confirm", is_flag=True, help="Make the change that is printed.")
_file = click.option(
    "--file",
    "file",
    type=click.Path(),
    metavar="FILE",
    help="The whole body as JSON, in place of the options; - is standard input.",
)


@click.group("connections")
def connections_cmd() -> None:
    """List, check and change the connections that enrich users or accounts."""


@connections_cmd.command("list")
@entity_argument
@read_options
def list_cmd(entity: str, **typed: Any) -> None:
    """Print the connections of users or accounts."""
    from session_classify.audience.operations import Request, entity_of
    from session_classify.audience.tables import connection_rows, rows_table

    found = attributes_of(
        Request("list_connections", entity=entity_of(entity)), typed, "connections"
    )
    if found is not None:
        emit_lines(rows_table(connection_rows(found["connections"])), typed["out"])


@connections_cmd.command("check")
@entity_argument
@click.argument("attribute")
@cache_option
@json_option
@url_option
def check_cmd(entity: str, attribute: str, address: str, *, no_cache: bool, json: bool) -> None:
    """Tell whether a join attribute is unique, and set for most users or accounts.

    Exit code 1 means that it is not.
    """
    from session_classify.audience.client import attributes_in, call
    from session_classify.audience.joins import lines_of, look
    from session_classify.audience.mapping import check_names
    from session_classify.audience.operations import entity_of
    from session_classify.audience.query import Name
    from session_classify.errors import UnusableInputError

    wanted = Name(attribute, "join attribute")
    check_names((wanted,), entity_of(entity), address, anew=no_cache)
    found = look(entity, attribute, lambda request: attributes_in(call(request, address)))
    if json:
        emit(as_json({**msgspec.to_builtins(found), "problems": found.problems}), None)
    else:
        emit_lines(map(safe_line, lines_of(found)), None)
    if found.problems:
        raise UnusableInputError("; ".join(found.problems))


@connections_cmd.command("create")
@entity_argument
@click.argument("connection_id")
@click.option("--join-attribute", default="", metavar="NAME", help="What rows are joined on.")
@click.option("--join-type", default="", metavar="TYPE", help="What it holds, such as email.")
@click.option("--type", "kind", default="ref_table", metavar="TYPE", help="Default ref_table.")
@click.option("--field", "fields", multiple=True, metavar="ID=SOURCE:TYPE", help="A new field.")
@_file
@url_option
@dry_option
@_confirm
def create_cmd(
    entity: str,
    connection_id: str,
    join_attribute: str,
    join_type: str,
    kind: str,
    fields: tuple[str, ...],
    file: str | None,
    **typed: Any,
) -> None:
    """Create a connection: print what it adds; with --confirm, make it."""
    from session_classify.audience.changes import Creation, creation_lines, new_field
    from session_classify.audience.mapping import check_names
    from session_classify.audience.query import Name
    from session_classify.errors import UsageError

    if not file and not (join_attribute and join_type):
        raise UsageError("expected --join-attribute and --join-type, or --file with the body")
    made = Creation(join_attribute, join_type, kind, tuple(map(new_field, fields)))
    given = (join_attribute, join_type, fields)
    body = _body(file, "create_connection", connection_id, made, any(given))

    def told(connections: list[dict[str, Any]]) -> list[str]:
        join = Name(body.join_attribute, "join attribute")
        check_names((join,), entity, typed["address"], anew=False)
        return creation_lines(entity, connection_id, body, connections)

    _change("create_connection", (entity, connection_id), body, told, typed)


@connections_cmd.command("update")
@entity_argument
@click.argument("connection_id")
@click.option("--add", multiple=True, metavar="ID=SOURCE:TYPE", help="A field to add.")
@click.option("--rename", multiple=True, metavar="ID=NAME", help="A field's new display name.")
@click.option("--remove", multiple=True, metavar="ID", help="A field to delete.")
@_file
@url_option
@dry_option
@_confirm
def update_cmd(
    entity: str,
    connection_id: str,
    add: tuple[str, ...],
    rename: tuple[str, ...],
    remove: tuple[str, ...],
    file: str | None,
    **typed: Any,
) -> None:
    """Change the fields of a connection: print them before and after; with --confirm, do it."""
    from session_classify.audience.changes import (
        Update,
        find,
        new_field,
        renamed_field,
        update_lines,
    )

    made = Update(tuple(map(new_field, add)), tuple(map(renamed_field, rename)), remove)
    body = _body(file, "update_connection", connection_id, made, any((add, rename, remove)))

    def told(connections: list[dict[str, Any]]) -> list[str]:
        return update_lines(entity, find(connections, connection_id, entity), body)

    _change("update_connection", (entity, connection_id), body, told, typed)


@connections_cmd.command("delete")
@entity_argument
@click.argument("connection_id")
@click.option("--confirm-delete", default="", metavar="ID", help="The connection's id, in full.")
@url_option
@dry_option
def delete_cmd(
    entity: str, connection_id: str, confirm_delete: str, address: str, *, dry_run: bool
) -> None:
    """Delete a connection and all fields that it adds; this cannot be undone."""
    from session_classify.audience.changes import deletion_lines, find
    from session_classify.audience.operations import Request, entity_of

    request = Request("delete_connection", entity=entity_of(entity), id=connection_id)
    _write(
        request,
        lambda connections: deletion_lines(entity, find(connections, connection_id, entity)),
        address,
        dry_run=dry_run,
        confirmed=confirm_delete == connection_id,
        flag=f"--confirm-delete {connection_id}",
    )


def _body(
    file: str | None, operation: str, connection_id: str, typed: _Struct, is_typed: bool
) -> _Struct:
    """Return the attributes in a file, else the typed ones; raises UsageError for both."""
    from session_classify.audience.bodies import attributes_of, converted
    from session_classify.cli.persisted import read_file
    from session_classify.errors import UsageError

    if file is None:
        return typed
    if is_typed:
        raise UsageError("--file has the whole body; leave out the other options")
    attributes, named = attributes_of(read_file(file), operation, file)
    if named not in ("", connection_id):
        raise UsageError(f"{file} is for the connection {named}, not {connection_id}")
    return converted(attributes, type(typed), file)


def _change(
    operation: str,
    named: tuple[str, str],
    body: msgspec.Struct,
    told: "Callable[[list[dict[str, Any]]], list[str]]",
    typed: dict[str, Any],
) -> None:
    from session_classify.audience.bodies import plain
    from session_classify.audience.operations import connection, entity_of

    request = connection(operation, entity_of(named[0]), named[1], plain(body))
    _write(
        request,
        told,
        typed["address"],
        dry_run=typed["dry_run"],
        confirmed=typed["confirm"],
        flag="--confirm",
    )


def _write(
    request: "Request",
    told: "Callable[[list[dict[str, Any]]], list[str]]",
    address: str,
    *,
    dry_run: bool,
    confirmed: bool,
    flag: str,
) -> None:
    """Print what a write changes, and make it where it is confirmed.

    Raises UsageError in read-only mode and without the confirmation.
    """
    from session_classify.audience.client import NOT_CHANGED, attributes_in, call
    from session_classify.audience.mapping import forget_mapping
    from session_classify.audience.operations import Request
    from session_classify.backends.environment import refuse_when_read_only
    from session_classify.errors import UsageError
    from session_classify.printing.text import one_line

    if dry_run:
        emit(as_json(request.shown), None)
        return
    refuse_when_read_only(NOT_CHANGED)
    answer = call(Request("list_connections", entity=request.entity), address)
    connections = attributes_in(answer, "connections")["connections"]
    emit_lines(map(safe_line, told(connections)), None)
    if not confirmed:
        raise UsageError(f"nothing was changed; to do what is printed above, add {flag}")
    call(request, address, write=True)
    forget_mapping(request.entity, address)
    click.echo(one_line(f"done: {request.id}"), err=True)
