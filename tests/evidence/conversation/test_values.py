"""Values in a sentence: sums of money, dates, counts and named values."""

import pytest

from session_classify.evidence.conversation.claims.values import (
    Day,
    Sum,
    counts_in,
    days_in,
    label_in,
    number_of,
    quoted_in,
    sums_in,
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("on 2026-05-20.", [Day(5, 20, 2026, "2026-05-20")]),
        ("on May 20", [Day(5, 20, 0, "May 20")]),
        ("on Sept. 1st, 2026", [Day(9, 1, 2026, "Sept. 1st, 2026")]),
        ("the 20th of May 2026", [Day(5, 20, 2026, "20th of May 2026")]),
        ("on 3 December", [Day(12, 3, 0, "3 December")]),
        ("on 1 January", [Day(1, 1, 0, "1 January")]),
        ("on 31 December", [Day(12, 31, 0, "31 December")]),
        ("on 2026-01-01 and 2026-12-31",
         [Day(1, 1, 2026, "2026-01-01"), Day(12, 31, 2026, "2026-12-31")]),
        ("on 2026-13-01 or 2026-00-01", []),
        ("on 2026-01-32 or 2026-01-00", []),
        ("at May 20:30, in 2026", []),
    ],
)  # fmt: skip
def test_dates_of_a_text(text: str, found: list[Day]) -> None:
    """With their year where it is told, as the text shows them; what is no date is none."""
    assert list(days_in(text)) == found


def test_a_date_without_a_year_fits_every_year() -> None:
    """And two years are two days."""
    day = Day(5, 20, 0, "May 20")

    assert day.fits(Day(5, 20, 2026, ""))
    assert Day(5, 20, 2026, "").fits(day)
    assert not Day(5, 20, 2025, "").fits(Day(5, 20, 2026, ""))
    assert not day.fits(Day(5, 21, 2026, ""))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("We refunded $1,234.50 to you", [Sum(1234.5, "$1,234.50", "refunded", False)]),
        ("$38 per bag was charged", [Sum(38, "$38", "charged", True)]),
        ("€ 5 each", [Sum(5, "€ 5", "", True)]),
        ("£5 for every bag", [Sum(5, "£5", "", True)]),
        ("£5 a bag apiece", [Sum(5, "£5", "", True)]),
        ("£5 for the bags, each", [Sum(5, "£5", "", False)]),
        ("-$20 is credited", [Sum(20, "-$20", "refunded", False)]),
        ("20 % of 30", []),
    ],
)
def test_sums_of_a_text(text: str, found: list[Sum]) -> None:
    """With the direction that is nearest, and whether it is for each of several."""
    assert list(sums_in(text)) == found


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("1 free bag is in it", [(1, ["free", "bag", "is"])]),
        ("two bags and 0 seats", [(2, ["bags", "and", "0"]), (0, ["seats"])]),
        ("999 items", [(999, ["items"])]),
        ("2026 items", []),
    ],
)
def test_counts_of_a_sentence(words: str, found: list[tuple[int, list[str]]]) -> None:
    """Small numbers with the three words behind them; four digits are a year or an id."""
    assert list(counts_in(words.split())) == found


@pytest.mark.parametrize(
    ("text", "number"),
    [(" $1,200.50 in all", 1200.5), ("€3", 3), ("£-3", -3), ("Two bags", 2), ("none of it", None)],
)
def test_the_number_of_a_text(text: str, number: float | None) -> None:
    """That it is or begins with, as digits or as a word."""
    assert number_of(text) == number


def test_a_named_value_is_a_label_and_a_value() -> None:
    """On a line of its own, or quoted behind its name."""
    assert label_in("**Cabin:** Economy") == ("Cabin", "Economy")
    assert label_in("Cabin of the flight") is None
    assert quoted_in('for the reason "no longer needed."') == ("reason", "no longer needed")
    assert quoted_in("for that reason") is None
