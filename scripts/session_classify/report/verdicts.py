"""Print a verdict in short form."""

from session_classify.printing.render import render
from session_classify.verdicts import Verdict


def compact(verdict: Verdict, case: str, rum: str = "") -> str:
    """Return the two lines of a verdict and then only what applies to it.

    `rum` is the RUM coverage; it is printed where it is not complete
    (`references/sources/rum.md#rum-coverage`).
    """
    gap = rum if rum.startswith(("partial", "unavailable")) else ""
    return render("compact.md.j2", verdict=verdict, case=case, rum=gap)
