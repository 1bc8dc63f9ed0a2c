"""Fetch the audit trail of a session: first calls, narrower ones after a limit, broad ones."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from session_classify.errors import UnusableInputError
from session_classify.events import AuditEvent
from session_classify.evidence.audit.context import AuditContext
from session_classify.evidence.audit.findings import audit_findings
from session_classify.evidence.audit.phases import AuditTrail, audit_trail
from session_classify.evidence.audit.questions import AuditNeed, audit_coverage, fallback_calls
from session_classify.gathering.asking import Ask
from session_classify.model import Finding
from session_classify.profiles.profile import Profile
from session_classify.queries.audit import narrowed, still_cut
from session_classify.queries.call import Call, Received
from session_classify.redaction import redacted
from session_classify.wire.audit import AuditRead, merged, read_audit, read_audit_answer

_NARROWED = 3
"""Most repeats of a query that reached its limit; then the coverage reports the cut."""


class AuditSeen(msgspec.Struct, frozen=True):
    """The audit trail of a session and its coverage."""

    findings: tuple[Finding, ...]
    coverage: str
    events: tuple[AuditEvent, ...] = ()


def audit_seen(
    context: AuditContext,
    need: AuditNeed,
    profile: Profile,
    ask: Ask,
    first: Iterable[Received],
    now: datetime,
) -> AuditSeen:
    """Return the findings of the calls in `need`, whose answers are `first`, and of further calls.

    A failed call is reported in the coverage and is not evidence.
    """
    calls, answers = need.calls, tuple(first)
    made: list[Call] = []
    reads: list[AuditRead] = []
    cuts: list[str] = []
    while True:
        for call, answer in zip(calls, answers, strict=False):
            came, cut = _followed(call, answer, ask)
            reads += came
            cuts += [cut] if cut else []
        made += calls
        # Rows contain typed text: secrets are masked before anything is derived from it.
        read = redacted(merged(reads))
        trail = audit_trail(read.events, context, profile)
        calls = tuple(c for c in fallback_calls(need, context, trail, cuts) if c not in made)
        if not calls:
            return _seen(trail, profile, read, audit_coverage(need, trail, read, now, cuts))
        answers = ask(calls)


def audit_recorded(
    context: AuditContext,
    need: AuditNeed,
    profile: Profile,
    rows: Iterable[Received],
    now: datetime,
) -> AuditSeen:
    """Return the findings of recorded rows: one a line, or search results in files."""
    reads = []
    for one in rows:
        try:
            reads.append(read_audit_answer(one.data, one.name))
        except UnusableInputError:
            reads.append(read_audit(one.data.splitlines(), one.name))
    read = redacted(merged(reads))
    trail = audit_trail(read.events, context, profile)
    return _seen(trail, profile, read, audit_coverage(need, trail, read, now))


def _seen(trail: AuditTrail, profile: Profile, read: AuditRead, coverage: str) -> AuditSeen:
    return AuditSeen(tuple(audit_findings(trail, profile)), coverage, read.events)


def _followed(call: Call, answer: Received, ask: Ask) -> tuple[list[AuditRead], str]:
    """Return an answer with those of narrower calls, and what is still cut."""
    reads = [_read(answer)]
    for _ in range(_NARROWED):
        following = narrowed(call, reads[-1].events, reads[-1].rows)
        came = ask(following) if following else ()
        if not came:
            break
        call = following[0]
        reads.append(_read(came[0]))
    return reads, still_cut(call, reads[-1].events, reads[-1].rows)


def _read(answer: Received) -> AuditRead:
    try:
        return read_audit_answer(answer.data, answer.name)
    except UnusableInputError as error:
        return AuditRead(notes=(f"a query was not answered: {error}",))
