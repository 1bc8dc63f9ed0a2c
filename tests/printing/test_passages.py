"""Texts of several lines that are shortened."""

from hypothesis import given
from hypothesis import strategies as st

from session_classify.printing.passages import shorten_lines
from session_classify.printing.text import omitted

LINES = st.lists(
    st.sampled_from(["", "plain words", "order #W12 was cancelled", "total 12.50", "a " * 90]),
    max_size=60,
)


@given(LINES, st.integers(0, 2_000))
def test_what_is_missing_is_counted(lines: list[str], limit: int) -> None:
    """The limit is kept, and the numbers of all gaps add up to what is not there."""
    text = "\n".join(lines)

    shown = shorten_lines(text, limit)

    assert len(shown) <= max(limit, 0)
    if shown != text and "left out]" in shown:
        gaps = sum(line.startswith("… [") for line in shown.split("\n"))
        # A gap counts the line break that its own line takes the place of.
        assert omitted(shown) - len(text) in range(gaps + 1)


def test_lines_with_ids_amounts_and_outcomes_stay() -> None:
    """The tail goes before them; first and last line stay."""
    words = [f"line {'abcdefghij'[n % 10] * 60}" for n in range(40)]
    words[17] = "Order #W2417020 was cancelled, refund $12.50"
    words[23] = "Error: payment declined"

    shown = shorten_lines("\n".join(words), 600)

    assert shown.startswith(words[0])
    assert shown.endswith(words[-1])
    assert words[17] in shown
    assert words[23] in shown
