"""How far the evidence carries."""

import pytest
from msgspec.structs import replace

from session_classify.masks import Missing, MissingParts
from session_classify.model import Coverage, SpanRef, Turn
from session_classify.verdict.confidence import confidence
from session_classify.vocabulary import ContentSource
from tests.evidence.build import a_session, a_turn

WHOLE = a_turn("Hi", "Hello")
MASKED = a_turn(None, "Hello", masked=True)
ENDS = replace(WHOLE, content_source=ContentSource.IO)
CLOSING = replace(ENDS, iterations=())
RECORD = replace(ENDS, root=SpanRef("r", kind="experiment"))
DROPPED = a_turn(None, "Hello", missing=(MissingParts(Missing.DROPPED, 3),))
RESULT_DROPPED = a_turn("Hi", "Hello", missing=(MissingParts(Missing.DROPPED, 1),))
PICTURE = a_turn("Hi", "Hello", missing=(MissingParts(Missing.MEDIA, 1),))
UNKNOWN = a_turn("Hi", "Hello", missing=(MissingParts(Missing.UNKNOWN, 2),))
BARE = replace(a_turn(None, None), content_source=ContentSource.STRUCTURAL)


@pytest.mark.parametrize(
    ("turns", "coverage", "expected"),
    [
        pytest.param([WHOLE], Coverage(), "high", id="all-read"),
        pytest.param([WHOLE, MASKED], Coverage(), "medium", id="part-masked"),
        pytest.param([WHOLE, BARE], Coverage(), "medium", id="part-missing"),
        pytest.param([WHOLE], Coverage(unreadable=("x",)), "medium", id="unreadable-rows"),
        pytest.param([MASKED, BARE], Coverage(), "low", id="nothing-read"),
        pytest.param([WHOLE], Coverage(next_calls=("loop",)), "medium", id="not-all-fetched"),
        pytest.param([WHOLE], Coverage(notes=("x",)), "high", id="a-note-is-no-gap"),
        pytest.param([ENDS], Coverage(), "medium", id="ends-alone-of-a-model-call"),
        pytest.param([CLOSING], Coverage(), "high", id="ends-alone-without-a-model-call"),
        pytest.param([RECORD], Coverage(), "high", id="an-experiments-record"),
        pytest.param([MASKED, WHOLE], Coverage(), "medium", id="one-turn-read"),
        pytest.param([DROPPED], Coverage(), "low", id="the-request-was-dropped"),
        pytest.param([DROPPED, WHOLE], Coverage(), "medium", id="one-turn-dropped"),
        pytest.param([RESULT_DROPPED], Coverage(), "medium", id="a-result-was-dropped"),
        pytest.param([PICTURE], Coverage(), "medium", id="a-picture-not-shown"),
        pytest.param([UNKNOWN], Coverage(), "medium", id="a-part-of-an-unknown-type"),
        pytest.param([WHOLE], Coverage(truncated=("x",)), "medium", id="a-page-is-cut"),
    ],
)
def test_confidence_follows_what_could_be_read(
    turns: list[Turn], coverage: Coverage, expected: str
) -> None:
    """High when everything was read, low when nothing was."""
    assert confidence(a_session(*turns), coverage) == expected
