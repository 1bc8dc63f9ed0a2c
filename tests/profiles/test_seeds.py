"""The shipped profile names what the public skills name, and nothing else."""

import re

import pytest

from session_classify.profiles.load import load_profile, read_profile
from session_classify.resources import resource

SHIPPED = resource("references", "apps", "bits-assistant.yaml")
GENERIC = resource("references", "apps", "generic.yaml")


def written_out(actions: str) -> str:
    """Return the list with names that it shortens, such as `a.start`, `.stop`, in full."""
    full = [actions]
    for line in actions.splitlines():
        before = ""
        for name in re.findall(r"`([^`|]+)`", line.partition(" | ")[0]):
            whole = before + name if name.startswith(".") else name
            before = whole.rpartition(".")[0]
            full.append(whole)
    return "\n".join(full)


def test_no_name_is_made_up(seeds: str, action_list: str) -> None:
    """Every action, tool, asset type, noise, host and app of the profile is published."""
    own = read_profile(SHIPPED)
    published = seeds + written_out(action_list)
    names = [
        own.app,
        *own.ml_apps,
        *own.assistant,
        *own.noise,
        *own.help,
        *(rule.name for rule in (*own.tools, *own.actions)),
        *(rule.type for rule in own.assets),
    ]

    assert len(names) > 30
    for name in names:
        assert name.replace("*", "") in published, name


def test_generic_patterns_are_made_of_the_words_of_the_skills(seeds: str) -> None:
    """A pattern for any assistant is in the session skill, or formed from its word."""
    text = seeds.lower()

    for rule in read_profile(GENERIC).actions:
        for word in re.findall(r"[a-z]+", rule.name):
            assert re.search(rf"\b{word}", text), rule.name


SPELLED = {
    "an-action-that-a-query-names": (r'"@action\.name" = \'([^\']+)\'', 5),
    "the-prefixes-of-a-query": (r'"@action\.name" LIKE \'([^\']+)%\'', 3),
    "noise": (r"^\s+'([^']+)',?$", 14),
    "a-pattern-of-a-tier": (r"`(\*\.[\w.-]+)`", 4),
    "an-action-of-the-assistant": (r"\bai-experiences\.[\w-]+", 1),
    "an-example-of-an-action": (r"\bai-(?:suggestion|feedback)-\w+", 2),
    "an-answer-to-a-proposal": (r"`(reject_all|reject|accept)`", 3),
    "a-tool-of-datadog": (r"\b[a-z]+_datadog_\w+\b", 8),
    "a-tool-of-a-list": (r"'(show_content|upsert_widget)'", 2),
    "tools-that-write": (r"`(upsert_\*)`", 1),
}


@pytest.mark.parametrize(("spelled", "least"), SPELLED.values(), ids=SPELLED)
def test_no_name_of_the_skills_is_missing(seeds: str, spelled: str, least: int) -> None:
    """Every action or tool of the assistant that a public skill names is in the profile."""
    profile = load_profile(SHIPPED)
    rules = (*profile.tools, *profile.actions)
    known = {rule.name for rule in rules} | {*profile.noise, *profile.assistant}
    stems = {name.strip("*") for name in known}

    found = set(re.findall(spelled, seeds, re.MULTILINE))

    assert len(found) >= least
    assert {name for name in found if name not in known and name.strip("*") not in stems} == set()


def test_every_meaning_has_its_source_and_its_limits() -> None:
    """Each action says what it means, and cites the section that says so."""
    for rule in load_profile(SHIPPED).actions:
        assert len(rule.note) > 100, rule.name
        assert re.match(r"references/sources/\w+\.md#[\w-]+", rule.source), rule.name
