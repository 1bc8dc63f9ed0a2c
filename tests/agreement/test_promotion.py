"""`profile evidence`: what labelled sessions say of actions, and the rules that they support."""

import gc
import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from session_classify.agreement.promotion import Promotion, promotions
from session_classify.agreement.sightings import Key, Seen, Sightings, sightings
from session_classify.profiles.load import choose_profile, parse_profile
from session_classify.profiles.profile import ActionRule
from session_classify.vocabulary import ActionCategory, Direction, Tier
from tests.agreement.test_agree import a_file
from tests.backends.conftest import DEMO
from tests.backends.test_live import SESSION_ID
from tests.cli.run import a_bundle, run
from tests.cli.test_app import classified, rows_of
from tests.rum_rows import a_rum_row, an_id

FENCE = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
PROFILE = """app: made-up
actions:
  - {name: "note.*", category: other, tier: ambiguous, direction: neutral, seen: pattern}
  - {name: panel.reveal, category: reveal, tier: ambiguous, direction: neutral}
  - {name: panel.pin, category: other, tier: B, direction: positive, source: made up}
noise: [framework.*]
"""
START = "2026-11-18T11:06:40Z"
"""The begin of the rows of `tests/cli/run.py`."""


def a_rule(name: str, category: ActionCategory = ActionCategory.OTHER) -> ActionRule:
    return ActionRule(name, category, Tier.AMBIGUOUS, Direction.NEUTRAL)


def a_population(
    counts: Mapping[str, tuple[int, int]], good: int, others: int, *, is_timed: bool = True
) -> tuple[Sightings, dict[str, bool]]:
    """Return sessions in which each action was sent by so many satisfied users and others."""
    satisfied = {f"g{n}": True for n in range(good)} | {f"o{n}": False for n in range(others)}
    seen = []
    for unit, is_good in satisfied.items():
        sent = frozenset(
            Key(name)
            for name, (yes, no) in counts.items()
            if int(unit[1:]) < (yes if is_good else no)
        )
        seen.append(Seen(unit, sent, sent if is_timed else None))
    rules = {Key(name): a_rule(name) for name in counts}
    return Sightings(tuple(seen), rules, 0, 0), satisfied


def named(made: Iterable[Promotion]) -> dict[str, Promotion]:
    return {one.rule.name: one for one in made}


@pytest.mark.slow
def test_the_figures_are_those_of_a_published_table() -> None:
    """Heart attacks in the Physicians' Health Study (Agresti): 189 of 11,034 and 104 of 11,037."""
    found, satisfied = a_population({"a": (189, 104)}, 11_034, 11_037)
    measured = promotions(found, satisfied)[0].measured

    assert measured.odds_ratio == pytest.approx(1.832, abs=5e-4)
    assert (measured.low, measured.high) == pytest.approx((1.440, 2.331), abs=5e-4)
    assert (measured.right.hits, measured.right.of) == (189, 293)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("counts", "tier"),
    [
        pytest.param((40, 3), Tier.A, id="on one side, and strong"),
        pytest.param((40, 15), Tier.B, id="on both sides"),
        pytest.param((22, 17), Tier.AMBIGUOUS, id="no more than chance"),
        pytest.param((9, 0), Tier.AMBIGUOUS, id="too rare"),
        pytest.param((100, 91), Tier.AMBIGUOUS, id="too common"),
        pytest.param((1, 30), Tier.A, id="against it"),
    ],
)
def test_an_action_gets_the_tier_that_its_figures_support(
    counts: tuple[int, int], tier: Tier
) -> None:
    """Tier A for what decides, tier B for what is on both sides; the rest stays as it is."""
    made = promotions(*a_population({"a": counts, "b": (50, 50)}, 100, 100))

    assert named(made)["a"].tier is tier
    assert named(made)["b"].tier is Tier.AMBIGUOUS


@pytest.mark.slow
def test_many_actions_need_more_evidence() -> None:
    """What is enough for one action alone is not enough for the best of forty."""
    one = {"a": (10, 1)}
    many = {f"x{n}": (10, 8 + n % 5) for n in range(39)}

    assert promotions(*a_population(one, 30, 30))[0].tier is Tier.B
    assert {p.tier for p in promotions(*a_population(one | many, 30, 30))} == {Tier.AMBIGUOUS}


@pytest.mark.slow
def test_without_times_nothing_decides() -> None:
    """Tier A needs the condition that it happened about a turn, which rows alone do not show."""
    made = promotions(*a_population({"a": (40, 3)}, 100, 100, is_timed=False))

    assert made[0].tier is Tier.B


def rum_file(folder: Path, sent: Mapping[str, Iterable[str]]) -> Path:
    """Write RUM rows; `sent` are the actions of each session."""
    rows = [
        {"at": number, "action": action, "session": session}
        for session, actions in sent.items()
        for number, action in enumerate(("app.load", *actions))
    ]
    lines = [json.dumps(a_rum_row(row, number, START)) for number, row in enumerate(rows, 1)]
    return a_file(folder, "rum.jsonl", "\n".join(lines))


