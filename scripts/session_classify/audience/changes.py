"""What a write changes: the connection before and after, in lines that people read first."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

import msgspec

from session_classify.audience.bodies import plain
from session_classify.errors import NotFoundError, UsageError

Connection = dict[str, Any]


class NewField(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A field that a connection adds."""

    id: str
    source_name: str
    type: str
    description: str = ""
    display_name: str = ""
    groups: tuple[str, ...] = ()


class ChangedField(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A field whose texts or id change."""

    field_id: str
    updated_display_name: str = ""
    updated_description: str = ""
    updated_groups: tuple[str, ...] | None = None
    updated_field_id: str = ""


class Creation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The attributes of a new connection."""

    join_attribute: str
    join_type: str
    type: str
    fields: tuple[NewField, ...] = ()
    metadata: dict[str, str] = {}


class Update(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The attributes of a change."""

    fields_to_add: tuple[NewField, ...] = ()
    fields_to_update: tuple[ChangedField, ...] = ()
    fields_to_delete: tuple[str, ...] = ()


_TEXTS = {
    "updated_display_name": "display_name",
    "updated_description": "description",
    "updated_groups": "groups",
    "updated_field_id": "id",
}
"""What a change sets, and of which part of a field."""


def new_field(text: str) -> NewField:
    """Return the field of `ID=SOURCE:TYPE`; raises UsageError for another text."""
    name, _, source = text.partition("=")
    source, _, kind = source.rpartition(":")
    if not (name.strip() and source.strip() and kind.strip()):
        raise UsageError(
            f"{text[:80]!r} is no field; expected ID=SOURCE:TYPE, such as "
            "customer_tier=subscription_tier:string"
        )
    return NewField(name.strip(), source.strip(), kind.strip())


def renamed_field(text: str) -> ChangedField:
    """Return the change of `ID=DISPLAY NAME`; raises UsageError for another text."""
    name, _, shown = text.partition("=")
    if not (name.strip() and shown.strip()):
        raise UsageError(f"{text[:80]!r} renames no field; expected ID=DISPLAY NAME")
    return ChangedField(name.strip(), shown.strip())


def find(connections: list[Connection], connection_id: str, entity: str) -> Connection:
    """Return a connection; raises NotFoundError with the ids that there are."""
    for one in connections:
        if one.get("id") == connection_id:
            return one
    ids = ", ".join(str(one.get("id")) for one in connections) or "none"
    raise NotFoundError(f"{entity} have no connection {connection_id}; there are: {ids}")


def creation_lines(
    entity: str, connection_id: str, body: Creation, connections: list[Connection]
) -> list[str]:
    """Return what a creation changes; raises UsageError for an id or a field that is taken."""
    if any(one.get("id") == connection_id for one in connections):
        raise UsageError(
            f"connection with id {connection_id!r} already exists; update it, or use another id"
        )
    taken = {str(field.get("id")) for one in connections for field in _fields(one)}
    _refuse_twice([field.id for field in body.fields], taken)
    head = (
        f"creates connection {connection_id} of {entity}: {body.type}, joined on "
        f"{body.join_attribute} ({body.join_type})"
    )
    return [head, *(f"  + {_told(plain(field))}" for field in body.fields)]


def update_lines(entity: str, connection: Connection, body: Update) -> list[str]:
    """Return the fields of a connection before and after a change.

    Raises UsageError for a change of nothing, and for a field that is not there, or there already.
    """
    before = {str(field.get("id")): field for field in _fields(connection)}
    for named in (*body.fields_to_delete, *(one.field_id for one in body.fields_to_update)):
        if named not in before:
            near = get_close_matches(named, list(before), n=2, cutoff=0.5)
            hint = f"did you mean {' or '.join(near)}?" if near else f"it has {', '.join(before)}"
            raise UsageError(f"connection {connection.get('id')} has no field {named}; {hint}")
    _refuse_twice([one.id for one in body.fields_to_add], set(before) - {*body.fields_to_delete})
    lines = list(_changes(before, body))
    if not lines:
        raise UsageError("the request changes nothing; expected fields to add, update or delete")
    return [f"changes connection {connection.get('id')} of {entity}:", *lines]


def _changes(before: dict[str, Connection], body: Update) -> Iterator[str]:
    for gone in body.fields_to_delete:
        yield f"  - {_told(before[gone])} (deleted with its values; this cannot be undone)"
    for change in body.fields_to_update:
        given = plain(change)
        new = {part: given[key] for key, part in _TEXTS.items() if key in given}
        yield f"  before: {_told(before[change.field_id])}"
        yield f"  after:  {_told({**before[change.field_id], **new})}"
    for added in body.fields_to_add:
        yield f"  + {_told(plain(added))}"


def deletion_lines(entity: str, connection: Connection) -> list[str]:
    """Return what a deletion takes away."""
    lost = [f"  - {_told(field)}" for field in _fields(connection)]
    head = (
        f"deletes connection {connection.get('id')} of {entity}, and with it every field that it "
        "adds, with its values; this cannot be undone:"
    )
    return [head, *(lost or ["  (it adds no fields)"])]


def _fields(connection: Connection) -> list[dict[str, Any]]:
    return list(connection.get("fields") or ())


def _refuse_twice(added: list[str], taken: set[str]) -> None:
    for at, name in enumerate(added):
        if name in taken or name in added[:at]:
            raise UsageError(f"field {name} is there already; use another id, or update the field")


def _told(field: dict[str, Any]) -> str:
    """Return a field in words: name, type, where it comes from, and what it is called."""
    more = [
        f"{label} {value if isinstance(value, str) else ', '.join(map(str, value))}"
        for key, label in (("display_name", "called"), ("groups", "in"), ("description", "about:"))
        if (value := field.get(key))
    ]
    head = f"@{field.get('id')} ({field.get('type')}) from {field.get('source_name')}"
    return "; ".join([head, *more])
