"""One sentence or more."""

from typing import Any

import pytest

from session_classify.verdict.sentence import is_one_sentence
from tests.situations import samples


@pytest.mark.parametrize("sample", samples("sentence"))
def test_a_reason_is_one_sentence(sample: dict[str, Any]) -> None:
    """Dots in quotes, numbers and abbreviations end no sentence; capitals after a stop do."""
    assert is_one_sentence(sample["text"]) is sample["one"]
