"""What the person did around a session: RUM calls one after the other, as the plan wants them."""

from collections.abc import Iterable

from session_classify.around.asking import Ask
from session_classify.evidence.behaviour import Observed, naming, observe
from session_classify.evidence.findings import Evidence
from session_classify.profiles.profile import Profile
from session_classify.redaction import redacted
from session_classify.wire.answers import Received
from session_classify.wire.rum_received import RumReceived, read_received
from session_classify.wire.rum_wanted import RumPlan, rum_plan


def behaviour_asked(
    evidence: Evidence, profile: Profile, ask: Ask, first: Iterable[Received]
) -> Observed:
    """Return what RUM tells, beginning with the answer to the plan's first call."""
    received = list(first)
    while True:
        read = read_received(received)
        plan = rum_plan(evidence.session, read.asked, naming(profile))
        came = ask((plan.call,)) if plan.call else ()
        if not came:
            return _observed(evidence, profile, read, plan)
        received += came


def behaviour_recorded(evidence: Evidence, profile: Profile, rows: Iterable[Received]) -> Observed:
    """Return what RUM rows tell that came with the session."""
    return _observed(evidence, profile, read_received(rows), None)


def _observed(
    evidence: Evidence, profile: Profile, read: RumReceived, plan: RumPlan | None
) -> Observed:
    """Apply the rules; secrets in what a browser sent are masked before."""
    rows = redacted(read.rows)
    return observe(evidence.session, rows, profile, evidence.findings, evidence.writes, plan=plan)
