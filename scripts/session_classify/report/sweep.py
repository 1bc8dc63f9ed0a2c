"""The summary of a sweep: rates with intervals, failure modes, and what broke."""

from session_classify.population.interval import wilson
from session_classify.printing.render import render
from session_classify.printing.text import ranked
from session_classify.sweeping.tables import Counts
from session_classify.vocabulary import Satisfaction


def sweep_summary(counts: Counts, place: str) -> str:
    """Return the summary in Markdown; an interval is wide only for the units without a verdict."""
    judged = counts.units - counts.broken
    rates = []
    for word in Satisfaction:
        count = counts.verdicts.get(word.value, 0)
        found = wilson(count, judged, counts.units)
        share = count / judged if judged else 0.0
        rates.append(
            {
                "verdict": word.value,
                "count": f"{count:,}",
                "percent": f"{share:.1%}",
                "interval": f"{found.low:.1%} to {found.high:.1%}",
            }
        )
    modes = ranked(counts.failures)
    return render(
        "sweep_summary.md.j2", counts=counts, judged=judged, rates=rates, modes=modes, place=place
    )
