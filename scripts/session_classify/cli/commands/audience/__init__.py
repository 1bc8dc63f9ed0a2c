"""`audience`: RUM users and accounts; queries are in `queries.py`, connections beside them.

Source: `references/audience.md#operations`.
"""

from typing import Any

import click

from session_classify.cli.commands.audience.connections import connections_cmd
from session_classify.cli.commands.audience.options import (
    attributes_of,
    emit_lines,
    entity_argument,
    read_options,
)
from session_classify.cli.commands.audience.queries import queries_of


class _Entities(click.Group):
    """Takes a word that is no command for an entity that there is not."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        from session_classify.errors import UsageError

        if args and not args[0].startswith("-") and args[0] not in self.commands:
            raise UsageError(
                f"entity {args[0][:80]!r} not found; valid entities: users, accounts; beside them "
                "there are mapping and connections"
            )
        return super().resolve_command(ctx, args)


@click.group("audience", cls=_Entities)
def audience_cmd() -> None:
    """Query RUM users and accounts, and the connections that enrich them.

    The API is a preview and may change. Reads run; writes need --confirm or --confirm-delete.
    """


audience_cmd.add_command(queries_of("users"))
audience_cmd.add_command(queries_of("accounts"))
audience_cmd.add_command(connections_cmd)


@audience_cmd.command("mapping")
@entity_argument
@read_options
def mapping_cmd(entity: str, **typed: Any) -> None:
    """Print the attributes of users or accounts: names, types and descriptions."""
    from session_classify.audience.operations import Request, entity_of
    from session_classify.audience.tables import mapping_rows, rows_table

    found = attributes_of(Request("get_mapping", entity=entity_of(entity)), typed)
    if found is not None:
        emit_lines(rows_table(mapping_rows(found.get("attributes") or [])), typed["out"])
