"""What each protocol asks for before there is a verdict."""

import pytest
from msgspec.structs import replace

from session_classify.errors import UnusableInputError
from session_classify.gathering.protocols import TERMS, check_content, check_rum
from session_classify.model import Coverage, Session
from session_classify.vocabulary import (
    NOT_ASKED,
    RUM_GAP,
    RUM_NONE,
    ContentSource,
    Protocol,
)
from tests.evidence.build import a_session, a_turn

REFUSED = "partial — auth error on view query"
LOST = UnusableInputError("all content is masked", code="llmobs_content_masked")
READ = a_session(a_turn("Hi", "Hello"), a_turn("And?", "Done."))


def session(**fields: object) -> Session:
    """Return a made-up session whose second turn has other fields."""
    return replace(READ, turns=(READ.turns[0], replace(READ.turns[1], **fields)))


def code(check: object, *arguments: object, **named: object) -> str:
    """Return the code of the error that a check raises; empty where it raises none."""
    try:
        check(*arguments, **named)  # type: ignore[operator]
    except UnusableInputError as error:
        return error.code or "no code"
    return ""


@pytest.mark.parametrize(
    ("protocol", "lost", "known", "coverage", "expected"),
    [
        ("llm-obs", None, False, RUM_NONE, ""),
        ("llm-obs", None, False, RUM_GAP, ""),
        ("llm-obs", None, False, NOT_ASKED, ""),
        ("llm-obs", LOST, True, "full", ""),
        ("llm-obs", LOST, False, RUM_GAP, "rum_unavailable"),
        ("llm-obs", LOST, False, RUM_NONE, "rum_unavailable"),
        ("llm-obs", LOST, False, NOT_ASKED, "llmobs_content_masked"),
        ("llm-obs", LOST, False, REFUSED, "llmobs_content_masked"),
        ("eval", None, True, "full", ""),
        ("eval", None, True, REFUSED, ""),
        ("eval", None, False, REFUSED, "rum_unavailable"),
        ("eval", None, False, RUM_GAP, "rum_unavailable"),
        ("eval", None, False, RUM_NONE, "rum_unavailable"),
        ("eval", None, False, NOT_ASKED, "rum_unavailable"),
    ],
)
def test_rum_is_needed_as_the_seeds_say(
    protocol: str, lost: UnusableInputError | None, known: bool, coverage: str, expected: str
) -> None:
    """By the default only as the sole signal left, by the strict protocol always."""
    found = code(check_rum, Protocol(protocol), READ, lost, known=known, coverage=coverage)

    assert found == expected


@pytest.mark.parametrize(
    ("fields", "coverage", "expected"),
    [
        ({}, Coverage(is_expired=True), ""),
        ({"masked": True}, Coverage(), "llmobs_content_masked"),
        ({"content_source": ContentSource.STRUCTURAL}, Coverage(), ""),
        (
            {"content_source": ContentSource.STRUCTURAL},
            Coverage(is_expired=True),
            "llmobs_content_expired",
        ),
        (
            {"content_source": ContentSource.STRUCTURAL},
            Coverage(is_expired=True, next_calls=("get_llmobs_span_content …",)),
            "",
        ),
    ],
)
def test_only_the_strict_protocol_stops_at_content_that_is_missing(
    fields: dict[str, object], coverage: Coverage, expected: str
) -> None:
    """At a mask anywhere, and at a turn that a server does not store any more."""
    assert code(check_content, Protocol.EVAL, session(**fields), coverage) == expected
    assert code(check_content, Protocol.LLM_OBS, session(**fields), coverage) == ""


def test_every_protocol_has_its_terms() -> None:
    """The table is complete."""
    assert set(TERMS) == set(Protocol)
