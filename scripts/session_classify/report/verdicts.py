"""A verdict as it is printed."""

from session_classify.printing.render import render
from session_classify.verdicts import Verdict


def compact(verdict: Verdict, case: str, rum: str = "") -> str:
    """Return the two lines of a verdict and then only what applies to it.

    `rum` is how much of the user's behaviour is known; it is told where that is not all (seed 002,
    step 4).
    """
    gap = rum if rum.startswith(("partial", "unavailable")) else ""
    return render("compact.md.j2", verdict=verdict, case=case, rum=gap)
