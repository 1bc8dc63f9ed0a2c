"""The report of one case: every line of the protocol's template, or why it is empty.

Source: `references/sources/rules.md#reports`.
"""

from typing import Any

import msgspec
from msgspec.structs import asdict

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
"""Rows of a table at first; tables and lists shrink until the report fits."""


class JudgedCase(msgspec.Struct, frozen=True):
    """A judged case: the input of a report."""

    evidence: Evidence
    events: Events
    coverage: Coverage
    profile: Profile
    verdict: Verdict
    terms: ProtocolTerms
    command: str = ""
    """The command that prints the report; with `--json` it prints everything."""


class Report(msgspec.Struct, frozen=True):
    """The derived content of a report, besides verdict and metadata."""

    metadata: Metadata
    before: str
    """What the app recorded of the time before the session."""
    before_from: str
    panel: tuple[PanelAction, ...]
    other_actions: tuple[str, ...]
    """Names of the user's other actions with counts."""
    visits: tuple[Visit, ...]
    flags: dict[str, Any]
    behaviour: str
    """How behaviour affects the verdict, by the rules."""
    signals: tuple[Finding, ...]
    complaints: tuple[Finding, ...]
    """The user's negative feedback."""
    assets: tuple[AssetLines, ...]
    audit: tuple[Finding, ...]


def report_of(case: JudgedCase) -> Report:
    """Derive the report of a case from its files; raw answers are not read."""
    evidence, events = case.evidence, case.events
    around = recall(evidence, events, case.profile)
    before, source = before_session(evidence.session)
    return Report(
        metadata=metadata(evidence.session, events),
        before=before,
        before_from=source,
        panel=panel_actions(around.timeline, case.profile),
        other_actions=other_actions(around.timeline, case.profile),
        visits=visits_after(around.timeline),
        flags=feature_flags(around.timeline),
        behaviour=behaviour_says(case.verdict, evidence.findings, around.timeline),
        signals=signals(evidence.findings),
        complaints=tuple(
            finding
            for finding in evidence.findings
            if finding.tier is Tier.EXPLICIT and finding.direction is Direction.NEGATIVE
        ),
        assets=asset_lines(around, evidence.findings, case.profile),
        audit=tuple(f for f in evidence.findings if f.id.startswith("audit")),
    )


def report_data(case: JudgedCase) -> dict[str, Any]:
    """Return verdict, coverage and the whole report as plain data."""
    coverage = {name: getattr(case.coverage, name) for name in ("rum", "rum_by", "audit")}
    return {"verdict": case.verdict, "coverage": coverage, "report": asdict(report_of(case))}


def report_text(case: JudgedCase, limit: int = DIGEST_LIMIT) -> str:
    """Return the report in Markdown, in at most `limit` characters.

    If there is no space for all rows, the most relevant ones are kept, the rest is counted, and the
    command that prints everything is named.
    """
    report = report_of(case)
    session = case.evidence.session
    template = "report_trace.md.j2" if session.unit is Unit.TRACE else "report_session.md.j2"

    def printed(most: int) -> str:
        return render(
            template,
            case=case,
            terms=case.terms,
            verdict=case.verdict,
            session=session,
            writes=case.evidence.writes,
            coverage=case.coverage,
            report=report,
            facts=report.metadata,
            panel=_weightiest(report.panel, most),
            most=most,
            means=FAILURE_CODES,
        )

    return fitted(printed, (_MOST,), limit)


def _weightiest(rows: tuple[PanelAction, ...], most: int) -> list[PanelAction]:
    """Return at most `most` rows in their order: the most relevant ones."""
    order = sorted(range(len(rows)), key=lambda place: rows[place].rank)
    return [rows[place] for place in sorted(order[:most])]
