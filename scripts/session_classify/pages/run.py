"""The page of a run: rates, failure modes, breakdowns, coverage, failure stories and all units."""

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from session_classify.pages.comparison import Compared, compared, weighted
from session_classify.pages.frame import page
from session_classify.pages.tallies import Tally, breakdown, calendar, modes, tally
from session_classify.pages.units import UnitFacts, UnitRow, split_by, unit_rows
from session_classify.population.run import Label, Run
from session_classify.population.stratified import Estimate
from session_classify.vocabulary import FAILURE_CODES, JudgedBy, Satisfaction

if TYPE_CHECKING:
    from session_classify.agreement.figures import Held

_GROUPS = {
    "service": "Service",
    "area": "Product area",
    "model": "Model",
    "day": "Day",
}
_COVERAGE = {
    "content": "Conversation read from",
    "rum": "User activity (RUM)",
    "audit": "Audit trail",
    "confidence": "Confidence",
}
_VALUES, _STORIES = 12, 25
"""Rows of a breakdown that are shown at once, and stories of a failure mode."""


class RunView(msgspec.Struct, frozen=True):
    """A run with its labels, and what the cases of its units tell, by the unit's id."""

    run: Run
    labels: tuple[Label, ...]
    facts: dict[str, UnitFacts]
    by: tuple[str, ...] = ()
    """Attributes of users or accounts with a breakdown each."""

    @property
    def rows(self) -> tuple[UnitRow, ...]:
        """A row for each sampled unit."""
        return unit_rows(self.run, self.labels, self.facts, self.by)


def run_page(view: RunView, against: RunView | None = None, agreed: "Held | None" = None) -> str:
    """Return the page of a run as HTML in one file, beside an earlier run if one is given.

    `agreed` are its verdicts held against people's labels.
    """
    rows, run = view.rows, view.run
    titles = {**dict(split_by(view.by)), **_GROUPS}
    unseen = run.population - sum(row.label is not None and not row.label.error for row in rows)
    other = compared(against.run, against.rows, run, rows) if against else None
    groups = {key: breakdown(rows, key, unseen) for key in (*titles, *_COVERAGE)}
    return page(
        "run.html.j2",
        _data(view, rows, other, agreed),
        scripts=("page.js", "units.js"),
        run=run,
        rows=rows,
        whole=replace(tally("", rows, unseen), weighted=_weighted(run, rows)),
        words=[word.value for word in Satisfaction],
        groups=groups,
        titles=titles,
        covers=_COVERAGE,
        days=calendar(groups["day"]),
        filters=_filters(rows, groups, titles),
        modes=modes(rows),
        means=FAILURE_CODES,
        caseless=sum(row.facts is None for row in rows),
        gaps=sum(bool(row.facts and row.facts.gaps) for row in rows),
        breaches=sum(bool(row.label and row.label.breaches) for row in rows),
        judges=_judges(rows),
        unread=sum(row.label.judged_by is JudgedBy.RULES_ONLY for row in rows if row.label),
        has_pages=any(row.facts and row.facts.page for row in rows),
        places={row.id: row.number for row in rows},
        other=other,
        agreed=agreed,
        most=_VALUES,
        stories=_STORIES,
    )


def _weighted(run: Run, rows: tuple[UnitRow, ...]) -> dict[str, Estimate]:
    found = {word.value: weighted(word, run, rows) for word in Satisfaction}
    return {word: one for word, one in found.items() if one is not None}


def _filters(
    rows: tuple[UnitRow, ...], groups: dict[str, tuple[Tally, ...]], titles: Iterable[str]
) -> dict[str, list[str]]:
    """Return the values by which the units are filtered, where there is more than one."""
    states = Counter(row.state for row in rows)
    failures = Counter(code for row in rows for code in row.groups["failure"])
    values = {
        "verdict": list(states),
        "failure": [code for code, _ in failures.most_common()],
        **{key: [one.name for one in groups[key]] for key in titles},
    }
    return {key: names for key, names in values.items() if len(names) > 1}


def _judges(rows: tuple[UnitRow, ...]) -> list[tuple[str, int]]:
    labels = [row.label for row in rows if row.label and row.label.judged_by]
    named = (
        f"{one.judged_by} ({one.judge})" if one.judge else str(one.judged_by) for one in labels
    )
    return Counter(named).most_common()


def _data(
    view: RunView, rows: tuple[UnitRow, ...], other: Compared | None, agreed: "Held | None"
) -> dict[str, Any]:
    """Return the run as data; the order of `units` is that of the table."""
    run = view.run
    return {
        "run": {
            name: getattr(run, name)
            for name in ("app", "start", "end", "granularity", "population", "seed", "version")
        },
        "units": [
            {
                "id": row.id,
                "state": row.state,
                "label": row.label,
                "groups": row.groups,
                "facts": row.facts,
            }
            for row in rows
        ],
        "against": other,
        "labels": agreed.told if agreed else None,
    }
