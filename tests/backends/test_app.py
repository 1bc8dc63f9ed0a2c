"""An app's units by every backend that can list them."""

import json
import sys
from pathlib import Path

import pytest

from tests.backends.conftest import KEYS, Server
from tests.backends.test_live import Environment, log
from tests.cli.run import a_bundle
from tests.cli.test_app import ROW, classified, rows_of, uuid


@pytest.mark.matrix
@pytest.mark.parametrize("tag", ["session_id", "ticket.id"])
def test_every_backend_lists_the_same_units(
    serve: Server, pup: Environment, tmp_path: Path, tag: str
) -> None:
    """API, pup and MCP give the population and the sample of the rows; lists have pages of 50."""
    rows = [
        row for n in range(70) for row in rows_of(n, ml_app="app", tags=[f"{tag}:{uuid(n % 30)}"])
    ]
    bundle = a_bundle(tmp_path / "b", rows + rows_of(99, uuid(99), ml_app="other"))
    url = serve(bundle)
    mcp = f"mcp:'{sys.executable}' -m session_classify serve --replay --mcp stdio '{bundle}'"
    wide = ("--timeframe", "2020-01-01/2035-01-01", "--sample", 3)
    ways: list[tuple[str, dict[str, str]]] = [
        (f"bundle:{bundle}", {}), (f"api:{url}", KEYS), ("pup", pup(url)), (mcp, {}),
    ]  # fmt: skip
    found = []
    for number, (backend, env) in enumerate(ways):
        folder = tmp_path / f"run{number}"
        done = classified(bundle, folder, *wide, "--backend", backend, **env)
        assert done.returncode == 0, done.stderr
        assert len(ROW.findall(done.stdout)) == 3, done.stdout
        made = json.loads((folder / "run.json").read_bytes())
        found.append((made["population"], made["units"], made["granularity"]))

    assert found == [found[0]] * 4
    assert found[0][0] == 30
    calls = log(tmp_path)
    assert len(set(calls)) == len(calls), "pup was asked for the same twice"
