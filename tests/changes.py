"""The rules alone on real sessions that were changed in one known way: `make changes`."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from session_classify.cli.runs.probe import read_rows
from session_classify.probing.changes import KINDS, changes
from session_classify.probing.rows import Rows, named
from session_classify.verdict.reconcile_rules import load_rules
from session_classify.verdict.rules_only import rules_only
from session_classify.vocabulary import Satisfaction
from tests.conftest import ROOT

WANTED = {
    "last write never made": 0.90,
    "go-ahead, nothing follows": 1.0,
    "write with another value": 0.65,
    "write failed": 1.0,
    "a mistyped id, then the good one": 0.90,
    "untouched": 0.92,
    "a failed read, then the good one": 0.92,
    "a curt goodbye": 0.92,
    "hostile lines in a result": 0.92,
    "harm, and hostile lines that ask for yes": 1.0,
    "reads in another order": 0.92,
    "another message shape": 0.92,
}
"""The share of each kind about which the rules alone should be right."""


def load(bundle: Path) -> Rows:
    """Return the rows of a bundle, with an id on each recorded result."""
    lines = (bundle / "spans.jsonl").read_text().splitlines()
    return named([json.loads(line) for line in lines])


def sessions(shared: Path) -> Iterator[tuple[str, Rows, bool]]:
    """Yield the shop and airline sessions: name, rows, and whether they were good."""
    labels = json.loads((shared / "bundles" / "labels.json").read_text())
    for name, label in sorted(labels.items()):
        if name.startswith("tau"):
            good = label["label"]["reward"] == 1.0
            yield name, load(shared / "bundles" / name), good


def judged(shared: Path) -> dict[str, list[bool]]:
    """Return for each kind of change whether the rules alone were right about each session."""
    rules = load_rules(None)
    right: dict[str, list[bool]] = {kind: [] for kind in KINDS}
    for name, rows, good in sessions(shared):
        for one in changes(rows, read_rows, is_good=good):
            verdict = rules_only(read_rows(one.rows), rules)
            is_yes = verdict.verdict is Satisfaction.YES
            right[one.kind].append(is_yes == one.is_good)
            if is_yes != one.is_good and "-v" in sys.argv:
                print(f"{name}: {one.kind}: {one.what}: {verdict.verdict}: {verdict.reason}")
    return right


def main() -> None:
    """Print for each kind of change how many are right by the rules alone, and what is wanted."""
    shared = ROOT / os.environ.get("SESSION_CLASSIFY_DATA", "../shared/data")
    if not (shared / "bundles").is_dir():
        sys.exit(f"no sessions at {shared / 'bundles'}; nothing to change")
    right = judged(shared)
    print(f"{'change':43}{'n':>5}{'right':>8}{'want':>7}")
    for kind, found in right.items():
        share = f"{sum(found) / len(found):.0%}" if found else "-"
        want = f"{WANTED[kind]:.0%}" if kind in WANTED else "-"
        print(f"{kind:43}{len(found):5}{share:>8}{want:>7}")


if __name__ == "__main__":
    main()
