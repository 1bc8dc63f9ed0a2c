"""The page of one session: verdict, chart, ledger, conversation and the events around it."""

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from session_classify.evidence.conversation.ledger import Write
from session_classify.evidence.conversation.tool_results import ToolResult
from session_classify.evidence.findings import Evidence
from session_classify.gathering.recall import recall
from session_classify.jsontext import compact_json
from session_classify.model import Finding, JsonValue
from session_classify.pages.axis import duration
from session_classify.pages.frame import page
from session_classify.pages.lanes import chart, look_of
from session_classify.printing.text import clip
from session_classify.report.metadata import metadata
from session_classify.report.verbose import JudgedCase
from session_classify.verdicts import Verdict
from session_classify.vocabulary import FAILURE_CODES

_RESULT, _FIELD, MOST_TEXT, _ROWS = 3_000, 300, 20_000, 500
"""Characters of a result, a field and a message; rows of a table. The rest is counted."""


class Field(msgspec.Struct, frozen=True):
    """A field of a write: its path, and what it held before and after."""

    path: str
    before: str
    after: str


class LedgerRow(msgspec.Struct, frozen=True):
    """One write: what was asked, what came back, and what the user was told."""

    write: Write
    look: str
    asked: tuple[Field, ...]
    changed: tuple[Field, ...]
    """Fields that changed; empty where nothing was read before."""
    returned: str
    """What came back, where no change could be told."""
    differs: tuple[Field, ...]
    told: tuple[tuple[str, bool], ...]
    """Sentences about the write, each with whether it fits what was stored."""


class CallRow(msgspec.Struct, frozen=True):
    """One tool call of the conversation."""

    reading: ToolResult
    look: str
    arguments: str
    result: str


def session_page(case: JudgedCase, back: str = "") -> str:
    """Return the page of a judged case as HTML in one file.

    `back` is a link to the page of the run that the case is in, relative to this one.
    """
    evidence, session = case.evidence, case.evidence.session
    around = recall(evidence, case.events, case.profile)
    facts = metadata(session, case.events)
    events, audit = around.timeline.events[:_ROWS], case.events.audit[:_ROWS]
    return page(
        "session.html.j2",
        {"verdict": case.verdict, "coverage": case.coverage, "findings": evidence.findings},
        scripts=("page.js", "chart.js"),
        back=back,
        session=session,
        verdict=case.verdict,
        coverage=case.coverage,
        facts=facts,
        lasted=duration(facts.seconds),
        chart=chart(evidence, around.timeline, audit) if facts.is_timed else None,
        ledger=[ledger_row(write, evidence) for write in evidence.writes],
        calls={reading.call.id: call_row(reading) for reading in evidence.readings},
        findings=evidence.findings,
        known=evidence.ids,
        cited_by=cited_by(case.verdict, evidence),
        places={event.event.id: f"event{n}" for n, event in enumerate(events, 1)},
        events=events,
        events_left=len(around.timeline.events) - len(events),
        audit=audit,
        audit_left=len(case.events.audit) - len(audit),
        phase=around.timeline.times.phase,
        means=FAILURE_CODES,
        command=case.command,
        most=MOST_TEXT,
    )


def cited_by(verdict: Verdict, evidence: Evidence) -> dict[str, list[str]]:
    """Return for each id what rests on it: `verdict`, or ids of findings."""
    by: dict[str, list[str]] = defaultdict(list)
    moved = [name for move in verdict.moves for name in move.findings]
    for name in dict.fromkeys((*verdict.cited, *verdict.confirmed, *verdict.breaches, *moved)):
        by[name].append("verdict")
    for finding in evidence.findings:
        for name in _grounds(finding):
            if name != finding.id:  # a finding on a single call has its id
                by[name].append(finding.id)
    return dict(by)


def _grounds(finding: Finding) -> Iterable[str]:
    turn = () if finding.turn is None else (f"turn{finding.turn}",)
    return dict.fromkeys((*finding.calls, *turn))


def ledger_row(write: Write, evidence: Evidence) -> LedgerRow:
    """Return one entry of the ledger as a row of the table."""
    told = [one for one in evidence.said.values if one.write == write.id]
    return LedgerRow(
        write,
        look_of(write.outcome),
        tuple(Field(path, "", _shown(value)) for path, value in _flat(write.call.arguments)),
        tuple(Field(c.path, _shown(c.before), _shown(c.after)) for c in write.changes),
        "" if write.changes else _shown(write.data, _RESULT // 3),
        tuple(Field(c.path, _shown(c.before), _shown(c.after)) for c in write.differs),
        tuple((clip(one.sentence, _FIELD), one.matches) for one in told),
    )


def _flat(value: JsonValue) -> list[tuple[str, JsonValue]]:
    return list(value.items()) if isinstance(value, dict) else [("", value)]


def _shown(value: JsonValue, most: int = _FIELD) -> str:
    if value is None:
        return ""
    return clip(value if isinstance(value, str) else compact_json(value), most)


def call_row(reading: ToolResult) -> CallRow:
    """Return a call as it is shown, its texts shortened."""
    call = reading.call
    return CallRow(
        reading,
        look_of(reading.outcome),
        _shown(call.arguments, _RESULT),
        "" if call.result is None else clip(call.result, _RESULT),
    )
