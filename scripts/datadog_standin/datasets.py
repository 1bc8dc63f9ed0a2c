"""Projects and datasets of LLM Observability, kept in memory; records with a version each change.

Answers have the recorded form: each record's fields below `attributes`.
"""

import threading
from uuid import uuid4

from datadog_standin.bodies import (
    Body,
    RequestError,
    list_of,
    object_of,
    page_of,
    text_of,
)
from datadog_standin.bundles import Row

_ROOTS = ("/api/v2/llm-obs/v1/", "/api/unstable/llm-obs/v1/")
"""The documented one, and the one that the SDK partly uses."""
_PAGE = 100


def is_path(path: str) -> bool:
    """Return whether a path is one of projects or datasets."""
    parts = _parts(path)
    return parts == ["projects"] or parts[1:2] == ["datasets"]


def _parts(path: str) -> list[str]:
    """Return the parts of a path below the root that it has; none without one."""
    root = next((root for root in _ROOTS if path.startswith(root)), "")
    return path.removeprefix(root).split("/") if root else []


class Datasets:
    """Projects by id, and the datasets of each."""

    def __init__(self) -> None:
        self.projects: dict[str, Row] = {}
        self.datasets: dict[str, Row] = {}
        self.records: dict[str, dict[str, Row]] = {}
        """By dataset and record id."""
        self._lock = threading.Lock()

    def answer(self, method: str, path: str, query: dict[str, str], body: Body) -> Row:
        """Answer a request; raises RequestError for what the API refuses."""
        project, *rest = _parts(path)
        with self._lock:
            if not rest:
                return self._entries(method, "projects", self.projects, query, body)
            if project not in self.projects:
                raise RequestError(404, "project not found")
            if rest == ["datasets"]:
                return self._entries(method, "datasets", self.datasets, query, body, project)
            dataset = rest[1] if len(rest) == 3 else ""
            if self.datasets.get(dataset, {}).get("project_id") != project:
                raise RequestError(404, "dataset not found")
            if (method, rest[2]) == ("GET", "records"):
                return _page(list(self.records[dataset].values()), query)
            if (method, rest[2]) == ("POST", "batch_update"):
                return self._update(dataset, object_of(body, "data"))
        raise RequestError(404, f"Not found: {method} {path}")

    def _entries(
        self,
        method: str,
        kind: str,
        kept: dict[str, Row],
        query: dict[str, str],
        body: Body,
        project: str = "",
    ) -> Row:
        """List the entries whose name begins with the filter, or make one; a name is made once."""
        if method == "GET":
            wanted = query.get("filter[name]", "")
            rows = [
                {"id": id_, "type": kind, "attributes": entry}
                for id_, entry in kept.items()
                if entry["name"].startswith(wanted) and entry["project_id"] == project
            ]
            return _page(rows, query)
        data = object_of(body, "data")
        if data.get("type") != kind:
            raise RequestError(400, f"data.type must be {kind}")
        name = text_of(object_of(data, "attributes"), "name", needed=True)
        for id_, before in kept.items():
            if (before["name"], before["project_id"]) == (name, project):
                return {"data": {"id": id_, "type": kind, "attributes": before}}
        entry = {
            "name": name,
            "description": text_of(object_of(data, "attributes"), "description"),
            "project_id": project,
            **({"current_version": 0} if project else {}),
        }
        made = str(uuid4())
        kept[made] = entry
        if project:
            self.records[made] = {}
        return {"data": {"id": made, "type": kind, "attributes": entry}}

    def _update(self, dataset: str, data: Body) -> Row:
        if (data.get("type"), data.get("id")) != ("datasets", dataset):
            raise RequestError(400, "data must be the dataset of the path")
        given, records = object_of(data, "attributes"), self.records[dataset]
        inserted, updated = list_of(given, "insert_records"), list_of(given, "update_records")
        if any("input" not in row for row in inserted):
            raise RequestError(400, "a record needs an input")
        if any(row.get("id") not in records for row in updated):
            raise RequestError(404, "record not found")
        if given.get("create_new_version", True):
            self.datasets[dataset]["current_version"] += 1
        inserted = [{"id": str(uuid4()), **row} for row in inserted]
        updated = [{**records[row["id"]]["attributes"], **row} for row in updated]
        version = self.datasets[dataset]["current_version"]
        rows = [_kept(row, version) for row in (*inserted, *updated)]
        records.update((row["id"], row) for row in rows)
        return {"data": rows}


def _kept(row: Row, version: int) -> Row:
    tags = object_of(row, "tag_operations").get("set", row.get("tags"))
    fields = {name: row.get(name) for name in ("input", "expected_output", "metadata")}
    return {
        "id": row["id"],
        "type": "datasets",
        "attributes": {**fields, "tags": tags or [], "version": version},
    }


def _page(rows: list[Row], query: dict[str, str]) -> Row:
    found, after = page_of(rows, _PAGE, query.get("page[cursor]", ""))
    return {"data": found, "meta": {"after": after or ""}}
