"""The report of one case: every line of the seeds' templates, or why it has nothing to say."""

from dataclasses import asdict, dataclass
from typing import Any

from session_classify.events import Events
from session_classify.evidence.findings import Evidence
from session_classify.gathering.protocols import ProtocolTerms
from session_classify.gathering.recall import recall
from session_classify.model import Coverage, Finding
from session_classify.printing.fitting import fitted
from session_classify.printing.render import render
from session_classify.profiles.profile import Profile
from session_classify.report.assets import AssetLines, asset_lines
from session_classify.report.metadata import Metadata, before_session, metadata
from session_classify.report.rum import feature_flags
from session_classify.report.user_activity import (
    PanelAction,
    Visit,
    behaviour_says,
    other_actions,
    panel_actions,
    signals,
    visits_after,
)
from session_classify.verdicts import Verdict
from session_classify.vocabulary import DIGEST_LIMIT, FAILURE_CODES, Direction, Tier, Unit

_MOST = 200
"""Rows of a table to begin with; there are fewer until the report has room, and so have lists."""


@dataclass(frozen=True, slots=True)
class JudgedCase:
    """A case as it was judged: what a report is made of."""

    evidence: Evidence
    events: Events
    coverage: Coverage
    profile: Profile
    verdict: Verdict
    terms: ProtocolTerms
    command: str = ""
    """Prints the report again: what is left out is found by it with `--json`."""


@dataclass(frozen=True, slots=True)
class Report:
    """What is told beside the verdict and the session's own facts, worked out once."""

    metadata: Metadata
    before: str
    """What the app told of the time before the session, in its own words."""
    before_from: str
    panel: tuple[PanelAction, ...]
    other_actions: tuple[str, ...]
    """Names of the user's other actions with their counts."""
    visits: tuple[Visit, ...]
    flags: dict[str, Any]
    behaviour: str
    """What behaviour does to the verdict, by the rules."""
    signals: tuple[Finding, ...]
    complaints: tuple[Finding, ...]
    """The user's negative feedback."""
    assets: tuple[AssetLines, ...]
    audit: tuple[Finding, ...]


def report_of(told: JudgedCase) -> Report:
    """Work out the report of a case from what it keeps; no raw file is read."""
    evidence, events = told.evidence, told.events
    around = recall(evidence, events, told.profile)
    before, source = before_session(evidence.session)
    return Report(
        metadata=metadata(evidence.session, events),
        before=before,
        before_from=source,
        panel=panel_actions(around.timeline, told.profile),
        other_actions=other_actions(around.timeline, told.profile),
        visits=visits_after(around.timeline),
        flags=feature_flags(around.timeline),
        behaviour=behaviour_says(told.verdict, evidence.findings, around.timeline),
        signals=signals(evidence.findings),
        complaints=tuple(
            finding
            for finding in evidence.findings
            if finding.tier is Tier.EXPLICIT and finding.direction is Direction.NEGATIVE
        ),
        assets=asset_lines(around, evidence.findings, told.profile),
        audit=tuple(f for f in evidence.findings if f.id.startswith("audit")),
    )


def report_data(told: JudgedCase) -> dict[str, Any]:
    """Return verdict, coverage and everything of the report as plain data, nothing left out."""
    coverage = {name: getattr(told.coverage, name) for name in ("rum", "rum_by", "audit")}
    return {"verdict": told.verdict, "coverage": coverage, "report": asdict(report_of(told))}


def report_text(told: JudgedCase, limit: int = DIGEST_LIMIT) -> str:
    """Return the report in Markdown, in at most `limit` characters.

    When there is no room for all rows, those stay that count most; the rest is counted, and the
    command named that shows it.
    """
    report = report_of(told)
    session = told.evidence.session
    template = "report_trace.md.j2" if session.unit is Unit.TRACE else "report_session.md.j2"

    def printed(most: int) -> str:
        return render(
            template,
            told=told,
            terms=told.terms,
            verdict=told.verdict,
            session=session,
            writes=told.evidence.writes,
            coverage=told.coverage,
            report=report,
            facts=report.metadata,
            panel=_weightiest(report.panel, most),
            most=most,
            means=FAILURE_CODES,
        )

    return fitted(printed, (_MOST,), limit)


def _weightiest(rows: tuple[PanelAction, ...], most: int) -> list[PanelAction]:
    """Return at most so many rows, in their order: those that count most."""
    order = sorted(range(len(rows)), key=lambda place: rows[place].rank)
    return [rows[place] for place in sorted(order[:most])]
