"""Placeholders: what is no content, whatever it says."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_classify.masks import (
    PLACEHOLDERS,
    Missing,
    counted_parts,
    is_masked,
    media_in,
    placeholder,
    with_count,
)
from tests.situations import load, samples, situations

WORDS = st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=20)


@pytest.mark.parametrize("sample", samples("placeholder"))
def test_a_placeholder_is_told_by_its_whole_text(sample: dict[str, Any]) -> None:
    """Each sample is content, or says why content is missing."""
    assert placeholder(sample["text"]) == sample.get("missing")
    assert is_masked(sample["text"]) == ("missing" in sample)


def test_every_form_has_a_situation() -> None:
    """A row that no sample fits is not known to fit anything."""
    texts = [
        sample["text"].strip()
        for param in situations("placeholder")
        for sample in load(param.values[0] / "situation.yaml")["samples"]
    ]

    for row in PLACEHOLDERS:
        assert any(row.pattern.fullmatch(text) for text in texts), row.source


@given(words=st.lists(WORDS, min_size=1, max_size=4))
def test_any_word_in_capitals_in_angle_brackets_is_a_mask(words: list[str]) -> None:
    """Nobody has to know the name of a mask."""
    assert placeholder(f"<{'_'.join(words)}>") is Missing.MASKED


@given(mark=st.sampled_from(["<REDACTED_OUTPUT>", "[object Object]"]), text=WORDS)
def test_a_placeholder_in_a_sentence_is_content(mark: str, text: str) -> None:
    """Somebody who quotes a placeholder has said something."""
    said = f"It printed {mark} again for the parcel {text} this morning"

    assert placeholder(said) is None


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("[image]", 1),
        ("Look at this:\n[image]\n[file invoice.pdf]", 2),
        ("[audio, not transcribed]", 1),
        ("([IMAGE DETECTED])", 1),
        ("[image omitted: too large]", 1),
        ("The tag is [image] in their wiki", 0),
        ("[imagine]", 0),
        ("A plain text", 0),
    ],
)
def test_media_are_counted_by_lines(text: str, count: int) -> None:
    """A line that only names a picture, a recording or a file stands for it."""
    assert media_in(text) == count


@given(st.lists(st.sampled_from(Missing)))
def test_counts_add_up(found: list[Missing]) -> None:
    """Nothing that is missing is lost on the way, and reasons have one order."""
    parts = counted_parts(found)

    assert sum(part.count for part in parts) == len(found)
    assert [part.why for part in parts] == [why for why in Missing if why in found]


@given(st.lists(st.sampled_from(Missing)), st.sampled_from(Missing), st.integers(0, 5))
def test_further_parts_are_added(found: list[Missing], why: Missing, more: int) -> None:
    """Parts that are counted later join those of the same reason."""
    assert with_count(counted_parts(found), why, more) == counted_parts([*found, *[why] * more])