def labels_file(folder: Path, said: Mapping[str, str]) -> Path:
    lines = [f"{an_id(session)},{word}" for session, word in said.items()]
    return a_file(folder, "labels.csv", "\n".join(("id,label", *lines)) + "\n")


def a_team(folder: Path) -> tuple[Path, Path, Path]:
    """Write labels, RUM rows and a profile of 60 sessions, half of them satisfied."""
    said = {f"s{n}": ("yes", "no", "partial", "yes")[n % 4] for n in range(60)}
    sent = {
        session: (["note.save", "share: [all]"] if word == "yes" else ["panel.reveal", "panel.pin"])
        + ["framework.tick"]
        for session, word in said.items()
    }
    profile = a_file(folder, "mine.yaml", PROFILE)
    return labels_file(folder, said), rum_file(folder, sent), profile


@pytest.mark.slow
def test_the_proposal_is_pasted_and_passes_the_check(tmp_path: Path) -> None:
    """In the place of a rule of its name, or before the others; what has rules of its own stays."""
    labels, rum, mine = a_team(tmp_path)
    done = run("profile", "evidence", "--labels", labels, "--events", rum, "--profile", mine)

    assert done.returncode == 0, done.stderr
    pasted = FENCE.search(done.stdout)
    assert pasted is not None, done.stdout
    rules = parse_profile(f"app: x\n{pasted[1]}".encode(), "pasted").actions
    assert [(rule.name, rule.tier, rule.direction) for rule in rules] == [
        ("note.*", Tier.B, Direction.POSITIVE),
        ("share: [[]all]", Tier.B, Direction.POSITIVE),
    ]
    before, new = re.findall(r"  # (.*)\n  (-.*)\n", pasted[1])
    assert (before[0], new[0]) == (
        "in the place of the rule of this name", "new: before the other rules",
    )  # fmt: skip
    lines = PROFILE.splitlines()
    whole = [*lines[:2], f"  {new[1]}", f"  {before[1]}", *lines[3:]]
    a_file(tmp_path, "new.yaml", "\n".join(whole))
    checked = run("profile", "check", tmp_path / "new.yaml")
    assert checked.returncode == 0, checked.stderr
    assert "the category reveal counts by rules of its own" in done.stdout
    assert "| app.load | 30 of 30 (100 %) | 30 of 30 (100 %) | - |" in done.stdout
    assert "framework" not in done.stdout and "panel.pin" not in done.stdout


@pytest.mark.slow
def test_runs_show_when_an_action_was_sent(tmp_path: Path) -> None:
    """Of a run's cases the times are known: tier A is for what was sent about a turn."""
    said, spans, rum = {}, [], []
    for number in range(44):
        name, is_good = f"r{number}", number % 2 == 0
        said[name] = "yes" if is_good else "no"
        spans += rows_of(number, an_id(name), ml_app="app", tags=[f"usr.id:u-{name}"])
        for place, (at, words) in enumerate(((0.2, ("quick", "slow")), (60, ("late", "later")))):
            event = {"at": at, "action": words[not is_good], "session": name}
            whose = {"user": f"u-{name}", "email": f"{name}@example.com"}
            rum.append(a_rum_row(event | whose, 10 * number + place, START))
    bundle = a_bundle(tmp_path / "b", spans)
    a_bundle(bundle, rum, "rum.jsonl")
    assert classified(bundle, tmp_path / "run", "--sample", 44).returncode == 0
    labels = labels_file(tmp_path, said | {"silent": "yes"})

    done = run("profile", "evidence", "--labels", labels, "--events", tmp_path / "run", "--json")

    told = json.loads(done.stdout)
    tiers = {one["rule"]["name"]: one["tier"] for one in told["actions"]}
    assert tiers == {"quick": "A", "slow": "A", "late": "B", "later": "B"}, done.stderr
    assert (told["silent"], told["strange"]) == (1, 0)
    assert {one["rule"]["when"] for one in told["proposals"]} == {
        "always", "about a turn of the session",
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("labels", "rum", "code", "said"),
    [
        ("id,label\na,yes\n", None, 1, "no event is of a labelled session: 1 labels such as a"),
        ("id,label\na,maybe\n", None, 1, "line 2: a has the verdict 'maybe'"),
        (None, "made up\n", 1, "rum.jsonl"),
        (None, "", 1, "rum.jsonl is empty"),
        ("one side", None, 1, "60 sessions with events are labelled yes and 0 otherwise"),
    ],
)
def test_bad_input_is_told(
    tmp_path: Path, labels: str | None, rum: str | None, code: int, said: str
) -> None:
    """Counts and what was expected, in one line."""
    good, events, _ = a_team(tmp_path)
    if labels == "one side":
        labels_file(tmp_path, {f"s{n}": "yes" for n in range(60)})
    elif labels is not None:
        good.write_text(labels)
    if rum is not None:
        events.write_text(rum)
    done = run("profile", "evidence", "--labels", good, "--events", events)

    assert done.returncode == code
    assert said in done.stderr


