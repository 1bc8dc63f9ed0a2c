"""From a reader's answer to the verdict as it is recorded."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from session_classify import __version__
from session_classify.evidence.findings import Evidence, collect
from session_classify.model import Iteration
from session_classify.verdict.answer import Answer, AnswerFailure, recorded
from session_classify.verdict.finalize import VerdictContext, finalize
from session_classify.verdict.intents import last_intent
from session_classify.verdict.reconcile import BREACH
from session_classify.verdict.reconcile_rules import load_rules
from session_classify.verdicts import Failure, Verdict
from session_classify.vocabulary import Confidence, Satisfaction
from tests.evidence.build import a_session, a_turn
from tests.verdict.test_rules_only import SENT, thumbs

NO, PARTIAL, YES = Satisfaction.NO, Satisfaction.PARTIAL, Satisfaction.YES
CLOSED = AnswerFailure("other", "the order was closed")


def a_session_of(feedback: bool | None = None, turns: int = 1) -> Evidence:
    """Return turns with a confirmed write each, the last one with feedback."""
    said = () if feedback is None else thumbs(feedback)
    return collect(
        a_session(
            *(
                a_turn("Send it", "Ok", SENT, evaluations=said if number == turns else ())
                for number in range(1, turns + 1)
            )
        )
    )


def finalized(answer: Answer, evidence: Evidence, shown: int = 99) -> tuple[Verdict, list[str]]:
    """Return the verdict, and each refusal with its message and its way out."""
    ground = VerdictContext(evidence, frozenset(range(1, shown + 1)), Confidence.HIGH, load_rules())
    verdict, refused = finalize(answer, ground)
    return verdict, [f"{one.id}: {one.message}; {one.fix}" for one in refused]


def test_all_that_a_reader_says_is_recorded() -> None:
    """Each field of the answer has its place in the verdict, and the unit is named."""
    answer = Answer(
        PARTIAL, " Half of it. ", (CLOSED,), cite=("write1",), confirm=("claim1",),
        dismiss={"gap1": "not needed"}, breach={"write1": " rule 2 "}, sure=Confidence.LOW,
        note=("one", "two"), intent="to send it", did=("sent it",), rum_says="they left",
        feedback_why="too slow", final=NO,
    )  # fmt: skip
    session = a_session_of().session

    assert recorded(answer, session, Confidence.MEDIUM) == Verdict(
        verdict=NO, trace_verdict=PARTIAL, reconciled=PARTIAL, reason="Half of it.",
        failures=(Failure("other", "the order was closed"),), confidence=Confidence.MEDIUM,
        cited=("write1",), confirmed=("claim1",), dismissed={"gap1": "not needed"},
        breaches={"write1": "rule 2"}, sure=Confidence.LOW, notes=("one", "two"),
        intent="to send it", did=("sent it",), rum_says="they left", feedback_why="too slow",
        unit=session.unit, id=session.id, version=__version__,
    )  # fmt: skip
    assert recorded(replace(answer, final=None), session, Confidence.HIGH).verdict is PARTIAL


def test_a_move_adds_its_code_where_the_reader_gave_none() -> None:
    """And a reader's own code stays; a `yes` that stays has none."""
    told = a_session_of(feedback=False)
    satisfied = Answer(YES, "It was sent.", cite=("write1",))
    half = Answer(PARTIAL, "Half of it.", (CLOSED,), cite=("write1",))

    moved, _ = finalized(satisfied, told)
    stayed, _ = finalized(satisfied, a_session_of())
    lower, _ = finalized(half, told)

    assert (moved.verdict, moved.reconciled, moved.trace_verdict) == (NO, NO, YES)
    assert [one.code for one in moved.failures] == ["other"]
    assert [move.findings for move in moved.moves] == [("feedback1",)]
    assert (stayed.verdict, stayed.failures, stayed.moves) == (YES, (), ())
    assert stayed.confidence is Confidence.HIGH
    assert (lower.verdict, lower.failures) == (NO, (Failure("other", CLOSED.why),))


def test_a_final_verdict_of_the_reader_stands_with_the_readers_codes() -> None:
    """The rules' own verdict stays beside it."""
    answer = Answer(YES, "It was sent.", cite=("feedback1",), final=PARTIAL, failures=(CLOSED,))

    verdict, _ = finalized(answer, a_session_of(feedback=False))

    assert (verdict.verdict, verdict.reconciled) == (PARTIAL, NO)
    assert verdict.failures == (Failure("other", CLOSED.why),)


