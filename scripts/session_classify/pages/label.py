"""The page on which a person labels the units of a run: evidence and choices, no verdict."""

from collections.abc import Sequence
from hashlib import sha256

import msgspec

from session_classify.evidence.findings import Evidence
from session_classify.pages.frame import page
from session_classify.pages.session import MOST_TEXT, CallRow, LedgerRow, call_row, ledger_row
from session_classify.population.run import Run
from session_classify.vocabulary import Satisfaction

_MEANS = {
    Satisfaction.YES: "the person got what they wanted",
    Satisfaction.PARTIAL: "a part of it, or all after effort that was not theirs to make",
    Satisfaction.NO: "the person did not get it",
}
"""What each choice means, in a few words (`references/verdicts.md`)."""


class LabelUnit(msgspec.Struct, frozen=True):
    """A unit to label, with what its conversation shows."""

    id: str
    evidence: Evidence
    calls: dict[str, CallRow]
    ledger: tuple[LedgerRow, ...]


def label_unit(unit_id: str, evidence: Evidence) -> LabelUnit:
    """Return a unit as the page shows it."""
    return LabelUnit(
        unit_id,
        evidence,
        {reading.call.id: call_row(reading) for reading in evidence.readings},
        tuple(ledger_row(write, evidence) for write in evidence.writes),
    )


def label_page(run: Run, units: Sequence[LabelUnit], rater: str = "") -> str:
    """Return the page of a run's units as HTML in one file; `rater` is a name to begin with.

    It carries the ids of the units and nothing that was judged: no verdict, reason or evaluation.
    """
    return page(
        "label.html.j2",
        {"key": run_key(run), "rater": rater, "units": [unit.id for unit in units]},
        scripts=("page.js", "label.js"),
        run=run,
        units=units,
        left_out=len(run.units) - len(units),
        choices={word.value: _MEANS[word] for word in Satisfaction},
        most=MOST_TEXT,
    )


def run_key(run: Run) -> str:
    """Return the name under which a browser keeps a run's labels: the same for the same sample."""
    told = (run.app, run.start, run.end, run.granularity.value, str(run.seed))
    return sha256("\0".join(told).encode()).hexdigest()[:16]
