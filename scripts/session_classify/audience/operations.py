"""The operations of the audience API: method, path, body, and whether it changes data."""

from typing import Any

import msgspec

from session_classify.errors import UsageError

ENTITIES = ("users", "accounts")
_ROOT = "/api/v2/product-analytics"
_CONNECTION = f"{_ROOT}/{{entity}}/mapping/connection"


class Operation(msgspec.Struct, frozen=True):
    """One operation of `RumAudienceManagementApi`."""

    name: str
    """The method of the client, and its key in `unstable_operations`."""
    method: str
    path: str
    """With `{entity}` and `{id}` where the operation takes them."""
    body_type: str = ""
    """The type of its data; empty for an operation without a body."""
    is_write: bool = False


OPERATIONS = {
    one.name: one
    for one in (
        Operation("query_users", "POST", f"{_ROOT}/users/query", "query_users_request"),
        Operation("query_accounts", "POST", f"{_ROOT}/accounts/query", "query_account_request"),
        Operation(
            "query_event_filtered_users",
            "POST",
            f"{_ROOT}/users/event_filtered_query",
            "query_event_filtered_users_request",
        ),
        Operation(
            "get_user_facet_info", "POST", f"{_ROOT}/users/facet_info", "users_facet_info_request"
        ),
        # The type names users for accounts, too.
        Operation(
            "get_account_facet_info",
            "POST",
            f"{_ROOT}/accounts/facet_info",
            "users_facet_info_request",
        ),
        Operation("get_mapping", "GET", f"{_ROOT}/{{entity}}/mapping"),
        Operation("list_connections", "GET", f"{_ROOT}/{{entity}}/mapping/connections"),
        Operation("create_connection", "POST", _CONNECTION, "connection_id", is_write=True),
        Operation("update_connection", "PUT", _CONNECTION, "connection_id", is_write=True),
        Operation("delete_connection", "DELETE", f"{_CONNECTION}/{{id}}", is_write=True),
    )
}
"""Every operation by name."""

QUERIES = {"users": "query_users", "accounts": "query_accounts"}
FACETS = {"users": "get_user_facet_info", "accounts": "get_account_facet_info"}
EVENTS = "query_event_filtered_users"


class Request(msgspec.Struct, frozen=True):
    """A request to one operation; `body` is empty for GET and DELETE."""

    operation: str
    body: dict[str, Any] = {}
    entity: str = ""
    """For operations whose path names it."""
    id: str = ""

    @property
    def shown(self) -> dict[str, Any]:
        """What `--dry-run` prints: method, path and body."""
        from urllib.parse import quote

        found = OPERATIONS[self.operation]
        path = found.path.replace("{entity}", self.entity).replace("{id}", quote(self.id, safe=""))
        return {"method": found.method, "path": path, **({"body": self.body} if self.body else {})}


def entity_of(text: str) -> str:
    """Return an entity; raises UsageError for anything but users and accounts."""
    if text not in ENTITIES:
        raise UsageError(f"entity {text!r} not found; valid entities: users, accounts")
    return text


def read(operation: str, attributes: dict[str, Any]) -> Request:
    """Return the request of a query or facet operation."""
    return Request(
        operation, {"data": {"type": OPERATIONS[operation].body_type, "attributes": attributes}}
    )


def connection(
    operation: str, entity: str, connection_id: str, attributes: dict[str, Any]
) -> Request:
    """Return the request that creates or updates a connection."""
    kind = OPERATIONS[operation].body_type
    data = {"type": kind, "id": connection_id, "attributes": attributes}
    return Request(operation, {"data": data}, entity=entity, id=connection_id)
