"""The audience endpoints: users and accounts of a bundle, and connections kept in memory."""

import threading
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from datadog_standin.bodies import Body, RequestError, count_of, list_of, object_of, text_of
from datadog_standin.bundles import Row
from datadog_standin.query import Document, matches, parse

ROOT = "/api/v2/product-analytics/"
_TYPES = {
    "users/query": "query_users_request",
    "accounts/query": "query_account_request",
    "users/event_filtered_query": "query_event_filtered_users_request",
    "users/facet_info": "users_facet_info_request",
    "accounts/facet_info": "users_facet_info_request",
}
_FIELDS = {
    "display_name": "updated_display_name",
    "description": "updated_description",
    "groups": "updated_groups",
    "id": "updated_field_id",
}


class Audience:
    """Rows of users and accounts; an event query selects rows by their `events`."""

    most = 10_000
    """Most rows of one answer, whatever limit is asked for."""

    def __init__(self, users: tuple[Row, ...], accounts: tuple[Row, ...]) -> None:
        self.requests: list[str] = []
        """Method and path of each request that was answered."""
        self._rows = {"users": users, "accounts": accounts}
        self._connections: dict[str, dict[str, Row]] = {"users": {}, "accounts": {}}
        self._lock = threading.Lock()

    def answer(self, method: str, path: str, body: Body) -> Row:
        """Answer a request; raises RequestError for what the API refuses."""
        self.requests.append(f"{method} {path}")
        rest = unquote(path[len(ROOT) :])
        entity, _, operation = rest.partition("/")
        if entity not in self._rows:
            raise RequestError(404, f"Entity '{entity}' not found. Valid entities: users, accounts")
        data = object_of(body, "data")
        attributes = object_of(data, "attributes")
        if method == "POST" and rest in _TYPES:
            if data.get("type") != _TYPES[rest]:
                raise RequestError(400, f"type must be {_TYPES[rest]}")
            found = self._facet if operation == "facet_info" else self._query
            return found(entity, attributes)
        with self._lock:
            return self._mapping(method, entity, operation, data, attributes)

    def _query(self, entity: str, attributes: Body) -> Row:
        rows = self._matching(entity, text_of(attributes, "query"))
        event_query = object_of(attributes, "event_query")
        if event_query:
            counts = ((row, _events(row, event_query)) for row in rows)
            rows = [{**row, "events_count": count} for row, count in counts if count]
        if term := text_of(attributes, "wildcard_search_term").lower():
            rows = [row for row in rows if any(term in str(v).lower() for v in row.values())]
        sort = object_of(attributes, "sort")
        if field := text_of(sort, "field"):
            rows.sort(
                key=lambda row: (isinstance(row.get(field), str), row.get(field) or 0),
                reverse=sort.get("order") == "DESC",
            )
        columns = list_of(attributes, "select_columns")
        hits = [
            {
                key: value
                for key, value in row.items()
                if key != "events" and (not columns or key in columns)
            }
            for row in rows[: min(count_of(attributes, "limit", 25), self.most)]
        ]
        found = {"hits": hits, "total": len(rows)}
        return {"data": {"id": "made-up", "type": "query_response", "attributes": found}}

    def _facet(self, entity: str, attributes: Body) -> Row:
        facet = text_of(attributes, "facet_id", needed=True)
        rows = self._matching(entity, text_of(object_of(attributes, "search"), "query"))
        term = text_of(object_of(attributes, "term_search"), "value").lower()
        counts = Counter(str(row[facet]) for row in rows if facet in row)
        values = [
            {"value": value, "count": count}
            for value, count in counts.most_common()
            if term in value.lower()
        ]
        result = {"values": values[: count_of(attributes, "limit", 10)]}
        return {
            "data": {"id": "made-up", "type": "users_facet_info", "attributes": {"result": result}}
        }

    def _matching(self, entity: str, query: str) -> list[Row]:
        if query in ("", "*"):
            return list(self._rows[entity])
        parsed = parse(query)
        return [row for row in self._rows[entity] if matches(parsed, _document(row))]

    def _mapping(self, method: str, entity: str, operation: str, data: Body, given: Body) -> Row:
        connections = self._connections[entity]
        if (method, operation) == ("GET", "mapping"):
            names = dict.fromkeys(
                key for row in self._rows[entity] for key in row if key != "events"
            )
            own = [_attribute(name, self._rows[entity]) for name in names]
            own += [_custom(field) for one in connections.values() for field in one["fields"]]
            return _typed("get_mappings_response", {"attributes": own})
        if (method, operation) == ("GET", "mapping/connections"):
            return _typed("list_connections_response", {"connections": list(connections.values())})
        if method == "DELETE" and operation.startswith("mapping/connection/"):
            if connections.pop(operation.rpartition("/")[2], None) is None:
                raise RequestError(404, "Connection not found")
            return {}
        connection_id = text_of(data, "id", needed=True)
        if (method, operation) == ("POST", "mapping/connection"):
            if connection_id in connections:
                raise RequestError(409, f"Connection with ID '{connection_id}' already exists")
            connections[connection_id] = _created(connection_id, given)
            return {}
        if (method, operation) == ("PUT", "mapping/connection"):
            if connection_id not in connections:
                raise RequestError(404, "Connection not found")
            _update(connections[connection_id], given)
            return {}
        raise RequestError(404, f"Not found: {method} {operation}")


