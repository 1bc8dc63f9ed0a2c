"""Text blocks around a result, as protocols of tools send them."""

import json
from typing import Any

import pytest

from session_classify.evidence.results.wrappers import unwrapped

ROWS = [{"id": "A-1"}, {"id": "A-2"}]


@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"type": "text"},
        {"type": "input_text"},
        {"type": "output_text"},
        {"type": "text", "annotations": {"audience": ["user"]}},
        {"type": "text", "meta": {"n": 1}},
        {"type": "text", "_meta": {"n": 1}},
    ],
)
def test_a_text_block_is_its_text(extra: dict[str, Any]) -> None:
    """Alone as in a list, whatever a protocol adds."""
    assert unwrapped([{"text": "It was sent.", **extra}]).data == "It was sent."
    assert unwrapped([{"text": text, **extra} for text in ("One.", "Two.")]).data == "One.\nTwo."
    assert unwrapped([{"text": json.dumps(row), **extra} for row in ROWS]).data == ROWS


@pytest.mark.parametrize(
    "blocks",
    [
        [{"type": "image", "text": "a chart"}, {"type": "text", "text": "One."}],
        [{"type": "text", "text": "One.", "id": "A-1"}, {"type": "text", "text": "Two."}],
        [{"type": "text", "text": 1}, {"type": "text", "text": 2}],
        [{"id": "A-1"}],
        [],
    ],
)
def test_other_rows_stay_rows(blocks: list[Any]) -> None:
    """A record may have a text as well."""
    assert unwrapped(blocks).data == blocks


def test_rows_and_words_together_are_text() -> None:
    """Only where every block is an object are they rows again; words behind a value stay."""
    blocks = [{"type": "text", "text": text} for text in ('{"id": "A-1"}', "One more.")]

    found = unwrapped(blocks)

    assert (found.data, found.rest) == ({"id": "A-1"}, "One more.")


def test_the_only_message_of_a_list_is_the_result() -> None:
    """A block with JSON, and a message that is known by its marks."""
    assert unwrapped([{"json": {"id": "A-1"}}]).data == {"id": "A-1"}
    assert unwrapped([{"role": "tool", "content": "It was sent."}]).data == "It was sent."
    assert unwrapped([{"json": 1}, {"json": 2}]).data == [{"json": 1}, {"json": 2}]
