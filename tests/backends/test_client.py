"""What is sent and served, as the official client's own models read it."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from datadog_api_client import ApiClient, Configuration
from datadog_api_client.exceptions import ApiTypeError
from datadog_api_client.model_utils import ModelNormal
from datadog_api_client.v2.model.audit_logs_events_response import AuditLogsEventsResponse
from datadog_api_client.v2.model.audit_logs_search_events_request import (
    AuditLogsSearchEventsRequest,
)
from datadog_api_client.v2.model.llm_obs_search_spans_request import LLMObsSearchSpansRequest
from datadog_api_client.v2.model.llm_obs_spans_response import LLMObsSpansResponse
from datadog_api_client.v2.model.rum_aggregate_request import RUMAggregateRequest
from datadog_api_client.v2.model.rum_analytics_aggregate_response import (
    RUMAnalyticsAggregateResponse,
)
from datadog_api_client.v2.model.rum_events_response import RUMEventsResponse
from datadog_api_client.v2.model.rum_search_events_request import RUMSearchEventsRequest

from session_classify.backends.api_requests import request_of
from session_classify.events import Asset, Times
from session_classify.model import Identity
from session_classify.queries import audit as audit_queries
from session_classify.queries import rum as rum_queries
from session_classify.queries.call import Call
from session_classify.queries.rum_counts import CountQuery, rum_counts
from session_classify.vocabulary import Unit
from tests.backends.conftest import DEMO, KEYS, Server
from tests.cli.run import run


@pytest.fixture
def asked() -> Iterator[tuple[str, list[bytes]]]:
    """Yield the address of a server that answers two empty pages, and the bodies it was sent."""
    bodies: list[bytes] = []

    class Pages(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            meta = {"page": {"after": "made-up-cursor"}} if len(bodies) == 1 else {}
            data = json.dumps({"data": [], "meta": meta}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *arguments: object) -> None:
            """Keep the test's output to itself."""

    server = HTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", bodies
    server.shutdown()
    thread.join()
    server.server_close()


def read(data: bytes, model: type[Any]) -> Any:
    client = ApiClient(Configuration())  # type: ignore[no-untyped-call]
    return client.deserialize(data.decode(), (model,), check_type=True)  # type: ignore[no-untyped-call]


def unknown(model: Any) -> list[str]:
    """Return the fields that the client's models do not name, at any depth."""
    if isinstance(model, list):
        return [name for part in model for name in unknown(part)]
    if isinstance(model, dict):
        return unknown(list(model.values()))
    if not isinstance(model, ModelNormal):
        return []
    assert not model._unparsed
    fields: dict[str, Any] = model._data_store
    own = [name for name in fields if name not in model.attribute_map]
    return own + unknown(list(fields.values()))


@pytest.mark.parametrize("unit", list(Unit))
def test_the_clients_models_name_all_that_is_asked(
    asked: tuple[str, list[bytes]], tmp_path: Path, unit: Unit
) -> None:
    """Both pages of a search, the second by its cursor, hold only fields the client knows."""
    url, bodies = asked
    run("gather", unit.value, "s1", "--backend", f"api:{url}", "--case", tmp_path / "c", **KEYS)
    assert ["cursor" in body.decode() for body in bodies] == [False, True]
    for body in bodies:
        assert unknown(read(body, LLMObsSearchSpansRequest)) == []


def test_a_field_that_the_client_does_not_know_is_told() -> None:
    """A name of another endpoint's filter is found where it stands: the check above can fail."""
    body = {"data": {"type": "spans", "attributes": {"filter": {"session_id": "s1"}}}}
    assert unknown(read(json.dumps(body).encode(), LLMObsSearchSpansRequest)) == ["session_id"]


@pytest.mark.parametrize(
    "broken", [{"page": {"limit": "5000"}}, {"filter": {"tags": ["session_id:s1"]}}]
)
def test_the_clients_models_refuse_another_type(broken: dict[str, Any]) -> None:
    """A limit in words and tags in a list are refused."""
    body = {"data": {"type": "spans", "attributes": broken}}
    with pytest.raises(ApiTypeError):
        read(json.dumps(body).encode(), LLMObsSearchSpansRequest)


def test_the_clients_models_read_what_serve_answers(serve: Server) -> None:
    """A page of the stand-in is one the client reads in full, row by row."""
    address = f"{serve(DEMO)}/api/v2/llm-obs/v1/spans/events/search"
    asked = {"filter": {"from": "now-60d"}, "page": {"limit": 100}}
    body = {"data": {"type": "spans", "attributes": asked}}
    headers = {"DD-API-KEY": "made-up", "DD-APPLICATION-KEY": "made-up"}
    with urlopen(Request(address, json.dumps(body).encode(), headers)) as answer:
        page = read(answer.read(), LLMObsSpansResponse)
    assert len(page.data) == len((DEMO / "spans.jsonl").read_text().splitlines())
    assert unknown(page) == []


ANA = Identity(user_handle="ana@example.com", usr_id="u-42")
WHEN = datetime(2026, 11, 1, 12, tzinfo=UTC)
TIMES = Times(WHEN, WHEN + timedelta(minutes=9))
WINDOW = rum_queries.behaviour_window(WHEN, TIMES.end)


@pytest.mark.parametrize(
    ("call", "asked", "answered"),
    [
        (rum_queries.rum_views("@session.id:a", WINDOW), RUMSearchEventsRequest, RUMEventsResponse),
        (
            rum_queries.rum_actions(
                "@usr.id:u-42", WINDOW, rum_queries.AskedActions(noise=("perf.*",))
            ),
            RUMSearchEventsRequest,
            RUMEventsResponse,
        ),
        (rum_queries.rum_lookup(ANA, WHEN), RUMSearchEventsRequest, RUMEventsResponse),
        (
            audit_queries.history(Asset("dashboard", "abc-123"), TIMES),
            AuditLogsSearchEventsRequest,
            AuditLogsEventsResponse,
        ),
        (
            rum_counts(CountQuery("ana@example.com", compute="avg(@n)", group_by=("@session.id",))),
            RUMAggregateRequest,
            RUMAnalyticsAggregateResponse,
        ),
    ],
    ids=lambda value: value.tool if isinstance(value, Call) else "",
)
def test_the_clients_models_name_what_is_asked_around_a_session(
    serve: Server, call: Call, asked: Any, answered: Any
) -> None:
    """Bodies for RUM and audit hold only known fields, and the stand-in's answers are read."""
    path, body = request_of(call)
    data = json.dumps(body).encode()
    headers = {"DD-API-KEY": "made-up", "DD-APPLICATION-KEY": "made-up"}
    assert unknown(read(data, asked)) == []

    with urlopen(Request(f"{serve(DEMO)}{path}", data, headers)) as answer:
        page = read(answer.read(), answered)

    assert page.meta.status.value == "done"
