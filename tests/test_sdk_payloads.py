"""What real SDKs sent, playing one fixed script, gives what the script did.

Each payload plays the same conversation against a scripted model, so the truth is known: turns,
calls with their arguments and outcomes, answers, and what the facts alone make of it.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from session_classify.backends.files import open_files
from session_classify.evidence.findings import Evidence
from session_classify.gathering.gather import gather
from session_classify.verdict.rules_only import rules_only
from session_classify.vocabulary import Unit

NAMES = """anthropic anthropic-bare-think anthropic-stream bedrock bedrock-stream claude-sdk crewai
crewai-bare genai genai-auto genai-auto-bare genai-auto-raise genai-stream google-adk
google-adk-noroot langchain langchain-bare langgraph langgraph-bare langgraph-decor langgraph-raise
langgraph06 litellm litellm-stream llama-index llama-index-stream mcp mcp1-par mcp1-perturn
openai-agents openai-agents-noroot openai-agents-raise openai-agents-triage openai-chat
openai-chat-bare openai-chat-decor openai-chat-noroot openai-chat-stream openai-responses
openai-responses-bare-only openai-responses-prev-bare par-anthropic par-bedrock par-crewai par-genai
par-genai-raise par-google-adk par-langchain par-langgraph-soft par-litellm par-openai-agents
par-openai-chat par-openai-chat-tools par-openai-responses par-pydantic-ai pydantic-ai
pydantic-ai-raise""".split()

FAILING: dict[str, str] = {}
"""Payloads that are still read wrong, and why; one that is read right has to leave the table."""

_CANCEL = ("cancel_parcel", {"parcel_id": "PX-83", "reason": "customer request"}, "failed")
_ADDRESS = "12 Harbour Street, Bristol"
_UPDATE = ("update_parcel", {"parcel_id": "PX-84", "address": _ADDRESS}, "confirmed")
_HANDOVER = ("handover_to_human", {"reason": "refund for PX-80"}, "confirmed")
_REFUND = ("issue_refund", {"parcel_id": "PX-80", "amount": 18.5}, "confirmed")
_TO_REFUNDS = ("transfer_to_refund_agent", {}, "confirmed")
_TO_PARCELS = ("transfer_to_parcel_agent", {}, "confirmed")
_LOOK = ("get_parcel", {"parcel_id": "PX-83"}, "confirmed")

Call = tuple[str, dict[str, Any], str]


@dataclass(frozen=True, slots=True)
class Truth:
    """What the script did: requests, calls with arguments and outcome, answers, and the verdict."""

    asked: tuple[str, ...]
    calls: tuple[tuple[Call, ...], ...]
    answered: tuple[str, ...]
    verdict: str


def script(refund: Call, third: str) -> Truth:
    """Return the truth of the script of four turns, which end the refund in different ways."""
    return Truth(
        (
            "Please cancel my parcel PX-83, I ordered it by mistake.",
            f"OK. And please change the address of PX-84 to {_ADDRESS}.",
            "I also want a refund for PX-80, it arrived broken.",
            "Great, thanks!",
        ),
        ((_LOOK, _CANCEL), (_UPDATE,), (refund,), ()),
        (
            "Parcel PX-83 has been cancelled. You will get a confirmation by mail.",
            f"Done. I updated the address of PX-84 to {_ADDRESS}.",
            third,
            "You are welcome! Is there anything else?",
        ),
        "no",
    )


def parallel(second: str, verdict: str) -> Truth:
    """Return the truth of the script of two parallel calls; the second one ended as told."""

    def cancel(parcel: str, outcome: str) -> Call:
        return "cancel_parcel", {"parcel_id": parcel, "reason": "customer request"}, outcome

    return Truth(
        ("Please cancel my parcels PX-90 and PX-91.", "Great, thanks!"),
        ((cancel("PX-90", "failed"), cancel("PX-91", second)), ()),
        (
            "PX-91 is cancelled. PX-90 could not be cancelled, because the courier has it already.",
            "You are welcome! Is there anything else?",
        ),
        verdict,
    )


_PASSED = (
    "I have passed your refund request for PX-80 to a colleague, who will answer within one "
    "working day."
)
HANDED_OVER = script(_HANDOVER, _PASSED)
TRANSFERRED = script(_TO_REFUNDS, _PASSED)
APPROVED = script(_REFUND, "The refund of 18.50 GBP for PX-80 has been approved and issued.")
TRIAGE = Truth(
    (f"Please change the address of PX-84 to {_ADDRESS}.", "Great, thanks!"),
    ((_TO_PARCELS, _UPDATE), ()),
    (HANDED_OVER.answered[1], HANDED_OVER.answered[3]),
    "yes",
)


def truth(name: str) -> Truth:
    """Return what a payload has to give. Both cancels of mcp1-par failed in the recording."""
    if name == "mcp1-par":
        return parallel("failed", "no")
    if name.startswith("par-"):
        return parallel("confirmed", "partial")
    if name == "openai-agents-triage":
        return TRIAGE
    if name.startswith("openai-agents"):
        return TRANSFERRED
    return APPROVED if name.startswith(("langchain", "langgraph")) else HANDED_OVER


def payload(name: str) -> Any:
    """Return a payload as a parameter; one of the table must fail, so that it gets emptied."""
    why = FAILING.get(name)
    marks = [pytest.mark.xfail(reason=why, strict=True)] if why else []
    return pytest.param(name, marks=marks, id=name)


def session_id(name: str, text: str) -> str:
    """Return the id that a payload's spans carry: the root's, or the one that is there at all."""
    own = f"sess-{name}"
    return own if own in text else str(re.findall(r'"session_id":\s*"([\w-]+)"', text)[0])


def outline(evidence: Evidence) -> Truth:
    """Return what was read, in the form of the truth."""
    ended = {reading.call.id: reading.outcome.value for reading in evidence.readings}
    turns = evidence.session.turns
    return Truth(
        tuple(turn.user_text or "" for turn in turns),
        tuple(
            tuple(
                (call.name.removeprefix("mcp__parcels__"), call.arguments, ended[call.id])
                for call in turn.tool_calls
            )
            for turn in turns
        ),
        tuple(turn.final_text or "" for turn in turns),
        rules_only(evidence, ()).verdict.value,
    )


@pytest.mark.parametrize("name", [payload(name) for name in NAMES])
def test_a_payload_gives_what_the_script_did(name: str, shared_data: Path, tmp_path: Path) -> None:
    """Turns, calls, outcomes, answers and verdict are those of the script, whatever the library."""
    path = shared_data / "sdk" / f"{name}.json"
    backend = open_files((str(path),))

    _, evidence = gather(backend, Unit.SESSION, session_id(name, path.read_text()), tmp_path / "c")

    assert outline(evidence) == truth(name)
    assert [f.id for f in evidence.findings if f.id.startswith(("ungrounded", "gap"))] == []
    assert [turn.unknown for turn in evidence.session.turns if turn.unknown] == []


def test_every_payload_is_looked_at(shared_data: Path) -> None:
    """A payload that is added to the folder is added to the list."""
    there = {path.stem for path in (shared_data / "sdk").glob("*.json")}

    assert there == set(NAMES) >= set(FAILING)
