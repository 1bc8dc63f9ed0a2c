"""The rules alone on real sessions that were changed in one known way."""

from pathlib import Path

import pytest

from tests.changes import WANTED, judged


@pytest.mark.matrix
def test_the_rules_are_right_about_changed_sessions(shared_data: Path) -> None:
    """At least as often as wanted, for each kind of change; `make changes` prints the table."""
    if not (shared_data / "bundles").is_dir():
        pytest.skip(f"no sessions in {shared_data}")

    right = judged(shared_data)

    for kind, wanted in WANTED.items():
        found = right[kind]
        assert found, kind
        assert sum(found) / len(found) >= wanted, f"{kind}: {sum(found)} of {len(found)}"
