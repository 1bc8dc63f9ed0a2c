"""Rows of RUM and of the audit trail as recordings show them."""

import json
from typing import Any

import pytest

from session_classify.events import AuditEvent, Times
from session_classify.evidence.audit.context import AuditContext
from session_classify.instants import any_instant
from session_classify.model import Identity
from session_classify.wire.audit import read_audit
from session_classify.wire.rum.events import read_rum
from tests.situations import load, situation

AT = "2026-11-20T10:00:00Z"
TIMES = Times(any_instant(AT), any_instant(AT))


def listed(name: str) -> list[dict[str, Any]]:
    """Return the samples of one of the situations `recorded-*`."""
    found: list[dict[str, Any]] = load(situation(f"recorded-{name}") / "situation.yaml")[name]
    assert found
    return found


def an_audit_event(**fields: Any) -> AuditEvent:
    """Return the event of a row with these fields."""
    row = {"id": "a-1", "attributes": {"timestamp": AT, "attributes": fields}}
    read = read_audit([json.dumps(row).encode()], "rows")
    assert not read.unreadable
    return read.events[0]


@pytest.mark.parametrize("sample", listed("hands"), ids=str)
def test_a_row_tells_automation_from_a_persons_hand(sample: dict[str, Any]) -> None:
    """Keys, programs and service accounts act in a person's name; a browser session is a hand."""
    assert an_audit_event(**sample["row"]).automation == sample["automation"]


@pytest.mark.parametrize("sample", listed("identities"), ids=str)
def test_ids_of_other_namespaces_make_nobody_another_user(sample: dict[str, Any]) -> None:
    """E-mails, numbers and uuids are compared with their like alone; otherwise it is not known."""
    own = sample["session"]
    identity = Identity(user_handle=own.get("handle", ""), usr_id=own.get("usr_id", ""))

    same = AuditContext(TIMES, identity).is_user(an_audit_event(usr=sample["row"]))

    assert same is sample["same"]


@pytest.mark.parametrize("sample", listed("words"), ids=str)
def test_an_action_word_means_something_or_is_not_understood(sample: dict[str, Any]) -> None:
    """The list of actions is open: a word that nobody knows is told, not taken for silence."""
    event = an_audit_event(action=sample["action"], asset={"type": "app", "id": "1"})

    assert event.is_history is (sample["means"] in ("create", "modify", "delete"))
    assert event.is_not_understood is (sample["means"] == "not understood")


@pytest.mark.parametrize("sample", listed("events"), ids=str)
def test_no_rum_row_is_lost_for_the_type_of_a_field(sample: dict[str, Any]) -> None:
    """An action without a name has its target's, or its type; odd users have what can be read."""
    row = {
        "id": "r-1",
        "type": "rum",
        "attributes": {"timestamp": AT, "attributes": sample["fields"]},
    }

    (answer,) = read_rum(json.dumps({"data": [row]}).encode(), "rows")

    assert not answer.unreadable
    (event,) = answer.events
    assert (event.name, event.user_id) == (sample["name"], sample["user"])
