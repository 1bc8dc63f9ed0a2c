"""Rows of one span that come more than once: the order in which they come decides nothing."""

import json
from itertools import permutations

import pytest

from session_classify.wire.trace.spans import read_spans
from tests.cli.run import a_row

OPEN = a_row("1", duration=0, output={"value": "a longer text that was cut off later on"})
ENDED = a_row("1", duration=5, output={"value": "done"})
FAILED = a_row("1", duration=5, status="error", output={"value": "denied"})
LARGER = a_row("1", duration=5, output={"value": "done, and told at length, with the whole result"})


@pytest.mark.parametrize(
    ("rows", "counts"),
    [
        ([OPEN, ENDED], "done"),
        ([ENDED, LARGER], "done, and told at length, with the whole result"),
        ([OPEN, FAILED, LARGER], "done, and told at length, with the whole result"),
        ([ENDED, FAILED], "denied"),
    ],
)
def test_the_row_that_ended_counts_then_the_larger_one(
    rows: list[dict[str, object]], counts: str
) -> None:
    """In whatever order a server or an engine hands them over."""
    for order in permutations(rows):
        (span,) = read_spans([json.dumps(row).encode() for row in order], "made up").spans

        assert span.output.value == counts
