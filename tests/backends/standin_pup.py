"""A stand-in for `pup`, written from its contract: flags, defaults, agent mode, error form.

It sends what pup sends to the server that PUP_MOCK_SERVER names. STANDIN_LOG names a file for one
line a call.
"""

import argparse
import http.client
import json
import os
import re
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from functools import cache
from typing import Any, TextIO

ENDPOINTS = {
    "search": "search-spans",
    "get-trace": "get-trace",
    "get-details": "span-details",
    "get-content": "span-content",
    "expand": "expand-spans",
    "get-agent-loop": "get-agent-loop",
    "find-errors": "find-error-spans",
}
AGENTS = ("CLAUDECODE", "CLAUDE_CODE", "CURSOR_AGENT", "AGENT", "FORCE_AGENT_MODE")
UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


def main(words: list[str], environ: Mapping[str, str], out: TextIO, err: TextIO) -> int:
    """Run one command line and return its exit code."""
    if words == ["--version"]:
        print(json.dumps({"version": "0.0.0-stand-in"}), file=out)
        return 0
    options = _parser().parse_args(words)
    if environ.get("STANDIN_LOG"):
        with open(environ["STANDIN_LOG"], "a", encoding="utf-8") as log:  # noqa: PTH123
            log.write(" ".join(words) + "\n")
    try:
        answer = _post(environ["PUP_MOCK_SERVER"], *options.request(options))
    except ValueError as error:
        print(f"Error: invalid time: {error}", file=err)
        return 1
    except Refused as error:
        verb = options.verb.replace("-", " ")
        print(f"Error: failed to {verb}: {error}", file=err)
        return 1
    except (http.client.HTTPException, OSError) as error:
        print(f"Error: failed to connect: {error}", file=err)
        return 1
    if any(environ.get(name) in ("1", "true") for name in AGENTS):
        inner = answer.get("data", answer) if isinstance(answer, dict) else answer
        answer = {"status": "success", "data": inner, "metadata": {"command": options.verb}}
    print(json.dumps(answer, indent=2, sort_keys=True), file=out)
    return 0


@cache
def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="pup")
    groups = parser.add_subparsers(dest="group", required=True)
    spans = groups.add_parser("llm-obs").add_subparsers(required=True).add_parser("spans")
    spans.add_argument("verb", choices=list(ENDPOINTS))
    for name in ("query", "trace-id", "span-id", "span-kind", "ml-app", "cursor", "field", "path"):
        spans.add_argument(f"--{name}")
    for name in ("limit", "max-tokens", "max-depth", "max-content-length"):
        spans.add_argument(f"--{name}", type=int)
    spans.add_argument("--root-spans-only", action="store_true")
    spans.add_argument("--span-ids", type=lambda text: text.split(","))
    spans.add_argument("--tags", type=_tags)
    spans.set_defaults(request=_spans_request)
    rum = groups.add_parser("rum").add_subparsers(dest="verb", required=True)
    sessions = rum.add_parser("sessions").add_subparsers(required=True).add_parser("search")
    sessions.set_defaults(request=lambda o: ("/api/v2/rum/events/search", _search_body(o)))
    counts = rum.add_parser("aggregate")
    counts.set_defaults(request=_counts_request)
    for name in ("user-email", "compute", "group-by"):
        counts.add_argument(f"--{name}")
    audit = groups.add_parser("audit-logs").add_subparsers(dest="verb", required=True)
    rows = audit.add_parser("search")
    rows.set_defaults(request=lambda o: ("/api/v2/audit/events/search", _search_body(o)))
    for command in (sessions, counts, rows):
        command.add_argument("--query", default="")
        command.add_argument("--limit", type=int, default=100)
    for command in (spans, sessions, counts, rows):
        command.add_argument("--from", dest="start", default="1h")
        command.add_argument("--to", dest="end", default="now")
    return parser


def _spans_request(options: argparse.Namespace) -> tuple[str, dict[str, Any]]:
    known = ("group", "verb", "start", "end", "request")
    body = {
        key: value
        for key, value in vars(options).items()
        if value not in (None, False) and key not in known
    }
    body.update(**{"from": _stamp(options.start), "to": _stamp(options.end)})
    return f"/api/unstable/llm-obs-mcp/v1/trace/{ENDPOINTS[options.verb]}", body


def _filter(options: argparse.Namespace, query: str) -> dict[str, str]:
    return {"query": query or "*", "from": _stamp(options.start), "to": _stamp(options.end)}


def _search_body(options: argparse.Namespace) -> dict[str, Any]:
    page = {"limit": options.limit}
    return {"filter": _filter(options, options.query), "page": page, "sort": "-timestamp"}


def _counts_request(options: argparse.Namespace) -> tuple[str, dict[str, Any]]:
    email = f"@usr.email:{options.user_email}" if options.user_email else ""
    query = " ".join(filter(None, (email, options.query)))
    groups = [{"facet": options.group_by, "limit": options.limit}] if options.group_by else []
    compute = [{"aggregation": options.compute or "count", "type": "total"}]
    body = {"filter": _filter(options, query), "compute": compute, "group_by": groups}
    return "/api/v2/rum/analytics/aggregate", body


def _tags(text: str) -> dict[str, str]:
    return dict(pair.split(":", 1) for pair in text.split(","))


def _stamp(text: str) -> str:
    """Return epoch milliseconds as a string; older pup refuses `now-7d`."""
    now = time.time()
    if text == "now":
        return str(int(now * 1000))
    if re.fullmatch(r"\d{13}", text):
        return text
    if re.fullmatch(r"\d{4}-\d\d-\d\dT.*", text):
        moment = datetime.fromisoformat(text).replace(microsecond=0)
        return str(int(moment.timestamp() * 1000))
    match = re.fullmatch(r"-?(\d+)([smhdw])", text)
    if not match:
        raise ValueError(text)
    return str(int((now - int(match[1]) * UNITS[match[2]]) * 1000))


def _post(url: str, path: str, body: dict[str, Any]) -> Any:
    headers = {
        "Content-Type": "application/json",
        "Authorization": "Bearer made-up",
        "DD-API-KEY": "made-up",
        "DD-APPLICATION-KEY": "made-up",
    }
    host = url.removeprefix("http://").rstrip("/")
    connection = http.client.HTTPConnection(host, timeout=30)
    with closing(connection):
        connection.request("POST", path, json.dumps(body).encode(), headers)
        response = connection.getresponse()
        text = response.read()
    if response.status >= 400:
        raise Refused(f"API error (status {response.status}): {text.decode()}")
    return json.loads(text)


class Refused(Exception):  # noqa: N818  it ends a command as pup ends it
    """The server did not answer the request."""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ, sys.stdout, sys.stderr))
