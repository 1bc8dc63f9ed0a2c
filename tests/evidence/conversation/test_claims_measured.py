"""Claims on real answers that were held back when the rules were made: no figure may fall."""

from collections import Counter
from pathlib import Path

import pytest

from tests.claim_corpus import samples
from tests.claims import measured


@pytest.fixture(scope="module")
def count(shared_data: Path) -> Counter[str]:
    """Return the counts of the answers that were held back."""
    turns = shared_data / "claims" / "turns.jsonl"
    if not turns.is_file():
        pytest.skip(f"real answers: {turns} is absent")
    return measured(sample for sample in samples(turns) if sample.is_held_back)


def test_effects_are_found(count: Counter[str]) -> None:
    """Of ten sentences that are called claims nine are, and of ten claims eight are found."""
    assert count["found"] >= 40
    assert count["found"] >= 0.9 * (count["found"] + count["false"])
    assert count["found"] >= 0.8 * (count["found"] + count["missed"])
    assert count["right"] >= 0.9 * count["found"]


def test_told_values_are_seldom_wrongly_accused(count: Counter[str]) -> None:
    """Of ten values that are told otherwise nine are."""
    true = count["with another value, found"]
    assert true >= 0.9 * (true + count["false values"])
    assert true >= 0.65 * count["with another value"]


def test_an_effect_that_was_not_had_is_found(count: Counter[str]) -> None:
    """A last write that was never made, or failed, leaves a claim behind."""
    assert count["dropped, found"] >= 0.9 * count["dropped"]
    assert count["failed, found"] >= 0.95 * count["failed"]
