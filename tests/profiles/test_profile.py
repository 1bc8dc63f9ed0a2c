"""What tools do, by profile and by name."""

from pathlib import Path
from typing import Any

import pytest

from session_classify.errors import UsageError
from session_classify.profiles.kinds import tool_kind
from session_classify.profiles.load import choose_profile, generic_profile, load_profile
from session_classify.resources import resource
from tests.situations import samples


@pytest.mark.parametrize("sample", samples("kind"))
def test_a_tool_has_the_kind_that_profile_or_name_tells(sample: dict[str, Any]) -> None:
    """Rules of a profile come first, then the first verb in the name; else it is unknown."""
    name = sample.get("app", "generic")
    profile = load_profile(resource("references", "apps", f"{name}.yaml"))

    assert tool_kind(profile, sample["tool"], sample.get("arguments", {})) == sample["kind"]


def test_an_app_that_a_profile_names_gets_it() -> None:
    """The shipped profile is chosen by ml_app, every other app gets the generic one."""
    assert choose_profile("assistant_api").app == "bits-assistant"
    assert choose_profile("shop-bot") == generic_profile()


def test_a_profile_falls_back_to_the_generic_one_after_its_own_rules(tmp_path: Path) -> None:
    """What it says itself comes first; one with verbs of its own stands alone."""
    own = tmp_path / "own.yaml"
    rule = "{name: x.panel.close, category: close, tier: ambiguous, direction: neutral}"
    own.write_text(f"app: a\nactions: [{rule}]\nhelp: [help.example.com]\n")
    alone = tmp_path / "alone.yaml"
    alone.write_text(own.read_text() + "verbs: {read: [look]}\n")
    generic = generic_profile()

    profile = load_profile(own)

    assert profile.actions[0].name == "x.panel.close"
    assert profile.actions[1:] == generic.actions
    assert profile.help == ("help.example.com", *generic.help)
    assert profile.tools == generic.tools
    assert len(load_profile(alone).actions) == len(load_profile(alone).help) == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("app: [", "is not an app profile", id="not-yaml"),
        pytest.param("tools: []", "app", id="no-name"),
        pytest.param("app: a\ntools:\n  - {name: x, kind: delete}", "kind", id="unknown-kind"),
        pytest.param("app: a\nverb: {}", "verb", id="unknown-field"),
        pytest.param("- a", "object", id="a-list"),
        pytest.param(
            "app: a\nassets: [{type: x, id: '('}]", "not a valid expression", id="no-id-pattern"
        ),
        pytest.param("app: a\nassets: [{type: x, urls: [/x]}]", "write {id}", id="page-without-id"),
        pytest.param("app: a\nassets: [{type: x, http: [/x]}]", "write {id}", id="path-without-id"),
    ],
)
def test_a_file_that_is_no_profile_says_why(tmp_path: Path, text: str, told: str) -> None:
    """A mistake in a profile is told with the file and the field."""
    path = tmp_path / "mine.yaml"
    path.write_text(text)

    with pytest.raises(UsageError, match=f"mine.yaml.*{told}"):
        load_profile(path)


def test_verbs_are_sorted_and_in_one_list_only() -> None:
    """A word in both lists would make the order of the lists a rule."""
    import yaml

    verbs = yaml.safe_load(resource("references", "apps", "generic.yaml").read_text())["verbs"]

    assert verbs["read"] == sorted(set(verbs["read"]))
    assert verbs["write"] == sorted(set(verbs["write"]))
    assert not set(verbs["read"]) & set(verbs["write"])
