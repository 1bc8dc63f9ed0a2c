"""The line of a digest that sums up what is not there."""

import pytest
from hypothesis import given
from msgspec.structs import replace

from session_classify.digest.completeness import completeness
from session_classify.masks import Missing, MissingParts
from session_classify.model import Coverage, Session, Turn
from session_classify.vocabulary import ContentSource
from tests.digest.test_digest import sessions
from tests.evidence.build import a_session, a_turn


def lost(**counts: int) -> Turn:
    parts = tuple(MissingParts(Missing(why), count) for why, count in counts.items())
    return a_turn("Hi", "Hello", missing=parts)


WHOLE = a_turn("Hi", "Hello")
BARE = replace(a_turn(None, None), content_source=ContentSource.STRUCTURAL)


@pytest.mark.parametrize(
    ("turns", "coverage", "expected"),
    [
        pytest.param([WHOLE], Coverage(rows=9), "", id="nothing-missing"),
        pytest.param([lost(dropped=1)], Coverage(), "1 value dropped by a size limit (turn 1)"),
        pytest.param(
            [lost(masked=2), WHOLE, lost(masked=1, media=1)],
            Coverage(),
            "3 texts masked (turn 1, 3); 1 picture, recording or file not shown (turn 3)",
            id="by-reason-with-its-turns",
        ),
        pytest.param(
            [lost(unserializable=2, unknown=4)],
            Coverage(),
            "2 objects not serialized (turn 1); 4 parts of unknown types (turn 1)",
            id="objects-and-unknown-parts",
        ),
        pytest.param([WHOLE, BARE], Coverage(), "no text at all in turn 2", id="no-source"),
        pytest.param(
            [WHOLE],
            Coverage(rows=30, unreadable=("a", "b"), truncated=("p",)),
            "2 of 30 rows not readable; 1 answer cut by its own word",
            id="rows-and-pages",
        ),
        pytest.param(
            [WHOLE],
            Coverage(rows=30, unreadable=("a", "p: a cursor"), truncated=("p: a cursor",)),
            "1 of 30 rows not readable; 1 answer cut by its own word",
            id="a-page-that-ends-in-a-cursor-is-no-row",
        ),
        pytest.param(
            [lost(dropped=1)] * 10,
            Coverage(),
            "10 values dropped by a size limit (turn 1, 2, 3, 4, 5, 6, 7, 8 and 2 more)",
            id="many-turns",
        ),
    ],
)
def test_what_is_missing_is_summed_up(turns: list[Turn], coverage: Coverage, expected: str) -> None:
    """One line, by reason, with the turns; none where nothing is missing."""
    assert completeness(a_session(*turns), coverage) == expected


@given(sessions)
def test_it_is_one_line(session: Session) -> None:
    """Whatever is missing, it is summed up in a single line."""
    assert "\n" not in completeness(session, Coverage())
