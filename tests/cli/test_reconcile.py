"""The verdict that is recorded: moved by rules, differed from by its reader, forced."""

import json
from pathlib import Path

import pytest

from tests.cli.run import a_bundle, a_row, run

FEEDBACK = {"thumbs": {"value": False, "event_kind": "feedback", "reasoning": "not helpful"}}


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """Gather a made-up session whose user was not content."""
    bundle = a_bundle(tmp_path / "b", [a_row(evaluation=FEEDBACK)])
    path = tmp_path / "case"
    done = run("gather", "session", "s-1", "--backend", f"bundle:{bundle}", "--case", path)
    assert done.returncode == 0, done.stderr
    return path


def recorded(case: Path) -> dict[str, object]:
    data: dict[str, object] = json.loads((case / "verdict.json").read_bytes())
    return data


YES = ("--verdict", "yes", "--reason", "The greeting was returned.", "--cite", "turn1")


def test_a_move_is_printed_with_its_rule_and_finding(case: Path) -> None:
    """Final verdict and its reason first; what the conversation alone says stays beside."""
    done = run("verdict", case, *YES)

    assert done.stdout.splitlines()[:4] == [
        "verdict: no",
        "reason: the user gave negative feedback on the last intent",
        "moved: yes → no by feedback-negative (feedback1)",
        "conversation_alone: yes, The greeting was returned.",
    ]
    kept = recorded(case)
    assert (kept["trace_verdict"], kept["reconciled"], kept["verdict"]) == ("yes", "no", "no")
    assert run("report", case).stdout == done.stdout


def test_a_dismissed_finding_moves_nothing(case: Path) -> None:
    """The reader read it and said why it does not count."""
    done = run("verdict", case, *YES, "--dismiss", "feedback1=it was about the weather")

    assert done.stdout.splitlines()[:2] == ["verdict: yes", "reason: The greeting was returned."]


def test_a_reader_may_differ_and_both_are_kept(case: Path) -> None:
    """`--final` stands in front; what the rules make of it is printed and recorded beside."""
    done = run(
        *("verdict", case, *YES, "--final", "partial", "--cite", "feedback1"),
        *("--failure", "incomplete_answer"),
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "verdict: partial"
    assert "no by the rules, final verdict by the reader" in done.stdout
    kept = recorded(case)
    assert (kept["trace_verdict"], kept["reconciled"], kept["verdict"]) == ("yes", "no", "partial")


def test_a_team_has_its_own_rules(case: Path, tmp_path: Path) -> None:
    """`--reconcile FILE` overrules by name; a file that may not is a usage error."""
    own = tmp_path / "own.yaml"
    rule = "{name: feedback-negative, sentence: s, source: us, when: {tier: explicit, on: last}"
    own.write_text(f"rules: [{rule}, move: {{}}}}]")
    done = run("verdict", case, *YES, "--reconcile", own)
    own.write_text(f"rules: [{rule}, move: {{no: yes}}}}]")
    refused = run("verdict", case, *YES, "--reconcile", own)

    assert done.stdout.splitlines()[0] == "verdict: yes"
    assert (refused.returncode, "moves a `no`" in refused.stderr) == (2, True)


def test_force_records_over_a_refusal_and_says_so(case: Path) -> None:
    """What the check refused is recorded with its ids, and printed as unchecked."""
    bad = ("verdict", case, "--verdict", "no", "--reason", "It failed.")
    refused = run(*bad)
    done = run(*bad, "--force")

    assert refused.returncode == 6
    assert done.returncode == 0, done.stderr
    told = "unchecked: recorded despite the refusal code-missing, negative-without-evidence"
    assert told in done.stdout
    assert recorded(case)["unchecked"] == ["code-missing", "negative-without-evidence"]


def test_the_demo_keeps_what_its_reader_recorded(tmp_path: Path) -> None:
    """Who followed its last lines and runs it again finds their own verdict."""
    case = tmp_path / "demo"
    run("demo", "--case", case)
    mine = ("--verdict", "no", "--reason", "My own verdict.", "--failure", "hallucination")
    recorded_mine = run("verdict", case, *mine, "--cite", "write1", "--confirm", "claim1")

    again = run("demo", "--case", case)

    assert (recorded_mine.returncode, again.returncode) == (0, 0), recorded_mine.stderr
    assert "My own verdict." in run("report", case).stdout


def test_a_breach_is_printed_stored_and_moves_what_a_team_says(case: Path, tmp_path: Path) -> None:
    """As shipped it moves nothing; a team's rule of that name makes it a `no`."""
    breach = ("--dismiss", "feedback1=about the weather", "--breach", "turn1=no small talk, rule 4")
    own = tmp_path / "own.yaml"
    own.write_text("rules: [{name: app-rules-broken, move: {yes: no}}]")

    shipped = run("verdict", case, *YES, *breach, "--sure", "low")
    kept = recorded(case)
    strict = run("verdict", case, *YES, *breach, "--reconcile", own)

    assert shipped.stdout.splitlines()[:2] == ["verdict: yes", "reason: The greeting was returned."]
    assert "breach: turn1, no small talk, rule 4" in shipped.stdout.splitlines()
    assert "confidence: high; the reader's own: low" in shipped.stdout.splitlines()
    assert (kept["breaches"], kept["sure"]) == ({"turn1": "no small talk, rule 4"}, "low")
    assert strict.stdout.splitlines()[:1] == ["verdict: no"]
    assert "moved: yes → no by app-rules-broken (turn1)" in strict.stdout


def test_what_was_confirmed_is_printed(case: Path) -> None:
    """A reader's word on a finding stands in the verdict, confirmed as well as dismissed."""
    done = run(*("verdict", case, *YES, "--confirm", "feedback1"))

    assert "confirmed: feedback1" in done.stdout.splitlines()
