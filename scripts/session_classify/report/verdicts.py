"""A verdict as it is printed."""

from session_classify.report.render import render
from session_classify.verdicts import Verdict


def compact(verdict: Verdict, case: str) -> str:
    """Return the two lines of a verdict and then only what applies to it."""
    return render("compact.md.j2", verdict=verdict, case=case)
