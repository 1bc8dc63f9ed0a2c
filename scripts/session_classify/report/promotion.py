"""Printed evidence for promoting actions, with the rules to paste into a profile."""

from collections.abc import Sequence

from session_classify.agreement.promotion import FEWEST, Promotion
from session_classify.agreement.proposals import Proposal
from session_classify.agreement.sightings import Sightings
from session_classify.printing.render import render
from session_classify.profiles.profile import ActionRule
from session_classify.report.profiles import scalar
from session_classify.vocabulary import ActionCondition, Seen

_ACTIONS = 60
"""Actions that the table of evidence lists; the rest is counted."""


def evidence_text(
    made: Sequence[Promotion], rules: Sequence[Proposal], found: Sightings, disputed: int
) -> str:
    """Return the evidence for each ambiguous action as a table, and the proposed rules as YAML.

    `disputed` is the number of sessions whose raters have no majority.
    """
    return render(
        "profile_evidence.md.j2",
        rows=made[:_ACTIONS],
        left=len(made) - len(made[:_ACTIONS]),
        rules=[(rule_line(one.rule), one.replaces) for one in rules],
        units=len(found.seen),
        found=found,
        disputed=disputed,
        fewest=FEWEST,
    )


def rule_line(rule: ActionRule) -> str:
    """Return an action's rule as one line of a profile's list, in flow style."""
    told: dict[str, str] = {
        "name": scalar(rule.name),
        "category": rule.category,
        "tier": rule.tier,
        "direction": rule.direction,
    }
    if rule.when is not ActionCondition.ALWAYS:
        told["when"] = scalar(rule.when)
    if rule.where:
        fields = (
            f"{scalar(field)}: [{', '.join(map(scalar, values))}]"
            for field, values in rule.where.items()
        )
        told["where"] = f"{{{', '.join(fields)}}}"
    if rule.seen is not Seen.LITERAL:
        told["seen"] = rule.seen
    told.update((key, scalar(text)) for key in ("note", "source") if (text := getattr(rule, key)))
    return f"- {{{', '.join(f'{key}: {value}' for key, value in told.items())}}}"
