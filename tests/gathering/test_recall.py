"""What a case keeps of the time around its session is laid out again as it was."""

from pathlib import Path

from session_classify.evidence.findings import recalled
from session_classify.gathering.case import open_case
from session_classify.gathering.recall import recall
from session_classify.profiles.load import choose_profile
from tests.cli.run import run
from tests.situations import situation


def test_feedback_parts_the_trail_of_a_report_too(tmp_path: Path) -> None:
    """The instant of feedback that RUM shows is the same for timeline and trail."""
    bundle, path = situation("bundle-bad-response"), tmp_path / "c"
    run("gather", "session", "s-1", "--backend", f"bundle:{bundle}", "--case", path)
    case = open_case(path)
    evidence = recalled(case.session(), case.findings())

    around = recall(evidence, case.events(), choose_profile(evidence.session.ml_app))

    assert around.timeline.times.feedback is not None
    assert around.trail.context.times == around.timeline.times
