"""Names of actions out of RUM answers of any shape."""

from pathlib import Path

import pytest

from session_classify.errors import UnusableInputError
from session_classify.profiles.action_names import action_names
from session_classify.wire.answers.envelope import open_envelopes
from tests.situations import load, situations


@pytest.mark.parametrize("folder", situations("seen"))
def test_every_action_is_counted_once(folder: Path) -> None:
    """Tables, events and counts tell the same: which actions were sent, and how often."""
    files = sorted(path for path in folder.iterdir() if path.name != "situation.yaml")
    payloads = [one for path in files for one in open_envelopes(path.read_bytes(), path.name)]

    assert action_names(payloads) == load(folder / "situation.yaml")["names"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        pytest.param(b"timestamp\tview_url\n1\t2\n", "no column @action.name", id="no-names"),
        pytest.param(b"hello", "no column @action.name", id="text"),
        pytest.param(b'{"iterations": []}', "agent loop", id="a-loop"),
        pytest.param(
            b'{"data": {"buckets": [{"by": {"@session.id": "s"}, "computes": {"c0": 1}}]}}',
            "counts by @session.id",
            id="counts-of-sessions",
        ),
        pytest.param(
            b'{"data": [{"type": "rum", "attributes": {"attributes": {"action": 3}}}]}',
            "event 1",
            id="an-odd-event",
        ),
    ],
)
def test_an_answer_without_actions_says_what_was_expected(data: bytes, told: str) -> None:
    """Anything else is refused with its file and what it holds."""
    with pytest.raises(UnusableInputError, match=f"(?s)some.json.*{told}"):
        action_names(open_envelopes(data, "some.json"))
