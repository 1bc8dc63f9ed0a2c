"""`signals.md` and its table of sources tell the rules as they are: functions, situations."""

import inspect
import re
from importlib import import_module

import pytest

from session_classify.evidence.neighbours import neighbour_findings
from session_classify.evidence.rum.decisions import revealed
from session_classify.evidence.rum.feedback import feedback_given
from session_classify.evidence.rum.findings import RULES
from tests.conftest import ROOT
from tests.situations import load, situation

PAGE = (ROOT / "references" / "signals.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### (\S+)\n(.*?)(?=^#|\Z)", PAGE, re.MULTILINE | re.DOTALL))
TABLE = (ROOT / "references" / "sources" / "signals.md").read_text(encoding="utf-8")
ROWS = {
    name: [re.findall(r"`([^`]+)`", cell) for cell in cells.split("|")]
    for name, cells in re.findall(r"^\| `([\w-]+)` \|(.*)\|$", TABLE, re.MULTILINE)
}
FUNCTIONS = (*RULES, revealed, feedback_given, neighbour_findings)


def names(rule: str, field: str) -> list[str]:
    """Return what the row of a rule names as its function or its situations."""
    return ROWS[rule][("made by", "shown by", "narrowly not").index(field)]


def test_there_are_rules_on_the_page() -> None:
    """A page whose sections are not found would pass every check below; each has its row."""
    assert len(SECTIONS) >= 25
    assert list(SECTIONS) == list(ROWS)


@pytest.mark.parametrize("rule", SECTIONS)
def test_a_rule_names_a_function_that_makes_it(rule: str) -> None:
    """The function exists, and the rule's name stands in its module."""
    ((path, _, function),) = (name.partition(": ") for name in names(rule, "made by"))
    module = import_module("session_classify." + path.removesuffix(".py").replace("/", "."))

    assert getattr(module, function) in FUNCTIONS
    source = inspect.getsource(module)
    base = rule.removesuffix("-earlier")
    assert base in source or (base.startswith("feedback-") and 'f"feedback-{direction}"' in source)


@pytest.mark.parametrize("rule", SECTIONS)
def test_a_rule_is_shown_and_narrowly_missed(rule: str) -> None:
    """Each named situation exists; those that show a rule give it, those that miss it do not."""
    shown, missed = (names(rule, field) for field in ("shown by", "narrowly not"))

    assert shown
    assert missed
    for name, is_there in (*((n, True) for n in shown), *((n, False) for n in missed)):
        expected = load(situation(name) / "situation.yaml")["expect"]
        assert (rule in [line.split()[0] for line in expected]) is is_there, name


def test_every_rule_function_is_described() -> None:
    """A function without a section is a rule that nobody can look up."""
    described = {name for rule in ROWS for name in names(rule, "made by")}
    found = {
        f"{f.__module__.removeprefix('session_classify.').replace('.', '/')}.py: {f.__name__}"
        for f in FUNCTIONS
    }

    assert found == described


@pytest.mark.parametrize("rule", SECTIONS)
def test_a_rule_says_what_it_may_weigh(rule: str) -> None:
    """The tier on the page is that of the findings which its situations expect."""
    tier = re.search(r"^- Tier: (\S+?)[,;]? ", SECTIONS[rule], re.MULTILINE)
    assert tier
    if tier.group(1) == "as":
        return  # as the profile says
    for name in names(rule, "shown by"):
        expected = load(situation(name) / "situation.yaml")["expect"]
        assert {e.split()[1] for e in expected if e.split()[0] == rule} == {tier.group(1)}, name
