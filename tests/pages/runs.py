"""Runs for the tests of pages: of made-up labels over the demo's case, small, large and hostile."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from session_classify.agreement.figures import Agreement, Coefficient, Group, Held
from session_classify.agreement.matching import Matched, Pair
from session_classify.agreement.rates import Rate
from session_classify.agreement.ratings import Rating
from session_classify.gathering.case_files import CASES
from session_classify.pages.run import RunView
from session_classify.pages.units import UnitFacts, facts_of
from session_classify.population.run import Label, Run, save_labels, start_run
from session_classify.verdicts import Failure, Verdict
from session_classify.vocabulary import Confidence, ContentSource, JudgedBy, Satisfaction, Unit
from tests.cli.run import run
from tests.pages.cases import demo
from tests.pages.hostile import planted

_REASONS = {
    Satisfaction.YES: "the dashboard was made as the user asked, and the answer says so",
    Satisfaction.PARTIAL: "the second of three monitors was not changed, and the answer omits it",
    Satisfaction.NO: "the answer states an effect that no confirmed write shows",
}
_FAILURES = (
    (Failure("hallucination", "no result shows the monitor that the answer names"),),
    (Failure("incomplete_answer", "two of three parts"), Failure("context_loss")),
    (Failure("wrong_tool_use", "it searched metrics for a log question"),),
    (Failure("hallucination", "a link to a page that no result shows"),),
)
_VERDICTS = tuple(map(Satisfaction, "yes yes no yes partial yes no yes yes partial no".split()))
_CLOSED = frozenset(
    "unit granularity verdict confidence content_source judged_by population seed start end day "
    "turns gaps page site".split()
)


def view(folder: Path, units: int = 50, *, worse: bool = False) -> RunView:
    """Return a run of so many units in four weeks; in a worse one, most verdicts are `no`."""
    facts = facts_of(*_parts(folder))
    names = tuple(f"5e551044-de30-4c1a-9551-{n:012d}" for n in range(1, units + 1))
    labels = tuple(
        _label(name, n, worse=worse and n % 4 > 0) for n, name in enumerate(names) if n % 17 != 16
    )
    told = {name: _told(facts, n) for n, name in enumerate(names) if n % 19 != 18}
    run = replace(_run(names, units * 6), audience="account *", facets=dict(_facets(names)))
    return RunView(run, labels, told, ("plan_type",))


def hostile(made: RunView) -> RunView:
    """Return a run with payloads in every text, ids included."""
    ids = {unit: _planted(unit) for unit in made.run.units}
    facets = {
        ids[unit]: {_planted(name): _planted(value) for name, value in own.items()}
        for unit, own in made.run.facets.items()
    }
    return RunView(
        replace(_planted(made.run), units=tuple(ids.values()), facets=facets),
        tuple(_planted(label, id=ids[label.id]) for label in made.labels),
        {ids[unit]: _planted(facts) for unit, facts in made.facts.items()},
        tuple(map(_planted, made.by)),
    )


def agreed(made: RunView) -> Held:
    """Return a run's verdicts held against made-up labels; the rates are made up as well."""
    pairs = tuple(
        Pair(
            Rating(label.id, label.verdict, "", reason=label.reason),
            _VERDICTS[n % len(_VERDICTS)],
            (Rating(label.id, _VERDICTS[n % len(_VERDICTS)], label.id, reason=label.reason),),
        )
        for n, label in enumerate(made.labels)
        if label.verdict
    )
    wrong = tuple(pair for pair in pairs if not pair.agrees)
    rate, one = Rate(30, 47, 0.49, 0.76), Coefficient(0.41, 0.2, 0.6)
    groups = {"failure code": (Group(made.labels[0].id, rate), Group("none", rate))}
    counts = {word.value: dict.fromkeys(("yes", "partial", "no"), 5) for word in Satisfaction}
    none = Rate(0, 0, 0.0, 1.0)
    figures = Agreement(
        len(pairs), rate, none, rate, counts, one, Coefficient(None), one, groups, wrong
    )
    return Held(Matched(pairs, 1, 2, (made.labels[0].id,)), figures)


def _facets(names: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the account's plan of each unit, but of every eleventh."""
    for n, name in enumerate(names):
        if n % 11 != 10:
            yield name, {"plan_type": ("enterprise", "business", "free")[n % 3]}


def on_disk(folder: Path) -> Path:
    """Make a run directory with three real cases, one of them damaged and one without a verdict."""
    ids = ("5e551044-de30-4c1a-9551-000000000001", "missing", "failed")
    made = folder / "run"
    start_run(made, _run(ids, 3))
    assert run("demo", "--case", made / CASES / "a case").returncode == 0
    verdict = msgspec.json.decode(
        (made / CASES / "a case" / "verdict.json").read_bytes(), type=Verdict
    )
    label = Label(
        Unit.SESSION, ids[0], (), verdict.verdict, verdict.reason, verdict.failures, verdict.cited
    )
    save_labels(made, (label, Label(Unit.SESSION, "failed", error="no span has this id")))
    return made


def _parts(folder: Path) -> tuple[Any, ...]:
    case = demo(folder)
    return case.evidence.session, case.events, case.coverage


def _run(names: tuple[str, ...], population: int) -> Run:
    return Run(
        app="support-bot",
        start="2026-11-01T00:00:00Z",
        end="2026-11-29T00:00:00Z",
        granularity=Unit.SESSION,
        population=population,
        seed=7,
        units=names,
        root_kind="agent",
        version="0.1.0",
    )


def _label(name: str, n: int, *, worse: bool) -> Label:
    if n % 23 == 22:
        return Label(Unit.SESSION, name, error="the backend answered 500 three times; try again")
    verdict = Satisfaction.NO if worse else _VERDICTS[n % len(_VERDICTS)]
    return Label(
        Unit.SESSION,
        name,
        (f"{n:032x}",),
        verdict,
        _REASONS[verdict],
        () if verdict is Satisfaction.YES else _FAILURES[n % 4],
        ("claim1", "write2"),
        {"tool3": "it wrote to a shared dashboard without asking"} if n % 13 == 2 else {},
        list(Confidence)[n % 3],
        list(ContentSource)[n % 2],
        JudgedBy.COMMAND if n % 5 else JudgedBy.AGENT,
        "claude -p" if n % 5 else "",
        "0.1.0",
    )


def _told(facts: UnitFacts, n: int) -> UnitFacts:
    models = (("claude-sonnet-4-5",), ("gpt-5-mini",), ("claude-sonnet-4-5", "gpt-5-mini"))
    return replace(
        facts,
        turns=1 + n * 7 % 12,
        day=str(date(2026, 11, 1) + timedelta(days=n * 5 % 28)),
        services=(("support-bot", "support-bot-eu", "checkout-assistant")[n % 3],),
        models=models[n * 2 % 7 % 3],
        product_area=("dashboards", "monitors", "logs", "", "incident-response")[n % 5],
        rum=("full", "partial — web RUM gap on session date", "unavailable — no RUM data for user")[
            n % 3
        ],
        gaps=3 if n % 8 == 5 else 0,
    )


def _planted(value: Any, **kept: Any) -> Any:
    """Return a struct or text with payloads in its texts, but in those that are empty or kept."""
    plain = msgspec.to_builtins(value)
    if not isinstance(plain, dict):
        return planted(plain, _CLOSED)
    full = {key: one for key, one in plain.items() if one}
    return msgspec.convert(plain | planted(full, _CLOSED) | kept, type(value))
