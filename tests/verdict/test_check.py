"""What the check accepts and refuses."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from session_classify.evidence.findings import collect
from session_classify.masks import Missing, MissingParts
from session_classify.model import Evaluation, Session
from session_classify.verdict.answer import Answer
from session_classify.verdict.check import check
from session_classify.verdict.finalize import VerdictContext, finalize
from session_classify.verdict.reconcile_rules import load_rules
from session_classify.verdict.unanswered import unanswered
from session_classify.verdicts import Refusal
from session_classify.vocabulary import FAILURE_CODES, Confidence, Satisfaction
from tests.conftest import ROOT
from tests.evidence.build import a_call, a_session, a_turn
from tests.situations import load, samples, situation


def a_ground(sample: dict[str, Any]) -> Session:
    """Return a session with a failed and a confirmed write, a claim and a gap.

    A sample may want an experiment's record, a user who was not content, or a turn whose request
    was lost: the last one (`missing`) or the first (`missing_first`), a write that `waits`, an
    `other` write beside them, or a go-ahead at its end (`last_word`).
    """
    error = "GraphInterrupt" if sample.get("waits") else None
    said = (Evaluation("thumbs", False, "s", explicit=True),) if sample.get("feedback") else ()
    return a_session(
        a_turn(
            None if sample.get("missing_first") else "Cancel A-1",
            "Done.",
            a_call("cancel_order", "write", "Error: closed", id="A-1"),
            a_call("cancel_order", "write", '{"id": "A-1"}', id="A-1"),
            *(
                [a_call("cancel_order", "write", '{"id": "A-7"}', id="A-7")]
                if sample.get("other")
                else []
            ),
            missing=lost(sample.get("missing_first")),
        ),
        a_turn(
            None if sample.get("missing", "media") != "media" else "And mail me",
            "I have emailed you.",
            *([a_call("send_mail", "write", None, error, to="me")] if error else []),
            truncated=True,
            expected_text=sample.get("expected"),
            evaluations=said,
            missing=lost(sample.get("missing")),
        ),
        *([a_turn(sample["last_word"], None, iterations=())] if "last_word" in sample else []),
    )


def lost(why: str | None) -> tuple[MissingParts, ...]:
    return (MissingParts(Missing(why), 1),) if why else ()


def refusals(sample: dict[str, Any]) -> tuple[Refusal, ...]:
    answer = msgspec.convert(sample["answer"], Answer)
    evidence = collect(a_ground(sample))
    shown = frozenset(sample.get("shown", [1, 2]))
    return finalize(answer, VerdictContext(evidence, shown, Confidence.HIGH, load_rules()))[1]


@pytest.mark.parametrize("sample", samples("check"))
def test_a_verdict_is_refused_for_its_reasons(sample: dict[str, Any]) -> None:
    """Each sample names every refusal that its answer deserves."""
    found = refusals(sample)

    assert sorted(refusal.id for refusal in found) == sample["refused"]
    assert all(refusal.message and refusal.fix for refusal in found)


def named_refusals() -> set[str]:
    """Return every refusal that the check can give, by its source."""
    sources = {function.__code__.co_filename for function in (check, unanswered)}
    text = "".join(Path(source).read_text(encoding="utf-8") for source in sources)
    found = set(re.findall(r'Refusal\(\s*"([a-z-]+)"', text))
    assert found
    return found


def test_every_refusal_has_a_situation_and_a_near_miss() -> None:
    """A refusal that no sample provokes, or narrowly avoids, is not known to draw its line."""
    provoked = {
        name
        for sample in load(situation("check-refused") / "situation.yaml")["samples"]
        for name in sample["refused"]
    }
    avoided = {
        sample["near"]
        for sample in load(situation("check-near-misses") / "situation.yaml")["samples"]
    }

    assert named_refusals() == provoked == avoided


def test_every_failure_code_has_a_situation_and_a_near_miss() -> None:
    """The vocabulary is walked: each code is taken with a negative, refused with a yes."""
    found = load(situation("check-codes") / "situation.yaml")["samples"]

    for code in FAILURE_CODES:
        told = [sample["refused"] for sample in found if sample["code"] == code]
        assert told == [[], ["yes-with-code"], ["code-unknown"]]


def test_the_reference_explains_every_word() -> None:
    """Each verdict, failure code and confidence level stands on the page a reader is given."""
    page = (ROOT / "references" / "verdicts.md").read_text(encoding="utf-8")

    assert all(f"**{verdict}**: " in page for verdict in Satisfaction)
    assert all(f"**{level}** " in page for level in Confidence)
    for code in FAILURE_CODES:
        row = next(line for line in page.splitlines() if line.startswith(f"| `{code}"))
        assert all(cell.strip() for cell in row.strip("|").split("|")), row
    assert page.count("\n") <= 200
