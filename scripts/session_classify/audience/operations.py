"""The operations of the audience API: method, path, and what each changes."""

from typing import Any

import msgspec

from session_classify.errors import UsageError

ENTITIES = ("users", "accounts")
_ROOT = "/api/v2/product-analytics"


class Operation(msgspec.Struct, frozen=True):
    """One operation of `RumAudienceManagementApi`."""

    name: str
    """The method of the client, and its key in `unstable_operations`."""
    method: str
    path: str
    """With `{entity}` and `{id}` where the operation takes them."""
    is_write: bool = False


OPERATIONS = {
    one.name: one
    for one in (
        Operation("query_users", "POST", f"{_ROOT}/users/query"),
        Operation("query_accounts", "POST", f"{_ROOT}/accounts/query"),
        Operation("query_event_filtered_users", "POST", f"{_ROOT}/users/event_filtered_query"),
        Operation("get_user_facet_info", "POST", f"{_ROOT}/users/facet_info"),
        Operation("get_account_facet_info", "POST", f"{_ROOT}/accounts/facet_info"),
        Operation("get_mapping", "GET", f"{_ROOT}/{{entity}}/mapping"),
        Operation("list_connections", "GET", f"{_ROOT}/{{entity}}/mapping/connections"),
        Operation("create_connection", "POST", f"{_ROOT}/{{entity}}/mapping/connection", True),
        Operation("update_connection", "PUT", f"{_ROOT}/{{entity}}/mapping/connection", True),
        Operation(
            "delete_connection", "DELETE", f"{_ROOT}/{{entity}}/mapping/connection/{{id}}", True
        ),
    )
}
"""Every operation by name."""


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
        raise UsageError(f"entity {text!r} does not exist; expected users or accounts")
    return text


def read(entity: str, kind: str, attributes: dict[str, Any]) -> Request:
    """Return a query or facet request of an entity; `kind` is query, events or facet."""
    one = entity.removesuffix("s")
    name, body_type = {
        "query": (f"query_{entity}", f"query_{'users' if one == 'user' else one}_request"),
        "events": ("query_event_filtered_users", "query_event_filtered_users_request"),
        "facet": (f"get_{one}_facet_info", "users_facet_info_request"),
    }[kind]
    return Request(name, {"data": {"type": body_type, "attributes": attributes}})


def connection(name: str, entity: str, connection_id: str, attributes: dict[str, Any]) -> Request:
    """Return the request that creates or updates a connection."""
    data = {"type": "connection_id", "id": connection_id, "attributes": attributes}
    return Request(name, {"data": data}, entity=entity, id=connection_id)
