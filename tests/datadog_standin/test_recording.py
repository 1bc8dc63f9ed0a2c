"""Bundles as they are read for serving."""

import codecs
import json
from pathlib import Path

import pytest

from datadog_standin.bundles import Row, StartError
from datadog_standin.recording import read_recording, recorded
from tests.cli.run import a_bundle
from tests.datadog_standin.made_up import AUDIT, RUM, SPANS, a_span


def test_several_bundles_are_one_recording(tmp_path: Path) -> None:
    """Rows of all of them are in time order, whatever the order of files and lines."""
    first = a_bundle(tmp_path / "a", SPANS[5:])
    a_bundle(first, RUM[::-1], "rum.jsonl")
    second = a_bundle(tmp_path / "b", SPANS[:5])
    a_bundle(second, AUDIT, "audit.jsonl")

    found = read_recording([first, second])

    assert [span.row for span in found.spans] == [SPANS[-1], *SPANS[:-1]]
    assert [event.row for event in found.rum] == RUM
    assert [event.row for event in found.audit] == AUDIT[::-1]
    assert found.unreadable == ()


def test_of_repeated_rows_the_last_counts() -> None:
    """Pages that overlap repeat a row; a span is served once."""
    later = a_span("r1", "t1", "undefined", "agent", 30, name="later")

    found = recorded([*SPANS, later])

    assert len(found.spans) == len(SPANS)
    assert found.span("t1", "r1") is not None
    assert [span.name for span in found.trace("t1") if span.span_id == "r1"] == ["later"]


def test_a_trace_is_found_by_either_way_to_write_its_id() -> None:
    """The same id in hex and in decimal is one trace."""
    hexed = "6affd5e4000000005dc53f0866c27aee"
    found = recorded([a_span("r", hexed, "undefined", "agent", 1)])

    assert len(found.trace(str(int(hexed, 16)))) == len(found.trace(hexed.upper())) == 1


@pytest.mark.parametrize(
    ("row", "told"),
    [
        pytest.param(b"{", "spans.jsonl:2 is left out: not JSON", id="not-json"),
        pytest.param(b"[1]", "spans.jsonl:2 is left out: no object", id="no-object"),
        pytest.param(b"[" * 99_999, "spans.jsonl:2 is left out: not JSON", id="nested"),
        pytest.param({"attributes": {"span_id": "x"}}, "span row x is left out", id="no-trace"),
        pytest.param({"attributes": None}, "span row (no id) is left out", id="no-attributes"),
    ],
)
def test_a_row_that_cannot_be_used_is_left_out(tmp_path: Path, row: Row, told: str) -> None:
    """It is told with file and line or with its id, and the others are there."""
    first = codecs.BOM_UTF8 + json.dumps(SPANS[0]).encode()

    found = read_recording([a_bundle(tmp_path, [first, row])])

    assert len(found.spans) == 1
    assert told in found.unreadable[0]


def test_a_path_that_is_no_bundle_is_refused(tmp_path: Path) -> None:
    """A folder without span rows says what was expected."""
    with pytest.raises(StartError, match=r"spans\.jsonl"):
        read_recording([tmp_path])
