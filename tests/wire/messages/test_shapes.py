"""Messages of every published shape: what is said, called, answered, thought, shown, not read."""

from pathlib import Path
from typing import Any

import pytest

from session_classify.wire.messages.block_types import BLOCK_TYPES, Kind
from session_classify.wire.messages.decode import messages_of
from session_classify.wire.messages.detect import block_type
from session_classify.wire.messages.parts import Message
from tests.conftest import ROOT
from tests.situations import load, situations


def outline(message: Message) -> dict[str, Any]:
    """Return the parts of a message that are there."""
    found = {
        "role": message.role,
        "text": message.text,
        "calls": [[call.name, call.arguments, call.tool_id] for call in message.calls],
        "results": [
            [result.name, result.text, result.tool_id, *(["error"] if result.is_error else [])]
            for result in message.results
        ],
        "reasoning": message.reasoning,
        "media": list(message.media),
        "unknown": list(message.unknown),
    }
    return {key: value for key, value in found.items() if value not in ("", [])}


@pytest.mark.parametrize("folder", situations("shape"))
def test_a_message_is_read_in_the_shape_of_its_library(folder: Path) -> None:
    """Each recorded message gives the parts that its situation expects."""
    for message in load(folder / "situation.yaml")["messages"]:
        assert [outline(one) for one in messages_of(message["recorded"])] == message["read"]


def test_every_type_of_the_table_is_read_and_cites_a_section() -> None:
    """A row without a section behind it, or that nothing reaches, is a mistake."""
    page = (ROOT / "references" / "sources" / "messages.md").read_text(encoding="utf-8")
    headings = [line[3:] for line in page.splitlines() if line.startswith("## ")]
    anchors = {heading.lower().replace(" ", "-") for heading in headings}

    for name, row in BLOCK_TYPES.items():
        path, _, anchor = row.source.partition("#")
        assert path == "references/sources/messages.md"
        assert anchor in anchors, name
        assert block_type({"type": name}) == (row, {"type": name})


def test_a_part_that_says_nothing_is_no_unknown_one() -> None:
    """Marks and steps of a library are known: they are neither shown nor counted."""
    silent = [name for name, row in BLOCK_TYPES.items() if row.kind is Kind.SILENT]
    message = {"role": "assistant", "content": [{"type": name} for name in silent]}

    assert [outline(one) for one in messages_of(message)] == [{"role": "assistant"}]
