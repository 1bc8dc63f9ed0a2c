"""The summary of a sweep: rates with intervals, failure modes, and what broke."""

from typing import Any

from session_classify.population.stratified import Estimate, Stratum, stratified
from session_classify.printing.render import render
from session_classify.printing.text import ranked
from session_classify.sweeping.engine import Sweep
from session_classify.sweeping.plan import Record
from session_classify.sweeping.tables import Counts
from session_classify.vocabulary import Satisfaction


def sweep_summary(done: Sweep, place: str) -> str:
    """Return the summary in Markdown; the rates are of all units, sampled or not.

    `place` is the folder of the tables as a command names it.
    """
    record, counts = done.record, done.counts
    return render(
        "sweep_summary.md.j2",
        spent=done.spent,
        counts=counts,
        population=sum(record.strata.values()),
        plan=record.plan,
        judged=sum(counts.verdicts.values()),
        rates=[_rate(word.value, record, counts) for word in Satisfaction],
        modes=ranked(counts.failures),
        strata=[_stratum(name, record, counts) for name in sorted(record.strata)],
        place=place,
    )


def _rate(word: str, record: Record, counts: Counts) -> dict[str, str]:
    found = estimate(word, record, counts)
    return {
        "verdict": word,
        "count": f"{counts.verdicts.get(word, 0):,}",
        "percent": f"{found.rate:.1%}",
        "interval": f"{found.interval.low:.1%} to {found.interval.high:.1%}",
    }


def estimate(word: str, record: Record, counts: Counts) -> Estimate:
    """Return the rate of a verdict among all units, each stratum weighted by its units."""
    return stratified(
        Stratum(units, sum(found.values()), found.get(word, 0))
        for name, units in record.strata.items()
        for found in (counts.strata.get(name, {}),)
    )


def _stratum(name: str, record: Record, counts: Counts) -> dict[str, Any]:
    found = counts.strata.get(name, {})
    return {
        "name": name or "(none)",
        "units": record.strata[name],
        "judged": sum(found.values()),
        "counts": {word.value: found.get(word.value, 0) for word in Satisfaction},
    }
