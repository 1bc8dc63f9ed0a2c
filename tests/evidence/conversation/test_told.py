"""Values that an answer tells, against what the write holds."""

from typing import Any

import pytest

from tests.evidence.conversation.test_claims import evidence_of
from tests.situations import samples


@pytest.mark.parametrize("sample", samples("told-value"))
def test_a_told_value_is_what_the_write_holds(sample: dict[str, Any]) -> None:
    """Each sample's wrong values are told by field, and nothing else is found wrong."""
    evidence = evidence_of(sample)
    values = evidence.said.values
    wrong = [value.field for value in values if not value.matches]
    rules = {f.rule for f in evidence.findings if f.id.startswith("claim")}

    assert wrong == sample["wrong"]
    assert rules == ({"told-otherwise"} if wrong else set())
    assert {value.field for value in values if value.matches} >= set(sample.get("right", ()))
