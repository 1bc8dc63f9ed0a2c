"""The first profile of an app."""

import re

import yaml
from hypothesis import given
from hypothesis import strategies as st

from session_classify.printing.text import visible
from session_classify.profiles.checks import problems
from session_classify.profiles.load import generic_profile, parse_profile
from session_classify.profiles.patterns import literal
from session_classify.profiles.starter import starter
from session_classify.report.profiles import scalar, starter_text
from session_classify.vocabulary import DIGEST_LIMIT, Tier, ToolKind

COUNTS = st.dictionaries(st.text(), st.integers(1, 10**6), max_size=8)


@given(st.text())
def test_any_text_is_one_line_of_yaml_and_read_back(text: str) -> None:
    """No name that a trace holds can leave its place in the file."""
    assert "\n" not in scalar(text)
    assert visible(scalar(text)) == scalar(text)
    assert yaml.safe_load(f"[{scalar(text)}]") == [text]


@given(st.text().filter(str.strip), COUNTS, COUNTS)
def test_a_first_profile_loads_and_passes_the_check(
    app: str, actions: dict[str, int], tools: dict[str, int]
) -> None:
    """Whatever was seen, the file is a profile: every name is in it once, and weighs nothing."""
    text = starter_text(starter(app, actions, tools, generic_profile()), None)

    profile = parse_profile(text.encode(), "made-up.yaml")

    assert profile.app == app
    assert [literal(pattern) for pattern in profile.ml_apps] == [app.lower()]
    assert len(profile.actions) == len({name.lower() for name in actions if name.strip()})
    assert len(profile.tools) == len({name.lower() for name in tools if name.strip()})
    assert {rule.tier for rule in profile.actions} <= {Tier.AMBIGUOUS}
    assert problems(profile) == ()


def test_counts_and_guesses_are_in_the_file() -> None:
    """The most frequent comes first, spellings are one name, and what names tell is a guess."""
    text = starter_text(
        starter(
            "made * up",
            {"Pay": 2, "pay": 3, "x.chat-cancel": 1},
            {"get_order": 4, "frobnicate": 1},
            generic_profile(),
        )
    )
    profile = parse_profile(text.encode(), "made-up.yaml")

    assert profile.ml_apps == ("made [*] up",)
    assert [(rule.name, rule.source) for rule in profile.actions] == [
        ("pay", "seen 5 times"),
        ("x.chat-cancel", "seen 1 time"),
    ]
    assert [(rule.name, rule.kind, rule.source) for rule in profile.tools] == [
        ("get_order", ToolKind.READ, "guessed from the name; called 4 times"),
        ("frobnicate", ToolKind.UNKNOWN, "the name does not tell; called 1 time"),
    ]
    assert "# The generic profile calls the next one abort, tier A;" in text


def test_what_is_printed_keeps_the_limit_and_counts_the_rest() -> None:
    """A long list loses its rarest names, says how many, and is still a profile."""
    seen = {f"action number {n}": 10_000 - n for n in range(2_000)}
    found = starter("made-up", seen, {}, generic_profile())

    text = starter_text(found)
    profile = parse_profile(text.encode(), "made-up.yaml")

    left = re.search(r"… ([\d,]+) rarer names left out: --out FILE writes all", text)
    assert left is not None
    assert len(text) <= DIGEST_LIMIT
    assert len(profile.actions) + int(left[1].replace(",", "")) == 2_000
    assert profile.actions[0].name == "action number 0"
    assert "left out" not in starter_text(found, None)
