"""The shipped profile of the Datadog assistant on its published actions."""

import json
from typing import Any

import pytest

from session_classify.events import Times
from session_classify.evidence.rum.findings import naming, observe
from session_classify.evidence.rum.timeline import timeline
from session_classify.instants import any_instant
from session_classify.profiles.load import load_profile
from session_classify.resources import resource
from session_classify.wire.rum.events import read_rum
from session_classify.wire.rum.pages import joined
from tests.evidence.rum.test_findings import told
from tests.rum_rows import a_rum_session, rum_rows
from tests.situations import load, situation

ASSISTANT = load_profile(resource("references", "apps", "bits-assistant.yaml"))
AT = any_instant("2026-11-20T05:09:00Z")


def listed(name: str) -> list[dict[str, Any]]:
    """Return the samples of one of the situations `assistant-*`."""
    found: list[dict[str, Any]] = load(situation(f"assistant-{name}") / "situation.yaml")[name]
    assert found
    return found


@pytest.mark.parametrize("sample", listed("actions"), ids=str)
def test_an_action_counts_as_its_payload_says(sample: dict[str, Any]) -> None:
    """Each published action has a meaning; names that are near to one have none."""
    event = {"at": 30, "action": sample["name"], "context": sample.get("context", {})}
    row = json.dumps(rum_rows({"events": [event]})[0]).encode()

    seen = timeline(read_rum(row, "rows")[0].events, Times(AT, AT), ASSISTANT)

    (found,) = seen.events
    rule = found.rule
    assert (f"{rule.category} {rule.tier} {rule.direction}" if rule else "") == sample["is"]


@pytest.mark.parametrize("name", sorted({s["name"] for s in listed("actions") if s["is"]}))
def test_a_name_that_goes_on_is_another(name: str) -> None:
    """The profile's names are whole: a published name with a tail has no meaning of its own."""
    row = json.dumps(rum_rows({"events": [{"at": 30, "action": f"{name}ish"}]})[0]).encode()

    seen = timeline(read_rum(row, "rows")[0].events, Times(AT, AT), ASSISTANT)

    assert [event.rule for event in seen.events] == [None]


def test_every_rule_of_the_profile_has_a_sample() -> None:
    """A rule that no sample reaches is not known to be reached."""
    samples = {(s["name"], json.dumps(s.get("context", {}))) for s in listed("actions")}
    names = {name for name, _ in samples}

    own = [r.name for r in ASSISTANT.actions if "*" not in r.name and not r.name.startswith("ai-")]

    assert [name for name in own if name not in names and name != "stop"] == []


@pytest.mark.parametrize("sample", listed("sessions"), ids=lambda sample: sample["is"])
def test_what_a_user_did_gives_the_findings_that_it_shows(sample: dict[str, Any]) -> None:
    """Acts of the app are no acts of the user, and one act under two names is one."""
    turns = sample.get("turns") or [{"answer": sample.get("answer", "Done.")}]
    given = {**sample, "turns": turns}
    lines = "\n".join(json.dumps(row) for row in rum_rows(given)).encode()

    found = observe(a_rum_session(given), joined(read_rum(lines, "rum.jsonl")), ASSISTANT)

    assert sorted(map(told, found.findings)) == sorted(sample["expect"])
    assert sample.get("says", "") in " ".join(finding.summary for finding in found.findings)


def test_the_queries_ask_for_what_the_rules_need() -> None:
    """Clicks that count are no custom actions, and payload fields come only when asked for."""
    asked = naming(ASSISTANT)

    assert "click on Bad response" in asked.clicks
    assert {"interaction", "reason", "status", "toolCallId", "path"} <= set(asked.fields)
