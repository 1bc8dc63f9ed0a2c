"""How findings move a verdict: the rules as data, and what must hold for any findings."""

import random
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_classify.errors import UsageError
from session_classify.model import Finding
from session_classify.verdict.reconcile import Answers, Reconciliation, reconcile
from session_classify.verdict.reconcile_rules import RANK, load_rules
from session_classify.vocabulary import Direction, Satisfaction, Tier
from tests.situations import samples

RULES = load_rules()
LAST = 3


def reconciled(sample: dict[str, Any]) -> Reconciliation:
    """Reconcile a sample; its session's last intent is turn 3."""
    return reconcile(
        Satisfaction(sample["trace"]),
        msgspec.convert(sample["findings"], tuple[Finding, ...]),
        Answers(frozenset(sample.get("confirmed", [])), frozenset(sample.get("dismissed", []))),
        RULES,
        LAST,
    )


@pytest.mark.parametrize("sample", samples("reconcile"))
def test_findings_move_a_verdict_by_their_rules(sample: dict[str, Any]) -> None:
    """Each sample names the final verdict, its confidence, and the rules that moved it there."""
    done = reconciled(sample)

    assert f"{done.final} {done.confidence}" == sample["expect"]
    assert sorted(move.rule for move in done.moves) == sample["moved"]
    if "codes" in sample:
        assert [failure.code for failure in done.failures] == sample["codes"]
    for name in sample.get("counted", []):
        assert any(f"({name}: " in note for note in done.notes)
    for move in done.moves:
        assert (move.before, move.after) == (sample["trace"], done.final)
        assert move.sentence
        assert move.findings


def test_every_rule_has_a_sample_and_a_near_miss() -> None:
    """A rule that no sample fires, or that nothing narrowly misses, is not known to work."""
    all_samples = [param.values[0] for param in samples("reconcile")]
    fired = {
        rule.name
        for sample in all_samples
        for rule in RULES
        if rule.name in sample["moved"] or rule.name in sample.get("counted", [])
    }
    near = {sample["near"]: sample for sample in all_samples if "near" in sample}

    assert fired == {rule.name for rule in RULES}
    assert set(near) == fired
    for name, sample in near.items():
        done = reconciled(sample)
        assert name not in [move.rule for move in done.moves]
        assert not any(f"({name}: " in note for note in done.notes)


def a_finding(kinds: list[str], tiers: list[Tier]) -> st.SearchStrategy[Finding]:
    """Return findings of these kinds and tiers, with rule names that the rules know and others."""
    names = [name for rule in RULES for name in rule.when.rule] + ["rum-else", "content-missing"]
    return st.builds(
        Finding,
        id=st.builds("{}{}".format, st.sampled_from(kinds), st.integers(1, 5)),
        rule=st.sampled_from(names),
        tier=st.sampled_from(tiers),
        direction=st.sampled_from(list(Direction)),
        summary=st.sampled_from(["", "correct but incomplete", "bad"]),
        turn=st.none() | st.integers(1, 4),
        needs_reading=st.booleans(),
    )


MOVING = a_finding(["rum", "audit", "near", "feedback"], [Tier.A, Tier.EXPLICIT])
IDLE = a_finding(["gap", "eval", "rum", "write"], [Tier.B, Tier.AMBIGUOUS, Tier.FACT])
unique = {"unique_by": lambda finding: finding.id}
verdicts = st.sampled_from(list(Satisfaction))
ids = st.frozensets(st.builds("{}{}".format, st.sampled_from(["rum", "near"]), st.integers(1, 5)))


def moved(
    trace: Satisfaction, findings: list[Finding], confirmed: frozenset[str]
) -> Reconciliation:
    return reconcile(trace, tuple(findings), Answers(confirmed), RULES, LAST)


@given(verdicts, st.lists(MOVING | IDLE, max_size=6, **unique), ids, st.randoms())
def test_order_and_repetition_change_nothing(
    trace: Satisfaction,
    findings: list[Finding],
    confirmed: frozenset[str],
    order: random.Random,
) -> None:
    """The same findings in any order, once or twice, give the same, moves and sentences too."""
    shuffled = findings + findings
    order.shuffle(shuffled)

    assert moved(trace, findings, confirmed) == moved(trace, shuffled, confirmed)


@given(verdicts, st.lists(MOVING, max_size=4, **unique), ids)
def test_a_reconciled_verdict_stays_where_it_is(
    trace: Satisfaction, findings: list[Finding], confirmed: frozenset[str]
) -> None:
    """Whoever reconciles the outcome once more with the same findings gets the same verdict."""
    once = moved(trace, findings, confirmed)

    assert moved(once.final, findings, confirmed).final == once.final


