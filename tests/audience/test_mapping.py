"""The mapping is kept for each site and login."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from datadog_standin.recording import read_recording
from datadog_standin.server import StandIn, serving
from tests.audience.test_situations import BUNDLE
from tests.cli.run import run

GET = "GET /api/v2/product-analytics/users/mapping"


@pytest.fixture
def server() -> Iterator[StandIn]:
    with serving(read_recording([BUNDLE])) as running:
        yield running


def asked(server: StandIn, cache: Path, *words: str) -> int:
    """Run a query and return how often it asked for the mapping."""
    server.audience.requests.clear()
    run("audience", "users", "query", *words, "--url", server.url, XDG_CACHE_HOME=str(cache))
    return server.audience.requests.count(GET)


def kept(cache: Path) -> list[Path]:
    return list((cache / "session-classify" / "mappings").iterdir())


def test_it_is_asked_for_once(server: StandIn, tmp_path: Path) -> None:
    """The next command uses the kept one; --no-cache asks again, and so does the next day."""
    assert asked(server, tmp_path, "user_id:u-1") == 1
    assert asked(server, tmp_path, "user_id:u-1") == 0
    assert asked(server, tmp_path, "user_id:u-1", "--no-cache") == 1
    (path,) = kept(tmp_path)
    old = time.time() - 86_500
    os.utime(path, (old, old))
    assert asked(server, tmp_path, "user_id:u-1") == 1


def test_a_query_without_names_asks_for_none(server: StandIn, tmp_path: Path) -> None:
    """There is nothing to check."""
    assert asked(server, tmp_path) == 0


def test_a_kept_mapping_refuses_nothing(server: StandIn, tmp_path: Path) -> None:
    """A name that it lacks may have come since: the mapping is fetched before a refusal."""
    assert asked(server, tmp_path, "user_id:u-1") == 1
    (path,) = kept(tmp_path)
    path.write_text(json.dumps([{"attribute": "user_id"}]))

    assert asked(server, tmp_path, "first_country_code:US") == 1
    assert asked(server, tmp_path, "first_country_code:US") == 0


@pytest.mark.parametrize("content", [b"", b"{", b'{"a": 1}', b"[1]", b"\xff"])
def test_a_damaged_file_is_fetched_again(server: StandIn, tmp_path: Path, content: bytes) -> None:
    """Whatever lies there."""
    assert asked(server, tmp_path, "user_id:u-1") == 1
    kept(tmp_path)[0].write_bytes(content)

    assert asked(server, tmp_path, "user_id:u-1") == 1


def test_a_write_drops_it(server: StandIn, tmp_path: Path) -> None:
    """A connection brings names with it."""
    asked(server, tmp_path, "user_id:u-1")
    words = ["--join-attribute", "user_email", "--join-type", "email", "--confirm"]
    env = {"XDG_CACHE_HOME": str(tmp_path)}
    create = ["audience", "connections", "create", "users", "crm", *words, "--url", server.url]

    assert run(*create, **env).returncode == 0
    assert kept(tmp_path) == []


def test_another_server_has_its_own(server: StandIn, tmp_path: Path) -> None:
    """Two sites, or two logins, do not share it; the file does not name the keys."""
    asked(server, tmp_path, "user_id:u-1")
    with serving(read_recording([BUNDLE])) as other:
        assert asked(other, tmp_path, "user_id:u-1") == 1

    assert len(kept(tmp_path)) == 2
    assert all("local" not in path.name for path in kept(tmp_path))


def test_purge_removes_it(server: StandIn, tmp_path: Path) -> None:
    """It is a cache among the others."""
    asked(server, tmp_path, "user_id:u-1")
    done = run("purge", "--caches", XDG_CACHE_HOME=str(tmp_path))

    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "session-classify" / "mappings").exists()
