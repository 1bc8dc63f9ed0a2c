"""Laid-out values and which of their lines are kept."""

import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from session_classify.digest.budget import Part, Slot
from session_classify.printing.lines import Layout, Line, fit_lines
from session_classify.printing.shrink import lay_out
from session_classify.printing.text import block, clip, visible
from tests.wire.test_properties import values


def texts(data: Any, **ids: frozenset[str]) -> list[str]:
    return [line.text for line in lay_out(data, Layout(**ids))]


def test_records_become_a_table_with_the_fields_named_once() -> None:
    """Ids come first, nested plain objects open, a field equal everywhere moves to the head."""
    rows = [{"ok": True, "n": i, "id": f"A-{i}", "size": {"w": i, "h": 2 * i}} for i in range(1, 4)]

    assert texts({"rows": rows}) == [
        "rows (3): each ok=true; id | n | w | h",
        "  A-1 | 1 | 1 | 2",
        "  A-2 | 2 | 2 | 4",
        "  A-3 | 3 | 3 | 6",
    ]


def test_fields_of_two_objects_do_not_overwrite_each_other() -> None:
    """Seats and prices by the same class names keep the names of their objects."""
    rows = [{"id": f"F-{i}", "seats": {"eco": i}, "prices": {"eco": 10 * i}} for i in (1, 2)]

    assert texts(rows)[0] == "(2): id | seats.eco | prices.eco"


def test_objects_of_different_shape_stay_on_their_line() -> None:
    """Options that differ from product to product do not make a column each."""
    rows = [{"id": "I-1", "options": {"color": "red"}}, {"id": "I-2", "options": {"size": "L"}}]

    assert texts(rows)[1:] == ["  I-1 | color=red", "  I-2 | size=L"]


def test_wanted_rows_are_kept_and_told_ones_go_first() -> None:
    """Of many rows those that later calls name stay; those the ledger describes are no loss."""
    rows = [{"id": f"A-{i}", "n": i} for i in range(50)]
    layout = Layout(wanted=frozenset({"A-40"}), told=frozenset({"A-0", "A-1"}))

    kept = fit_lines(lay_out(rows, layout), 250)

    assert "  A-40 | 40" in kept
    assert "  A-0 | 0" not in kept
    assert kept[-1].startswith("[4")


def test_what_is_left_out_is_told_with_the_range_of_what_could_have_been_chosen() -> None:
    """A reader sees whether something cheaper was available, without every row."""
    rows = [{"id": f"A-{i}", "free": i != 9, "price": 10 * i} for i in range(1, 10)]
    layout = Layout(wanted=frozenset({"A-5"}))

    kept = fit_lines(lay_out(rows, layout), 200)

    assert kept[-1].endswith("left out; those that could have been chosen: price 20 to 80]")


@given(values, st.integers(130, 2_000))
def test_no_layout_takes_more_than_its_room(data: Any, limit: int) -> None:
    """Any value fits into any room, and what does not is counted."""
    lines = lay_out(data, Layout())
    kept = fit_lines(lines, limit)

    assert sum(len(text) + 3 for text in kept) <= limit + 3
    if len(kept) < len(lines):
        assert "lines left out" in kept[-1]


@given(values)
def test_a_whole_layout_loses_no_scalar(data: Any) -> None:
    """Every string and number of a value is somewhere in its lines."""

    def scalars(value: Any) -> list[str]:
        if isinstance(value, dict):
            return [s for item in value.values() for s in scalars(item)]
        if isinstance(value, list):
            return [s for item in value for s in scalars(item)]
        return [value] if isinstance(value, str) else [json.dumps(value)]

    from session_classify.printing.text import one_line

    text = "\n".join(texts(data))

    assert all(one_line(scalar) in text for scalar in scalars(data))


@given(st.text(max_size=400), st.integers(0, 300), st.sampled_from(["", "  "]))
@example("000000\x1f\n\x08", 42, "")  # a shorter text, and one line more
def test_a_slot_shows_no_more_than_its_cap(text: str, cap: int, indent: str) -> None:
    """Marks and line breaks count: a text of a thousand short lines is no exception."""
    slot = Slot(Part.STEPS, text=visible(text * 3), indent=indent)

    assert len(slot.show(cap)) <= max(cap, len(block("…", indent)))


@given(st.text(max_size=500), st.integers(0, 400))
def test_a_clipped_text_is_short_enough_and_says_what_is_missing(text: str, limit: int) -> None:
    """Head and tail stay, and the count is right."""
    shown = clip(text, limit)

    assert len(shown) <= limit or shown == text
    if "characters left out" in shown and "characters left out" not in text:
        count = int(shown.split("… [")[1].split(" ")[0].replace(",", ""))
        assert len(text) - count == len(shown) - len(f" … [{count:,} characters left out] … ")


def test_lines_that_are_no_rows_stay_before_rows() -> None:
    """A record's own fields are worth more than its list."""
    lines = (Line("row " * 20, row=True), Line("head"), Line("row " * 20, row=True))

    assert fit_lines(lines, 140)[0] == "head"