def _document(row: Row) -> Document:
    """Return a row as the query language addresses it: custom fields begin with @."""
    return Document({key.removeprefix("@"): value for key, value in row.items()}, row, ())


def _events(row: Row, query: Body) -> int:
    """Return how many events of a user match an event query."""
    frame = object_of(query, "time_frame")
    start, end = count_of(frame, "start", 1), count_of(frame, "end", 2**40)
    parsed = parse(text_of(query, "query"))
    return sum(
        start <= event["timestamp"] <= end and matches(parsed, Document(event, event, ()))
        for event in row.get("events", ())
    )


def _typed(kind: str, attributes: Row) -> Row:
    return {"data": {"id": "made-up", "type": kind, "attributes": attributes}}


def _attribute(name: str, rows: tuple[Row, ...]) -> Row:
    value: Any = next(row[name] for row in rows if name in row)
    shown = name.removeprefix("@").replace("_", " ").capitalize()
    return {
        "attribute": name,
        "display_name": shown,
        "description": f"{shown} (made up)",
        "type": "string" if isinstance(value, str) else "number",
        "is_custom": name.startswith("@"),
        "groups": ["Made up"],
    }


def _custom(field: Row) -> Row:
    return {
        "attribute": f"@{field['id']}",
        "display_name": field.get("display_name", field["id"]),
        "description": field.get("description", ""),
        "type": field["type"],
        "is_custom": True,
        "groups": field.get("groups", []),
    }


def _created(connection_id: str, given: Body) -> Row:
    join = {
        "attribute": text_of(given, "join_attribute", needed=True),
        "type": text_of(given, "join_type", needed=True),
    }
    now = datetime.now(UTC).isoformat()
    return {
        "id": connection_id,
        "type": text_of(given, "type", needed=True),
        "join": join,
        "fields": list_of(given, "fields"),
        "created_at": now,
        "updated_at": now,
        "created_by": "made-up@example.com",
    }


def _update(connection: Row, given: Body) -> None:
    gone = set(list_of(given, "fields_to_delete"))
    fields = [field for field in connection["fields"] if field["id"] not in gone]
    for change in list_of(given, "fields_to_update"):
        for field in fields:
            if field["id"] == change["field_id"]:
                field.update({to: change[key] for to, key in _FIELDS.items() if key in change})
    connection["fields"] = fields + list_of(given, "fields_to_add")
    connection["updated_at"] = datetime.now(UTC).isoformat()
