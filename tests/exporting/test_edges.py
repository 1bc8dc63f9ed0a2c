"""Nothing is lost or doubled at the edges of windows, whatever the server takes for the edge."""

import json
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datadog_standin.bodies import Window
from datadog_standin.recording import RecordedSpan, recorded
from session_classify.exporting.slots import Slot, slots
from session_classify.queries.call import Call
from tests.conftest import every
from tests.exporting.made_up import (
    HOUR,
    START,
    Here,
    Row,
    a_span,
    by_text,
    exported,
    parts,
    recording,
    rows,
)

_MS = 1_000_000
STEPS = st.sampled_from([HOUR, 25 * 60_000, 2_000])
TIMES = st.builds(
    lambda step, near: (START * _MS) + step * 60_000 * _MS + near,
    st.integers(-5, 125),
    st.sampled_from([-2 * _MS, -_MS, -1, 0, 1, 499_999, 500_000, _MS - 1, _MS, 2 * _MS]),
)
"""Nanoseconds at and around whole minutes, at which most windows end."""


@given(st.integers(0, 10**7), st.integers(1, 10**7), st.integers(1, 10**6))
def test_slots_cover_a_range_once(start: int, length: int, step: int) -> None:
    """They follow each other without gap or overlap, none longer than a step."""
    whole = Slot(start, start + length)
    step = max(step, length // 1_000 + 1)

    found = slots(whole, step)

    assert (found[0].start, found[-1].end) == (whole.start, whole.end)
    assert all(one.end == other.start for one, other in pairwise(found))
    assert all(0 < slot.end - slot.start <= step for slot in found)
    assert all(slot.start % step == 0 for slot in found[1:])
    assert len({slot.name for slot in found}) == len(found)


def test_a_longer_range_has_the_same_slots_and_more() -> None:
    """So a later end adds parts, and only a part that was cut short is another one."""
    short, long = (slots(Slot(START, START + hours), HOUR) for hours in (5 * HOUR // 2, 5 * HOUR))

    assert short[:2] == long[:2]
    assert (short[2].start, short[2].end) == (long[2].start, long[2].end - HOUR // 2)


def test_names_sort_as_times() -> None:
    """A part is named by the instant at which it begins, no longer than it has to be."""
    found = [Slot(START + offset, START + HOUR).name for offset in (0, 60_000, 61_000, 61_500)]

    assert found == [f"2026-11-19T19{rest}" for rest in ("", "01", "0101", "0101.500")]
    assert found == sorted(found)


@given(st.lists(TIMES, min_size=1, max_size=40, unique=True), st.integers(-3, 3), STEPS)
def test_each_row_is_in_the_part_in_which_it_begins(
    times: list[int], shift: int, step: int
) -> None:
    """Half-open windows: a row at an edge is in the later part, rows outside are in none."""
    spans = [a_span(at, number) for number, at in enumerate(times)]
    length = 12_000 if step == 2_000 else 2 * HOUR
    whole = Slot(START + shift, START + shift + length)
    wanted = [span for span in spans if whole.holds(span["attributes"]["start_ns"])]
    if not wanted:
        wanted = [a_span(whole.start * _MS, 1_000)]
        spans += wanted
    with tempfile.TemporaryDirectory() as folder:
        exported(Path(folder), Here(recording(*spans)), whole, step)

        found = parts(Path(folder))
    assert by_text(row for part in found.values() for row in part) == by_text(wanted)
    for slot in slots(whole, step):
        own = [span for span in wanted if slot.holds(span["attributes"]["start_ns"])]
        assert by_text(found.get(f"spans-{slot.name}.jsonl", [])) == by_text(own)


def by_end(window: Window, span: RecordedSpan) -> bool:
    return window.holds((span.start_ns + span.duration) // _MS)


def rounded(window: Window, span: RecordedSpan) -> bool:
    return window.holds(round(span.start_ns / _MS))


def without_ends(window: Window, span: RecordedSpan) -> bool:
    return window.start < span.start < window.end


SERVERS = {"by the end of a span": by_end, "rounded": rounded, "without ends": without_ends}


class Elsewhere(Here):
    """A server whose windows are of another time than the start of a span."""

    def __init__(self, spans: list[Row], holds: Any) -> None:
        super().__init__(recorded(spans), rows=10_000, spoil=self._chosen)
        self.holds, self.received = holds, []

    def _chosen(self, call: Call, answer: Row) -> Row:
        window = Window(int(call.arguments["from"]), int(call.arguments["to"]))
        chosen = [s.row for s in self.router.recording.spans if self.holds(window, s)]
        self.received += chosen
        return {**answer, "data": chosen, "meta": {"page": None}}


@pytest.mark.parametrize("server", every(SERVERS, kept=["rounded"]))
@given(
    st.lists(
        st.tuples(TIMES, st.integers(0, 90)), min_size=1, max_size=30, unique_by=lambda t: t[0]
    )
)
def test_what_a_server_answers_elsewhere_is_kept_once(
    server: str, lasting: list[tuple[int, int]]
) -> None:
    """Rows of the range that came in any answer are there once, wherever they came."""
    spans = [
        a_span(at, number, duration=minutes * 60_000 * _MS)
        for number, (at, minutes) in enumerate(lasting)
    ]
    spans.append(a_span((START + HOUR) * _MS, 1_000, duration=_MS))
    whole = Slot(START, START + 2 * HOUR)
    caller = Elsewhere(spans, SERVERS[server])
    with tempfile.TemporaryDirectory() as folder:
        exported(Path(folder), caller, whole, HOUR // 2)
        again = exported(Path(folder), Elsewhere(spans, SERVERS[server]), whole, HOUR // 2)

        found = by_text(rows(Path(folder)))
        counted = again.manifest.rows["spans"]
    texts = {json.dumps(row, sort_keys=True) for row in caller.received}
    inside = {text for text in texts if whole.holds(json.loads(text)["attributes"]["start_ns"])}
    assert found == sorted(inside)
    assert counted == len(found)
    if server != "by the end of a span":
        assert found == by_text(s for s in spans if whole.holds(s["attributes"]["start_ns"]))


def test_a_row_without_a_time_is_kept_once(tmp_path: Path) -> None:
    """It belongs to no window; it stays in the part of the first answer that has it."""
    lost = a_span(0, 7, start_ns="soon")
    spans = [a_span((START + hour * HOUR) * _MS, hour) for hour in range(6)]

    def spoil(_: Call, answer: Row) -> Row:
        return {**answer, "data": [*answer["data"], lost, {"attributes": "none"}]}

    exported(tmp_path, Here(recorded(spans), rows=100, spoil=spoil))

    found = rows(tmp_path)
    assert by_text(found) == by_text([*spans, lost, {"attributes": "none"}])
