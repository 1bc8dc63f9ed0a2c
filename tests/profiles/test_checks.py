"""What a check of a profile refuses, and what it lets pass."""

from typing import Any

import msgspec
import pytest

from session_classify.profiles.checks import problems
from session_classify.profiles.load import read_profile, shipped_files
from session_classify.profiles.profile import Profile
from tests.situations import load, situations

RULE = {"category": "other", "tier": "ambiguous", "direction": "neutral"}


def profile_of(sample: dict[str, Any]) -> Profile:
    """Return the profile of a sample; what it does not say of a rule is harmless."""
    given = {key: value for key, value in sample.items() if key != "problems"}
    given["actions"] = [RULE | rule for rule in given.get("actions", ())]
    return msgspec.convert({"app": "made-up", **given}, Profile)


def samples() -> list[Any]:
    return [
        pytest.param(sample, about.get("shipped"), id=f"{folder.id}-{number}")
        for folder in situations("profile")
        for about in [load(folder.values[0] / "situation.yaml")]
        for number, sample in enumerate(about["samples"], 1)
    ]


@pytest.mark.parametrize(("sample", "shipped"), samples())
def test_a_profile_is_refused_for_its_problems_alone(
    sample: dict[str, Any], shipped: dict[str, Any] | None
) -> None:
    """Each problem is told with its rule and a cure, and a near miss is let pass."""
    others = [profile_of(shipped)] if shipped else []

    found = {problem.rule: problem for problem in problems(profile_of(sample), others)}

    expected = sample.get("problems", {})
    assert found.keys() == expected.keys()
    assert all(expected[rule] in problem.what for rule, problem in found.items())
    assert all(problem.fix for problem in found.values())


@pytest.mark.parametrize("path", shipped_files(), ids=lambda path: path.stem)
def test_a_shipped_profile_passes(path: Any) -> None:
    """What is shipped keeps the rules that it is an example of."""
    others = [read_profile(other) for other in shipped_files() if other != path]

    assert problems(read_profile(path), others) == ()


def test_thousands_of_plain_names_are_not_compared_pair_by_pair() -> None:
    """Only names that could meet are compared, so that a first profile is checked at once."""
    rules = [RULE | {"name": f"action {n}"} for n in range(4_000)]

    assert problems(profile_of({"actions": [*rules, RULE | {"name": "action 7"}]})) != ()
