"""What users did, as rows of RUM, moves the verdict on the conversation."""

import pytest

from session_classify.evidence.rum.findings import with_behaviour
from session_classify.verdict.reconcile import Answers, reconcile
from session_classify.verdict.reconcile_rules import load_rules
from session_classify.vocabulary import Satisfaction
from tests.evidence.rum.test_findings import observed
from tests.situations import load, situation

RULES = load_rules()


@pytest.mark.parametrize(
    ("name", "before", "expected"),
    [
        ("stream-aborted", "yes", "no abandoned"),
        ("abort-then-another-turn", "yes", "partial other-negative"),
        ("abort-after-the-answer", "yes", "yes"),
        ("closed-mid-stream", "partial", "no abandoned"),
        ("closed-and-open-again", "partial", "partial"),
        ("plan-rejected", "yes", "no plan-rejected"),
        ("client-tool-error", "yes", "partial client-tool-failed"),
        ("exact-asset-used", "partial", "yes exact-asset-used"),
        ("exact-asset-used", "no", "no"),
        ("asset-id-is-a-prefix", "partial", "partial"),
        ("artifact-action", "partial", "partial"),
        ("feedback-incorrect-result", "yes", "no feedback-incorrect-result"),
        ("feedback-correct-but-incomplete", "yes", "partial feedback-correct-but-incomplete"),
        ("feedback-details-quote-another-reason", "yes", "no feedback-incorrect-result"),
        ("feedback-on-an-earlier-turn", "yes", "partial feedback-negative-earlier"),
        ("feedback-after-another-message", "yes", "yes"),
        ("short-dwell", "yes", "yes"),
        ("external-help", "yes", "yes"),
        ("reject-and-gone", "yes", "yes"),
    ],
)
def test_behaviour_moves_a_verdict_by_the_rules(name: str, before: str, expected: str) -> None:
    """Tier A and feedback move it as the architecture says; near misses and tier B never do."""
    found = observed(load(situation(f"rum-{name}") / "situation.yaml"))

    last = found.behaviour.session.turns[-1].number
    done = reconcile(Satisfaction(before), found.findings, Answers(), RULES, last)

    assert " ".join([done.final, *(move.rule for move in done.moves)]) == expected


def test_findings_stay_in_the_order_of_their_kinds() -> None:
    """What was found before keeps its place and id, and behaviour comes after it."""
    found = observed(load(situation("rum-sends-after-feedback") / "situation.yaml"))

    again = with_behaviour(found.findings[:1], found.behaviour)

    assert [f.id for f in again] == ["feedback1", "rum1", "rum2"]
