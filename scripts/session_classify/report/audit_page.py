"""Generate the reference page of the audit rules."""

import sys
from pathlib import Path

from session_classify.evidence.audit.detection_rules import RULES
from session_classify.printing.render import render
from session_classify.vocabulary import Tier

_TIERS = {Tier.A: "Tier A", Tier.B: "Tier B", Tier.AMBIGUOUS: "Context"}


def audit_page() -> str:
    """Return `references/audit-signals.md`: every rule with its tier, direction and meaning."""
    tiers = [
        (title, [(name, rule) for name, rule in RULES.items() if rule.tier is tier])
        for tier, title in _TIERS.items()
    ]
    return render("audit_rules.md.j2", tiers=tiers)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(audit_page(), encoding="utf-8")
