"""Rules that are folded when they are long."""

from session_classify.digest.system_prompt import fold

RULES = (
    "# Shop\nBe kind.\n\n## Refunds\n"
    + "Refund only once. " * 40
    + "\n## Weather\n"
    + "Say sun. " * 90
)


def test_short_rules_stay_as_they_are() -> None:
    """Nothing is folded while there is room."""
    assert fold(RULES, frozenset(), 10_000) == (RULES, 0)


def test_what_no_request_speaks_of_folds_to_its_heading() -> None:
    """The section that shares no word with the session goes first, its heading stays."""
    text, folded = fold(RULES, frozenset({"refund"}), 1_000)

    assert folded == 1
    assert "Refund only once." in text
    assert "## Weather … [810 characters folded]" in text
    assert "Say sun." not in text


def test_rules_without_sections_keep_head_and_tail() -> None:
    """A wall of text is cut in the middle, with the count."""
    text, folded = fold("start " + "x" * 5_000 + " end", frozenset(), 300)

    assert folded == 0
    assert len(text) <= 300
    assert text.startswith("start ")
    assert text.endswith(" end")
    assert "characters left out" in text


def test_a_huge_section_is_shortened_before_it_goes() -> None:
    """Of a long section that nobody spoke of its beginning and end stay as far as there is room."""
    rules = (
        "# Shop\nBe kind.\n## Refunds\nRefund once.\n## Weather\nfirst " + "sun " * 9_000 + "last"
    )

    text, shortened = fold(rules, frozenset({"refund"}), 2_000)

    assert shortened == 1
    assert len(text) <= 2_000
    assert "## Weather\nfirst sun" in text
    assert text.endswith("last")
    assert "Refund once." in text
