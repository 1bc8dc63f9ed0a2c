"""What a list named and nobody opened."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from session_classify.evidence.conversation.unopened import unopened_ids
from session_classify.evidence.findings import collect
from session_classify.model import ToolDefinition
from tests.evidence.build import a_call, a_session, a_turn
from tests.situations import samples


@pytest.mark.parametrize("sample", samples("listed"))
def test_a_listed_id_that_was_not_opened_is_told(sample: dict[str, Any]) -> None:
    """Where such ids are opened one by one: other lists of ids are data."""
    listing = a_call("list_all", "read", json.dumps(sample["list"]), of="mine")
    opening = [
        a_call("look", "read", json.dumps({"name": "it"}), **{sample["argument"]: key})
        for key in sample["opened"]
    ]
    tools = tuple(ToolDefinition(name) for name in sample.get("tools", ()))
    session = replace(a_session(a_turn("Mine?", "Ok", listing, *opening)), tools=tools)

    found = unopened_ids(session, collect(session).readings)

    assert [key for one in found for key in one.ids] == sample["left"]