@given(
    verdicts,
    st.lists(MOVING, max_size=4, **unique),
    st.lists(IDLE, max_size=4, **unique),
    ids,
)
def test_weak_and_absent_findings_never_change_a_verdict(
    trace: Satisfaction, findings: list[Finding], idle: list[Finding], confirmed: frozenset[str]
) -> None:
    """Absent, ambiguous and tier B findings, and the ledger's, touch the confidence at most."""
    known = {finding.id for finding in findings}
    more = findings + [finding for finding in idle if finding.id not in known]

    assert moved(trace, more, confirmed).final == moved(trace, findings, confirmed).final


@given(st.lists(MOVING | IDLE, max_size=6, **unique), ids)
def test_nothing_makes_a_no_better(findings: list[Finding], confirmed: frozenset[str]) -> None:
    """What conversation and ledger refuse stays refused."""
    assert moved(Satisfaction.NO, findings, confirmed).final is Satisfaction.NO


@given(verdicts, st.lists(MOVING, max_size=5, **unique), ids)
def test_each_move_names_a_finding_that_counted(
    trace: Satisfaction, findings: list[Finding], confirmed: frozenset[str]
) -> None:
    """A verdict that moved says by which rule and finding, and each rule once."""
    done = moved(trace, findings, confirmed)
    named = {name for move in done.moves for name in move.findings}

    assert bool(done.moves) is (done.final is not trace)
    assert len({move.rule for move in done.moves}) == len(done.moves)
    by_id = {finding.id: finding for finding in findings}
    assert all(not by_id[n].needs_reading or n in confirmed for n in named)


RULE = "{{name: {name}, sentence: s, source: us, when: {when}, move: {move}, failure: other}}"


@pytest.mark.parametrize(
    ("name", "when", "move", "told"),
    [
        (
            "retired",
            "{tier: A}",
            "{}",
            "there is no rule 'retired' to overrule; there are feedback",
        ),
        ("retried", "{rule: [near-retry]}", "{no: yes}", "nothing does"),
        ("retried", "{tier: A}", "{partial: yes}", "an upward move names the findings"),
        ("retried", "{tier: B}", "{yes: no}", "only tier A and explicit feedback"),
        ("retried", "{rule: [gap-rum]}", "{yes: no}", "what is missing"),
        ("retried", "{rule: [eval-goal]}", "{yes: no}", "evaluations"),
        ("retried", "{}", "{yes: no}", "fits any finding"),
        ("retried", "{tier: A, says: '('}", "{yes: no}", "takes words, not a pattern"),
        ("retried", "{tier: A, says: ' '}", "{yes: no}", "takes words, not a pattern"),
        ("retried", "{tier: A, says: wrong|bad}", "{yes: no}", "takes words, not a pattern"),
        ("retried", "{tier: C}", "{yes: no}", "Invalid enum value 'C'"),
        ("retried", "{rule: [rum-x], direction: negative}", "{partial: yes}", "speaks against"),
        ("retried", "{tier: A, mood: bad}", "{yes: no}", "unknown field `mood`"),
    ],
)
def test_a_team_cannot_break_the_hard_rules(
    tmp_path: Path, name: str, when: str, move: str, told: str
) -> None:
    """Unknown names and forbidden moves are usage errors that name file and rule."""
    path = tmp_path / "own.yaml"
    path.write_text(f"rules: [{RULE.format(name=name, when=when, move=move)}]")

    with pytest.raises(UsageError) as caught:
        load_rules(path)

    assert told in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ("[]", "names no rule"),
        ("[{name: retried, move: {}}, {name: retried, move: {yes: no}}]", "names a rule twice"),
        ("[{name: retried, move: {yes: no}, failure: x}]", "needs a failure code"),
        ("[{move: {}}]", "there is no rule 'None'"),
    ],
)
def test_an_own_file_names_each_rule_once(tmp_path: Path, rules: str, told: str) -> None:
    """An empty file, a name twice or none, a downward move without a code are mistakes."""
    path = tmp_path / "own.yaml"
    path.write_text(f"rules: {rules}")

    with pytest.raises(UsageError, match=told):
        load_rules(path)


def test_a_team_overrules_by_name(tmp_path: Path) -> None:
    """What a rule of the same name says stands in place of the shipped one, the rest stays."""
    path = tmp_path / "own.yaml"
    path.write_text("rules: [{name: retried, move: {}}]")
    retry = Finding("near1", "near-retry", Tier.A, Direction.NEGATIVE, "again", turn=3)

    own = reconcile(Satisfaction.YES, (retry,), Answers(), load_rules(path), LAST)

    assert own.final is Satisfaction.YES
    assert [rule.name for rule in load_rules(path)] == [rule.name for rule in RULES]


def test_moves_go_where_the_ranks_say() -> None:
    """Every shipped move goes down one or two steps, but the one for the exact asset."""
    up = [rule.name for rule in RULES for a, b in rule.move.items() if RANK[b] > RANK[a]]

    assert up == ["exact-asset-used"]