UNSHOWN = Answer(YES, "It was sent.", cite=("write1",), final=PARTIAL, failures=(CLOSED,))
FINALS = {
    "over a no": (
        Answer(NO, "It failed.", (CLOSED,), cite=("write1",), final=PARTIAL),
        True,
        (
            "final-over-no: --final partial over a `no` of conversation and ledger; behaviour "
            "never makes a `no` better; when the `no` is wrong, change --verdict"
        ),
    ),
    "without what moved it": (
        UNSHOWN,
        False,
        (
            "final-without-evidence: --final partial differs from what the rules make of it, no, "
            "and cites nothing that moved it; --cite feedback1, or change --verdict"
        ),
    ),
    "where nothing moved it": (
        UNSHOWN,
        True,
        (
            "final-without-evidence: --final partial differs from what the rules make of it, yes, "
            "and cites no behaviour, audit or feedback; --cite feedback1, or change --verdict"
        ),
    ),
    "where nobody did anything": (
        UNSHOWN,
        None,
        (
            "final-without-evidence: --final partial differs from what the rules make of it, yes, "
            "and cites no behaviour, audit or feedback; there is none in this case: "
            "say it with --verdict"
        ),
    ),
    "as the rules say": (
        Answer(YES, "It was sent.", cite=("write1",), final=NO, failures=(CLOSED,)),
        False,
        "",
    ),
    "with feedback that moves nothing": (
        Answer(YES, "It was.", cite=("feedback1",), final=PARTIAL, failures=(CLOSED,)),
        True,
        "",
    ),
}


@pytest.mark.parametrize("name", FINALS)
def test_a_final_verdict_needs_what_the_rules_do_not_see(name: str) -> None:
    """It cites behaviour, audit or feedback, or it is refused with a way out."""
    answer, feedback, refused = FINALS[name]

    _, found = finalized(answer, a_session_of(feedback))

    assert [one for one in found if one.startswith("final")] == ([refused] if refused else [])


@pytest.mark.parametrize(
    ("turns", "shown", "named"),
    [
        (2, 2, None),
        (2, 1, "turn 2 was never shown; read it first: show CASE turn 2"),
        (9, 1, "turn 2, 3, 4, 5, 6, 7, 8, 9 was never shown; read it first: show CASE turn 2"),
        (
            11,
            1,
            (
                "turn 2, 3, 4, 5, 6, 7, 8, 9 and 2 more was never shown; read it first: "
                "show CASE turn 2"
            ),
        ),
    ],
)
def test_turns_that_were_not_shown_are_named(turns: int, shown: int, named: str | None) -> None:
    """Eight of them, and how many more."""
    answer = Answer(YES, "It was sent.", cite=("write1",))

    _, found = finalized(answer, a_session_of(turns=turns), shown)

    assert found == ([f"turn-unread: {named}"] if named else [])


@pytest.mark.parametrize("option", ["cite", "confirm", "dismiss", "breach"])
def test_an_unknown_id_is_named_with_its_option(option: str) -> None:
    """Whichever option named it."""
    given: dict[str, Any] = {"cite": ["write1"]}
    given[option] = {"write7": "why"} if option in ("dismiss", "breach") else ["write7"]
    answer = msgspec.convert({"verdict": "yes", "reason": "It was sent.", **given}, Answer)

    _, found = finalized(answer, a_session_of())

    assert [one for one in found if one.startswith("id-unknown")] == [
        f"id-unknown: --{option} 'write7' is not in this case; there are turn1, tool1, write1"
    ]


@pytest.mark.parametrize(
    ("name", "is_act"), [("turn1", True), ("tool1", True), ("write1", True), ("feedback1", False)]
)
def test_a_breach_is_an_act(name: str, is_act: bool) -> None:
    """Of the assistant: what the user said is none."""
    answer = Answer(YES, "It was sent.", cite=("write1",), breach={name: "rule 2"})

    verdict, found = finalized(answer, a_session_of(feedback=True))

    assert found == (
        []
        if is_act
        else [
            (
                "breach-no-act: feedback1 is no act of the assistant; give the write, call or turn "
                "by which it broke a rule"
            )
        ]
    )
    assert verdict.breaches == {name: "rule 2"}


def test_a_rule_of_a_team_may_count_a_breach() -> None:
    """A breach is a finding of tier A for the rules, with the reader's words."""
    told = {rule.name: rule for rule in load_rules()}
    (name,) = [name for name, rule in told.items() if rule.when.rule == (BREACH,)]
    told[name] = replace(told[name], move={YES: NO}, failure="other")
    answer = Answer(YES, "It was sent.", cite=("write1",), breach={"write1": "rule 2"})
    ground = VerdictContext(a_session_of(), frozenset({1}), Confidence.HIGH, tuple(told.values()))

    verdict, _ = finalize(answer, ground)

    (move,) = verdict.moves
    assert (verdict.verdict, move.findings) == (NO, ("write1",))


def test_thanks_are_no_intent() -> None:
    """The last turn with a model call counts, and the last turn of all where there is none."""
    asked = a_turn("Send it", "Ok", iterations=(Iteration(1, "s", "", ()),))
    thanks = a_turn("Thanks", None, iterations=())

    assert last_intent(a_session(asked, asked, thanks)) == 2
    assert last_intent(a_session(thanks, thanks)) == 2
