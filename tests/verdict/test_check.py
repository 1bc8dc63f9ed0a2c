"""What the check accepts and refuses."""

from typing import Any

import msgspec
import pytest

from session_classify.evidence.findings import collect
from session_classify.model import Session
from session_classify.verdict.answer import Answer, recorded
from session_classify.verdict.check import Refusal, check
from session_classify.vocabulary import Confidence
from tests.evidence.build import a_call, a_session, a_turn
from tests.situations import load, samples, situation


def a_ground(expected: str | None) -> Session:
    """Return a session with a failed and a confirmed write, a claim, a gap, perhaps a record."""
    return a_session(
        a_turn(
            "Cancel A-1",
            "Done.",
            a_call("cancel_order", "write", "Error: closed", id="A-1"),
            a_call("cancel_order", "write", '{"id": "A-1"}', id="A-1"),
        ),
        a_turn("And mail me", "I have emailed you.", truncated=True, expected_text=expected),
    )


def refusals(sample: dict[str, Any]) -> tuple[Refusal, ...]:
    answer = msgspec.convert(sample["answer"], Answer)
    evidence = collect(a_ground(sample.get("expected")))
    verdict = recorded(answer, evidence.session, Confidence.HIGH)
    return check(verdict, evidence, frozenset(sample.get("shown", [1, 2])))


@pytest.mark.parametrize("sample", samples("check"))
def test_a_verdict_is_refused_for_its_reasons(sample: dict[str, Any]) -> None:
    """Each sample names every refusal that its answer deserves."""
    found = refusals(sample)

    assert sorted(refusal.id for refusal in found) == sample["refused"]
    assert all(refusal.message and refusal.cure for refusal in found)


def test_every_refusal_has_a_situation() -> None:
    """A refusal that no situation provokes would be a refusal that nobody has seen."""
    seen = {
        name
        for sample in load(situation("check-refused") / "situation.yaml")["samples"]
        for name in sample["refused"]
    }
    source = check.__globals__["__file__"]
    with open(source, encoding="utf-8") as file:  # noqa: PTH123
        text = file.read()

    import re

    named = set(re.findall(r'Refusal\(\s*"([a-z-]+)"', text))
    assert named
    assert named == seen
