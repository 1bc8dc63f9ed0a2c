"""Gaps, evaluations and feedback."""

from typing import Any

import pytest
from msgspec.structs import replace

from session_classify.evidence.conversation.gaps import rum_coverage
from session_classify.evidence.findings import collect
from session_classify.masks import Missing, MissingParts
from session_classify.model import Evaluation, Turn
from session_classify.vocabulary import ContentSource
from tests.evidence.build import a_session, a_turn


def rules(turn: Turn, kind: str) -> list[str]:
    found = collect(a_session(turn)).findings
    return [f"{f.rule} {f.direction}" for f in found if f.id.startswith(kind)]


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        pytest.param(a_turn("Bye", None, iterations=()), [], id="closing-turn"),
        pytest.param(a_turn("Hi", "Hello"), [], id="whole-turn"),
        pytest.param(a_turn("Hi", None), ["answer-missing neutral"], id="no-answer"),
        pytest.param(a_turn(None, "Hi"), ["user-text-missing neutral"], id="no-user-text"),
        pytest.param(
            a_turn("Hi", "1, 2", truncated=True), ["answer-truncated neutral"], id="cut-answer"
        ),
        pytest.param(
            a_turn("[image]\n[image]", "Hi", media=("[image]", "[image]")),
            ["content-not-readable neutral"],
            id="picture-alone",
        ),
        pytest.param(
            a_turn("Hi", "[file a.pdf]", media=("[file a.pdf]",)),
            ["content-not-readable neutral"],
            id="file-alone",
        ),
        pytest.param(
            a_turn("[image]\nWhat is it?", "A cat", media=("[image]",)), [], id="picture-and-text"
        ),
        pytest.param(a_turn("[image]", "Which one?"), [], id="words-in-brackets"),
        pytest.param(a_turn(None, None, masked=True), ["content-masked neutral"], id="all-masked"),
        pytest.param(
            a_turn("Hi", None, masked=True), ["content-partly-masked neutral"], id="part-masked"
        ),
    ],
)
def test_a_gap_is_what_was_not_recorded(turn: Turn, expected: list[str]) -> None:
    """Only missing content is a gap, and no gap speaks against the assistant."""
    assert rules(turn, "gap") == expected


@pytest.mark.parametrize(
    ("user", "answer", "why", "expected"),
    [
        (None, None, "dropped", "content-dropped"),
        (None, None, "unserializable", "content-unserializable"),
        ("Hi", None, "dropped", "content-partly-dropped"),
        (None, "Hello", "unserializable", "content-partly-unserializable"),
        ("Hi", "Hello", "dropped", "content-partly-dropped"),
        ("Hi", "Hello", "masked", "content-partly-masked"),
        ("Hi", "Hello", "media", None),
        ("Hi", "Hello", "unknown", None),
    ],
)
def test_what_stands_in_place_of_content_is_a_gap(
    user: str | None, answer: str | None, why: str, expected: str | None
) -> None:
    """The gap says why the content is not there; what is named, such as a picture, is none."""
    turn = a_turn(user, answer, missing=(MissingParts(Missing(why), 1),))

    assert rules(turn, "gap") == ([f"{expected} neutral"] if expected else [])


def test_a_turn_of_structure_alone_is_a_gap() -> None:
    """Where no text was recorded, the finding says so."""
    turn = replace(a_turn(None, None), content_source=ContentSource.STRUCTURAL)

    assert rules(turn, "gap") == ["content-missing neutral"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"value": "x", "assessment": "fail"}, "eval-goal negative", id="judge-fails"),
        pytest.param({"value": "x"}, "eval-goal neutral", id="judge-says-something"),
        pytest.param({"value": False}, "eval-goal neutral", id="a-boolean-of-unknown-meaning"),
        pytest.param(
            {"value": False, "explicit": True}, "feedback-goal negative", id="thumbs-down"
        ),
        pytest.param({"value": "up", "explicit": True}, "feedback-goal positive", id="thumbs-up"),
        pytest.param({"value": "hm", "explicit": True}, "feedback-goal neutral", id="words"),
        pytest.param({"value": "x", "status": "WARN"}, None, id="not-applicable"),
    ],
)
def test_judges_and_users_are_told_apart(fields: dict[str, Any], expected: str | None) -> None:
    """A user's word is explicit feedback, a judge's an evaluation, and WARN is neither."""
    turn = a_turn("Hi", "Hello", evaluations=(Evaluation(name="goal", span_id="s", **fields),))

    found = rules(turn, "eval") + rules(turn, "feedback")

    assert found == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("events", "elsewhere", "failed", "truncated", "expected"),
    [
        pytest.param(5, True, (), (), "full", id="there"),
        pytest.param(5, None, (), (), "full", id="in-a-file"),
        pytest.param(0, True, (), (), "partial — web RUM gap on session date", id="other-days"),
        pytest.param(0, False, (), (), "unavailable — no RUM data for user", id="never"),
        pytest.param(
            0,
            None,
            (),
            (),
            "asked around the session, nothing of the user came back",
            id="nobody-asked",
        ),
        pytest.param(3, True, ("views",), (), "partial — auth error on views", id="refused"),
        pytest.param(
            9, True, (), ("actions",), "partial — truncated at the limit of rows: actions", id="cut"
        ),
    ],
)
def test_coverage_says_how_much_behaviour_is_known(
    events: int,
    elsewhere: bool | None,
    failed: tuple[str, ...],
    truncated: tuple[str, ...],
    expected: str,
) -> None:
    """One empty query beside a full one is no gap; what was refused or cut off is named."""
    assert rum_coverage(events, elsewhere, failed, truncated) == expected
