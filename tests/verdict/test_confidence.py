"""How far the evidence carries."""

from dataclasses import replace

import pytest

from session_classify.model import Coverage, Turn
from session_classify.verdict.confidence import confidence
from session_classify.vocabulary import ContentSource
from tests.evidence.build import a_session, a_turn

WHOLE = a_turn("Hi", "Hello")
MASKED = a_turn(None, "Hello", masked=True)
BARE = replace(a_turn(None, None), content_source=ContentSource.STRUCTURAL)


@pytest.mark.parametrize(
    ("turns", "coverage", "expected"),
    [
        pytest.param([WHOLE], Coverage(), "high", id="all-read"),
        pytest.param([WHOLE, MASKED], Coverage(), "medium", id="part-masked"),
        pytest.param([WHOLE, BARE], Coverage(), "medium", id="part-missing"),
        pytest.param([WHOLE], Coverage(unreadable=("x",)), "medium", id="unreadable-rows"),
        pytest.param([MASKED, BARE], Coverage(), "low", id="nothing-read"),
    ],
)
def test_confidence_follows_what_could_be_read(
    turns: list[Turn], coverage: Coverage, expected: str
) -> None:
    """High when everything was read, low when nothing was."""
    assert confidence(a_session(*turns), coverage) == expected
