"""No write is possible without its flag, nor in read-only mode."""

import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from datadog_standin.recording import read_recording
from datadog_standin.server import StandIn, serving
from session_classify.audience.client import call
from session_classify.audience.operations import OPERATIONS, Request
from session_classify.cli import cli
from session_classify.errors import UsageError
from tests.audience.test_situations import BUNDLE
from tests.cli.run import run

WRITES = sorted(name for name, one in OPERATIONS.items() if one.is_write)
CREATE = {
    "type": "ref_table",
    "join_type": "email",
    "join_attribute": "user_email",
    "fields": [{"id": "nps", "source_name": "nps", "type": "number"}],
}
LINES = {
    "create": ["new", "--file", "body.json"],
    "update": ["old", "--remove", "nps"],
    "delete": ["old"],
}
"""What makes each write complete but for its flag."""
FLAGS = {
    "create": [[], ["--dry-run", "--confirm"]],
    "update": [[], ["--dry-run", "--confirm"]],
    "delete": [[], ["--confirm-delete", "ol"], ["--dry-run", "--confirm-delete", "old"]],
}
"""Flags with which nothing is written."""
CONFIRMED = {"delete": ["--confirm-delete", "old"]}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[StandIn]:
    """Serve an organization with one connection."""
    (tmp_path / "body.json").write_text(json.dumps(CREATE))
    with serving(read_recording([BUNDLE])) as running:
        words = ["create", "users", "old", "--file", "body.json", "--confirm"]
        done = run("audience", "connections", *words, "--url", running.url, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        (tmp_path / "body.json").write_text(json.dumps({**CREATE, "fields": []}))
        running.audience.requests.clear()
        yield running


def writes(server: StandIn) -> list[str]:
    """Return the requests that changed data."""
    return [
        one
        for one in server.audience.requests
        if "/mapping/connection" in one and not one.startswith("GET ")
    ]


def test_every_writing_command_is_tried_here() -> None:
    """A command that calls an operation that writes would be missed otherwise."""
    audience = cli.get_command(click.Context(cli), "audience")
    assert isinstance(audience, click.Group)
    connections = audience.commands["connections"]
    assert isinstance(connections, click.Group)

    assert sorted(f"{name}_connection" for name in LINES) == WRITES
    assert set(connections.commands) == {*LINES, "list", "check"}


@pytest.mark.parametrize(("verb", "flags"), [(v, f) for v in LINES for f in FLAGS[v]], ids=str)
def test_nothing_is_written_without_its_flag(
    server: StandIn, tmp_path: Path, verb: str, flags: list[str]
) -> None:
    """Without it the command ends with 2 after it told what would change; a dry run with 0."""
    words = ["audience", "connections", verb, "users", *LINES[verb], *flags]
    done = run(*words, "--url", server.url, cwd=tmp_path)

    assert done.returncode == (0 if "--dry-run" in flags else 2), done.stderr
    assert writes(server) == []


@pytest.mark.parametrize("verb", LINES)
def test_the_same_line_writes_with_its_flag(server: StandIn, tmp_path: Path, verb: str) -> None:
    """So what the lines above lack is the flag."""
    words = ["audience", "connections", verb, "users", *LINES[verb]]
    done = run(*words, *CONFIRMED.get(verb, ["--confirm"]), "--url", server.url, cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert len(writes(server)) == 1


@pytest.mark.parametrize("value", ["1", "true", "yes"])
@pytest.mark.parametrize("verb", LINES)
def test_read_only_mode_refuses_every_write(
    server: StandIn, tmp_path: Path, verb: str, value: str
) -> None:
    """Also a confirmed one; nothing is asked of the server."""
    words = ["audience", "connections", verb, "users", *LINES[verb]]
    flags = CONFIRMED.get(verb, ["--confirm"])
    done = run(*words, *flags, "--url", server.url, cwd=tmp_path, DD_READ_ONLY=value)

    assert (done.returncode, "DD_READ_ONLY is set" in done.stderr) == (2, True), done.stderr
    assert server.audience.requests == []


@pytest.mark.parametrize("operation", WRITES)
def test_the_client_itself_makes_no_write_that_is_not_confirmed(
    server: StandIn, operation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever calls it: without `write`, and in read-only mode with it."""
    request = Request(operation, {"data": {}}, entity="users", id="old")

    with pytest.raises(UsageError, match="was not confirmed"):
        call(request, server.url)
    monkeypatch.setenv("DD_READ_ONLY", "1")
    with pytest.raises(UsageError, match="DD_READ_ONLY"):
        call(request, server.url, write=True)
    assert server.audience.requests == []


def test_reads_run_in_read_only_mode(server: StandIn) -> None:
    """The mode is about writes alone."""
    for words in (["users", "query"], ["connections", "list", "users"], ["mapping", "users"]):
        assert run("audience", *words, "--url", server.url, DD_READ_ONLY="1").returncode == 0
