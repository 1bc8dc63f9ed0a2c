"""Printed agreement: the figures alone, or as a section of a run's summary."""

from session_classify.agreement.figures import Compared, Held
from session_classify.printing.render import render


def agreement_text(held: Held, other: Compared | None = None, head: str = "#") -> str:
    """Return the figures as Markdown, beside another judge's if given; `head` begins its title."""
    values = {"found": held.found, "figures": held.figures, "other": other, "head": head}
    return render("agreement.md.j2", **values)
