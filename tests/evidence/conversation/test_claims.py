"""Claims of effects, and what backs them."""

from typing import Any

import pytest

from session_classify.evidence.findings import Evidence, collect
from session_classify.model import Iteration, Turn
from session_classify.profiles.profile import Effect, Profile
from tests.evidence.build import a_call, a_session, a_turn
from tests.situations import samples


def turn_of(sample: dict[str, Any]) -> Turn:
    """Return the turn of a sample; `between` is what was said before its last model call."""
    calls = [
        a_call(c["name"], c["kind"], c.get("result"), **c.get("arguments", {}))
        for c in sample["calls"]
    ]
    said = {}
    if between := sample.get("between"):
        said["iterations"] = (Iteration(1, "s", between, tuple(calls)),)
    return a_turn(sample.get("user", "Please"), sample["answer"], *calls, **said)


def evidence_of(sample: dict[str, Any]) -> Evidence:
    """Return the evidence of a sample's session."""
    return collect(a_session(*map(turn_of, sample.get("before", ())), turn_of(sample)))


def quotes(*turns: Any) -> list[str]:
    return [f.quote for f in collect(a_session(*turns)).findings if f.id.startswith("claim")]


@pytest.mark.parametrize("sample", samples("claim"))
def test_a_stated_effect_needs_a_confirmed_write(sample: dict[str, Any]) -> None:
    """Each sample's answer is a claim, or none, given the calls of its turn and before."""
    evidence = evidence_of(sample)
    found = [f for f in evidence.findings if f.id.startswith("claim")]

    assert [f.quote for f in found] == ([sample["claim"]] if sample["claim"] else [])
    assert [f.rule for f in found] == (
        [sample["rule"]] if "rule" in sample else [f.rule for f in found]
    )
    if "by" in sample:
        claims = {c.sentence: set(c.by) for c in evidence.said.claims}
        assert set(sample["by"]) in claims.values()


def test_a_recap_of_an_earlier_write_is_no_claim() -> None:
    """What was done two turns ago may be said again."""
    done = a_call("cancel_order", "write", '{"id": "A-1"}')

    assert (
        quotes(
            a_turn("Cancel it", "I have cancelled it.", done),
            a_turn("Sure?", "I have cancelled it."),
        )
        == []
    )


def test_a_write_of_a_later_turn_backs_nothing() -> None:
    """An effect that is stated first and made later was a claim when it was stated."""
    done = a_call("cancel_order", "write", '{"id": "A-1"}')

    assert quotes(
        a_turn("Cancel it", "I have cancelled it."), a_turn("Sure?", "Now it is.", done)
    ) == ["I have cancelled it."]


def test_a_profile_has_words_of_its_app() -> None:
    """A verb that only the app uses states an effect, and its tool backs it."""
    profile = Profile(
        app="shelter",
        effects=(Effect(says=frozenset({"rehomed"}), tools=frozenset({"rehome"})),),
    )
    done = a_call("rehome_animal", "write", '{"id": "A-1"}')
    stated = a_turn("Please", "I have rehomed the cat.")

    def found(turn: Turn, known: Profile | None) -> list[str]:
        return [f.quote for f in collect(a_session(turn), known).findings]

    assert found(stated, None) == []
    assert found(stated, profile) == ["I have rehomed the cat."]
    backed = collect(a_session(a_turn("Please", "I have rehomed the cat.", done)), profile)
    assert [claim.by for claim in backed.said.claims] == [("write1",)]


def test_a_turn_has_few_claims() -> None:
    """Of a hundred statements of one answer no more than a reader looks at are findings."""
    answer = "\n".join(f"I have cancelled order KL-{n}." for n in range(100, 200))

    assert len(quotes(a_turn("Please", answer))) == 5
