"""Whether a later write made a failed one good."""

from typing import Any

import pytest

from session_classify.evidence.findings import collect
from tests.evidence.build import a_call, a_session, a_turn
from tests.situations import samples

KINDS = {"get_order": "read", "list_orders": "read"}


@pytest.mark.parametrize("sample", samples("mended"))
def test_a_failed_write_is_made_good_by_the_same_act_alone(sample: dict[str, Any]) -> None:
    """The same tool on the same target, or on the one that a mistyped id meant."""
    calls = [
        a_call(name, KINDS.get(name, "write"), result, **arguments)
        for name, arguments, result in sample["calls"]
    ]
    evidence = collect(a_session(a_turn(sample.get("user", "Do it"), "Ok", *calls)))

    failed = next(write for write in evidence.writes if write.failed)

    assert bool(evidence.made_good(failed)) is sample["made_good"]
