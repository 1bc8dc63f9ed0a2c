"""All rows of a query, whatever the API gives for one request."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from session_classify.audience.export import FIRST, all_rows

_counts = st.integers(0, 3 * FIRST)


@given(_counts, _counts)
def test_an_export_has_what_the_api_gives(total: int, most: int) -> None:
    """All rows in at most two requests, or what one answer holds, and then it says so."""
    asked: list[int] = []
    told: list[str] = []

    def ask(limit: int) -> dict[str, Any]:
        asked.append(limit)
        rows = [{"user_id": f"u-{number}"} for number in range(min(limit, total, most))]
        return {"hits": rows, "total": total}

    found = all_rows(ask, told.append)

    assert len(found.hits) == min(total, max(most, 0))
    assert found.is_whole == (most >= total)
    assert asked in ([FIRST], [FIRST, total], [FIRST, total, total])
    assert len(told) == len(asked)


def test_rows_that_come_in_between_are_asked_for() -> None:
    """A total that grows while it is asked for is followed."""
    totals = iter([1_500, 1_600, 1_600])

    def ask(limit: int) -> dict[str, Any]:
        total = next(totals)
        return {"hits": [{}] * min(limit, total), "total": total}

    found = all_rows(ask, lambda _: None)

    assert (len(found.hits), found.is_whole) == (1_600, True)


def test_an_answer_without_rows_or_total_is_empty() -> None:
    """The API leaves out what is empty."""
    assert all_rows(lambda _: {}, lambda _: None).is_whole
