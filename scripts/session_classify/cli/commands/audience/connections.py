"""`audience connections`: list, check, create, update and delete data connections.

Source: `references/audience.md#permissions`.
"""

from typing import TYPE_CHECKING, Any

import click

from session_classify.cli.output import as_json, emit

if TYPE_CHECKING:
    from session_classify.audience.operations import Request

_url = click.option("--url", default="", metavar="URL", help="A local stand-in of `serve`.")
_dry = click.option("--dry-run", is_flag=True, help="Print the request; send nothing.")
_confirm = click.option("--confirm", is_flag=True, help="Make the change that is printed.")
_file = click.option(
    "--file", "body", type=click.Path(), required=True, help="The attributes of the body, as JSON."
)


@click.group("connections")
def connections_cmd() -> None:
    """List and change the connections that enrich users or accounts."""


@connections_cmd.command("list")
@click.argument("entity")
@click.option("--json", "as_json_", is_flag=True, help="Print the answer as JSON.")
@_url
@_dry
def list_cmd(entity: str, as_json_: bool, url: str, dry_run: bool) -> None:
    """Print the connections of users or accounts."""
    from session_classify.audience.operations import Request, entity_of
    from session_classify.audience.tables import connection_rows, rows_table

    if dry_run:
        emit(as_json(Request("list_connections", entity=entity_of(entity)).shown), None)
        return
    found = _connections(entity, url)
    if as_json_:
        emit(as_json(found), None)
        return
    emit("".join(f"{line}\n" for line in rows_table(connection_rows(found))), None)


@connections_cmd.command("create")
@click.argument("entity")
@click.argument("connection_id")
@_file
@_url
@_dry
@_confirm
def create_cmd(
    entity: str, connection_id: str, body: str, url: str, dry_run: bool, confirm: bool
) -> None:
    """Create a connection: type, join_type, join_attribute and fields."""
    _change("create_connection", entity, connection_id, body, url, dry_run, confirm)


@connections_cmd.command("update")
@click.argument("entity")
@click.argument("connection_id")
@_file
@_url
@_dry
@_confirm
def update_cmd(
    entity: str, connection_id: str, body: str, url: str, dry_run: bool, confirm: bool
) -> None:
    """Change a connection: fields_to_add, fields_to_update and fields_to_delete."""
    _change("update_connection", entity, connection_id, body, url, dry_run, confirm)


@connections_cmd.command("delete")
@click.argument("entity")
@click.argument("connection_id")
@click.option("--confirm-delete", default="", metavar="ID", help="The connection's id again.")
@_url
@_dry
def delete_cmd(
    entity: str, connection_id: str, confirm_delete: str, url: str, dry_run: bool
) -> None:
    """Delete a connection and all fields that it adds; this cannot be undone."""
    from session_classify.audience.client import NOT_CHANGED, call
    from session_classify.audience.operations import Request, entity_of
    from session_classify.backends.environment import refuse_when_read_only
    from session_classify.errors import NotFoundError, UsageError
    from session_classify.printing.text import one_line

    request = Request("delete_connection", entity=entity_of(entity), id=connection_id)
    if dry_run:
        emit(as_json(request.shown), None)
        return
    refuse_when_read_only(NOT_CHANGED)
    found = [one for one in _connections(entity, url) if one.get("id") == connection_id]
    if not found:
        raise NotFoundError(f"{entity} have no connection {connection_id}; list the connections")
    lost = ", ".join(str(field.get("id")) for field in found[0].get("fields", ())) or "none"
    click.echo(
        one_line(
            f"deleting {connection_id} loses these fields of {entity}: {lost}; this "
            "cannot be undone"
        ),
        err=True,
    )
    if confirm_delete != connection_id:
        raise UsageError(f"nothing was deleted; to delete, add --confirm-delete {connection_id}")
    call(request, url, write=True)
    click.echo(one_line(f"deleted {connection_id}"), err=True)


def _change(
    operation: str,
    entity: str,
    connection_id: str,
    body: str,
    url: str,
    dry_run: bool,
    confirm: bool,
) -> None:
    from session_classify.audience.client import NOT_CHANGED, call
    from session_classify.audience.operations import connection, entity_of
    from session_classify.backends.environment import refuse_when_read_only
    from session_classify.errors import UsageError

    request: Request = connection(operation, entity_of(entity), connection_id, _attributes(body))
    if not dry_run:
        refuse_when_read_only(NOT_CHANGED)
    emit(as_json(request.shown), None)
    if dry_run:
        return
    if not confirm:
        raise UsageError("nothing was changed; to send the request above, add --confirm")
    call(request, url, write=True)
    click.echo("done", err=True)


def _attributes(path: str) -> dict[str, Any]:
    import json
    from pathlib import Path

    from session_classify.errors import UsageError

    try:
        found = json.loads(Path(path).read_bytes())
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is not JSON ({error}); expected the attributes") from error
    if not isinstance(found, dict):
        raise UsageError(f"{path} is no JSON object; expected the attributes of the connection")
    return found


def _connections(entity: str, url: str) -> list[dict[str, Any]]:
    from session_classify.audience.client import call
    from session_classify.audience.operations import Request, entity_of

    answer = call(Request("list_connections", entity=entity_of(entity)), url)
    found: list[dict[str, Any]] = answer["data"]["attributes"].get("connections", [])
    return found
