"""The units of a run as rows: the label of each, and what its case tells besides."""

import re
from collections.abc import Iterable

import msgspec

from session_classify.events import Events
from session_classify.gathering.links import is_unit_link, unit_link
from session_classify.model import Coverage, Session
from session_classify.population.run import Label, Run
from session_classify.printing.text import clip, one_line
from session_classify.report.metadata import metadata
from session_classify.vocabulary import ContentSource, Satisfaction

ERROR, OPEN = "error", "not judged"
"""States of a unit without a verdict: an error, and not classified yet."""
UNKNOWN = "not recorded"
"""The group of units of which something is not known."""
_SITE = "datadoghq.com"
_ASKED, _REASON = 300, 600
"""Characters of the user's first text, and of a reason."""
_SOURCES = {
    ContentSource.AGENT_LOOP: "agent loop",
    ContentSource.MESSAGES: "messages",
    ContentSource.IO: "input and output",
    ContentSource.STRUCTURAL: "structure alone",
}


class UnitFacts(msgspec.Struct, frozen=True):
    """What the case of a unit tells besides its label."""

    asked: str
    """The first text of the user, shortened."""
    turns: int
    day: str
    """Day of the first turn in UTC, `2026-11-20`; empty where times are not known."""
    services: tuple[str, ...]
    models: tuple[str, ...]
    product_area: str
    rum: str
    audit: str
    gaps: int
    """Rows that could not be read, answers that were cut, and turns that lack something."""
    site: str = _SITE
    verdict: Satisfaction | None = None
    """The verdict in the case; another one than the label's was recorded at another time."""
    page: str = ""
    """Link to the page of the unit, relative to the page of the run; empty where there is none."""


class UnitRow(msgspec.Struct, frozen=True):
    """One sampled unit."""

    number: int
    """Place in the sample, from 1."""
    id: str
    state: str
    """Verdict, `error` or `not judged`."""
    label: Label | None
    facts: UnitFacts | None
    link: str
    """Link to the unit in the app; empty where the case names a site that is not Datadog's."""
    reason: str
    modes: tuple[str, ...]
    """Failure codes without their descriptions; none for a unit that did not fail."""
    groups: dict[str, tuple[str, ...]]
    """What the unit is counted under, by the name of the breakdown; never empty."""

    @property
    def failed(self) -> bool:
        """Whether the verdict is `no` or `partial`."""
        return self.state in (Satisfaction.NO, Satisfaction.PARTIAL)


def facts_of(session: Session, events: Events, coverage: Coverage) -> UnitFacts:
    """Return what a gathered session tells a run; `site`, `verdict` and `page` are not in it."""
    told = metadata(session, events)
    turns = session.turns
    return UnitFacts(
        asked=clip(one_line(next((t.user_text for t in turns if t.user_text), "")), _ASKED),
        turns=len(turns),
        day=turns[0].start.date().isoformat() if turns and told.is_timed else "",
        services=told.services,
        models=told.models,
        product_area=session.product_area,
        rum=coverage.rum,
        audit=coverage.audit,
        gaps=len(coverage.unreadable)
        + len(coverage.truncated)
        + sum(bool(t.missing) for t in turns),
    )


def unit_rows(
    run: Run, labels: Iterable[Label], facts: dict[str, UnitFacts], by: tuple[str, ...] = ()
) -> tuple[UnitRow, ...]:
    """Return a row for each sampled unit, in the order of the sample.

    `by` are attributes of users or accounts by which units are counted, too.
    """
    known = {label.id: label for label in labels}
    return tuple(
        _row(number, run, unit, known.get(unit), facts.get(unit), by)
        for number, unit in enumerate(run.units, 1)
    )


def _row(
    number: int,
    run: Run,
    unit: str,
    label: Label | None,
    facts: UnitFacts | None,
    by: tuple[str, ...],
) -> UnitRow:
    state = OPEN if label is None else label.verdict.value if label.verdict else ERROR
    modes = _modes(label) if label else ()
    kind = label.unit if label else run.granularity
    link = unit_link(kind, unit, facts.site if facts else _SITE)
    return UnitRow(
        number=number,
        id=unit,
        state=state,
        label=label,
        facts=facts,
        link=link if is_unit_link(link) else "",
        reason=clip((label.reason or label.error) if label else "", _REASON),
        modes=modes,
        groups={
            **_groups(state, modes, label, facts),
            **{key: _one(run.facets.get(unit, {}).get(name, "")) for key, name in split_by(by)},
        },
    )


def split_by(by: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return the breakdowns by attributes: the key of each, and the attribute."""
    return tuple((f"facet{number}", name) for number, name in enumerate(by, 1))


def _modes(label: Label) -> tuple[str, ...]:
    """Return the failure codes: `other` for `other: <text>`, and one where none was given."""
    if label.verdict in (None, Satisfaction.YES):
        return ()
    codes = (failure.code.partition(":")[0].strip() for failure in label.failures)
    return tuple(dict.fromkeys(codes)) or ("not given",)


def _groups(
    state: str, modes: tuple[str, ...], label: Label | None, facts: UnitFacts | None
) -> dict[str, tuple[str, ...]]:
    source = label.content_source if label else None
    lacks = (UNKNOWN,)
    return {
        "verdict": (state,),
        "failure": modes or ("none",),
        "service": facts.services or lacks if facts else lacks,
        "area": _one(facts.product_area if facts else ""),
        "model": facts.models or lacks if facts else lacks,
        "day": _one(facts.day if facts else ""),
        "confidence": _one(label.confidence if label and label.confidence else ""),
        "content": _one(_SOURCES[source] if source else ""),
        "rum": _one(_lead(facts.rum) if facts else ""),
        "audit": _one(_lead(facts.audit) if facts else ""),
    }


def _one(text: str) -> tuple[str, ...]:
    return (str(text) or UNKNOWN,)


def _lead(text: str) -> str:
    """Return the words before the details: `partial` of `partial — web RUM gap`."""
    return re.split("[:,—]", text, maxsplit=1)[0].strip()
