"""From a bundle to a verdict: what the person did afterwards moves it, and the move is printed."""

import json
from pathlib import Path

import pytest
import yaml

from tests.cli.run import run
from tests.situations import situation

BUNDLES = sorted(Path(__file__).parents[1].glob("situations/bundle-*"))


def test_there_are_bundles_to_walk() -> None:
    """One with RUM rows and one with audit rows, at least."""
    assert any((bundle / "rum.jsonl").is_file() for bundle in BUNDLES)
    assert any((bundle / "audit.jsonl").is_file() for bundle in BUNDLES)


@pytest.mark.parametrize("name", [bundle.name for bundle in BUNDLES])
def test_what_the_person_did_moves_the_verdict(tmp_path: Path, name: str) -> None:
    """Gathered, read in the digest, judged: the final verdict is what the rules make of it."""
    bundle, case = situation(name), tmp_path / "c"
    wanted = yaml.safe_load((bundle / "situation.yaml").read_text())
    where = ("session", wanted["session"], "--backend", f"bundle:{bundle}", "--case", case)
    digest = run("gather", *where)
    judged = run("verdict", case, "--verdict", wanted["verdict"], "--reason", "It was answered.")

    found = json.loads((case / "verdict.json").read_bytes())
    assert digest.returncode == judged.returncode == 0, judged.stderr
    assert [move["rule"] for move in found["moves"]] == wanted["moves"]
    assert (found["trace_verdict"], found["verdict"]) == (wanted["verdict"], wanted["final"])
    late = digest.stdout.partition("## Behaviour and audit")[2]
    for move in found["moves"]:
        assert move["sentence"] in judged.stdout
        assert all(f"{finding}, " in late for finding in move["findings"])
    assert run("show", case).stdout.partition("## Behaviour and audit")[2] == late