@pytest.mark.slow
def test_verdicts_of_a_run_are_no_labels(tmp_path: Path) -> None:
    """A judge that saw the actions proves nothing about them; a folder of nothing is refused."""
    rows = [row for n in range(2) for row in rows_of(n, an_id(f"s{n}"), ml_app="app")]
    assert classified(a_bundle(tmp_path / "b", rows), tmp_path / "run").returncode == 0
    labels, events, _ = a_team(tmp_path)

    done = run("profile", "evidence", "--labels", tmp_path / "run", "--events", events)
    folder = run("profile", "evidence", "--labels", labels, "--events", tmp_path)

    assert (done.returncode, folder.returncode) == (2, 1)
    assert "is of a run: its verdicts are a judge's" in done.stderr
    assert "is neither a run nor a case" in folder.stderr


def test_events_from_several_places_are_taken_together(tmp_path: Path) -> None:
    """Of a case and of rows, also where the session is named inside an object of the context."""
    words = ("gather", "session", SESSION_ID, "--backend", f"bundle:{DEMO}")
    assert run(*words, "--case", tmp_path / "case").returncode == 0
    row = {"at": 1, "action": "made.up", "context": {"chat": {"session_id": SESSION_ID}}}
    rows = a_file(tmp_path, "rum.jsonl", json.dumps(a_rum_row(row, 1)))
    profile = choose_profile("support-bot")

    def seen(*paths: Path) -> frozenset[Key]:
        (one,) = sightings(paths, frozenset({SESSION_ID}), profile).seen
        return one.since

    assert seen(rows) == {Key("made.up")}
    assert seen(tmp_path / "case", rows) == seen(tmp_path / "case") | {Key("made.up")}
    assert seen(tmp_path / "case") - {Key("made.up")}


NULLS = 20
EFFECTS = {"odds ×2": 2.0, "odds ×3": 3.0, "odds ×5": 5.0, "odds ×15": 15.0}
"""Odds of an action with satisfied users, against those with the others."""
ROUNDS = 100


def simulated(sessions: int, seed: int) -> tuple[Sightings, dict[str, bool]]:
    """Return a made-up population: two thirds satisfied, 20 actions without effect, 4 with one."""
    dice = random.Random(seed)
    rates = {f"null {n}": dice.uniform(0.1, 0.5) for n in range(NULLS)}
    satisfied = {f"u{n}": dice.random() < 2 / 3 for n in range(sessions)}
    seen = []
    for unit, is_good in satisfied.items():
        sent = {name for name, share in rates.items() if dice.random() < share}
        for name, times in EFFECTS.items():
            odds = 0.2 / 0.8 / (1 if is_good else times)
            sent |= {name} if dice.random() < odds / (1 + odds) else set()
        keys = frozenset(map(Key, sent))
        seen.append(Seen(unit, keys, keys))
    rules = {Key(name): a_rule(name) for name in (*rates, *EFFECTS)}
    return Sightings(tuple(seen), rules, 0, 0), satisfied


def tallied(made: Iterable[Promotion], counts: Counter[str]) -> None:
    """Count what a population's promotions say of the known effects."""
    falsely = False
    for one in made:
        name, measured = one.rule.name, one.measured
        truth = EFFECTS.get(name, 1.0)
        if measured.is_tested:
            counts["intervals"] += 1
            counts["that hold it"] += measured.low <= truth <= measured.high
        if one.tier is Tier.AMBIGUOUS:
            continue
        counts[name] += 1
        counts["×15 as A"] += name == "odds ×15" and one.tier is Tier.A
        counts["weak as A"] += truth <= 2 and one.tier is Tier.A
        falsely = falsely or name not in EFFECTS
        counts["wrong side"] += one.proposal.direction is not Direction.POSITIVE and truth > 1
    counts["false"] += falsely


@pytest.mark.slow
def test_known_effects_are_found_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    """Power by effect and sessions, and false promotions, in 100 seeded populations of each."""
    table: dict[int, Counter[str]] = {}
    gc.freeze()  # the library collects garbage at each correction
    for sessions in (100, 200, 400, 800):
        table[sessions] = Counter()
        for seed in range(ROUNDS):
            tallied(promotions(*simulated(sessions, seed)), table[sessions])
    gc.unfreeze()
    heads = (*EFFECTS, "×15 as A", "weak as A", "false", "wrong side", "intervals", "that hold it")
    with capsys.disabled():
        print(f"\n{'sessions':>10}" + "".join(f"{name:>13}" for name in heads))
        for sessions, counts in table.items():
            print(f"{sessions:>10}" + "".join(f"{counts[name]:>13}" for name in heads))

    whole = sum(table.values(), Counter[str]())
    assert table[800]["odds ×3"] >= 70 and table[400]["odds ×5"] >= 75
    assert table[400]["odds ×15"] >= 95 and table[800]["×15 as A"] >= 80
    assert whole["false"] <= 0.05 * len(table) * ROUNDS
    assert (whole["wrong side"], whole["weak as A"]) == (0, 0)
    assert 0.94 <= whole["that hold it"] / whole["intervals"] <= 0.97
