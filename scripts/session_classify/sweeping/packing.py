"""A unit's label, findings and unreadable rows as one text, which engines hand on."""

from collections.abc import Iterable
from typing import Any

import msgspec

from session_classify.model import Finding
from session_classify.population.run import Label
from session_classify.redaction import without_secrets

Unpacked = tuple[dict[str, Any], list[dict[str, Any]], list[str]]
"""The row of a label, the rows of its findings, and its lost rows."""


def packed(
    stratum: str, label: Label, findings: Iterable[Finding], unreadable: Iterable[str]
) -> str:
    """Return JSON of the label's row, the rows of its findings, and a line for each lost row."""
    row: dict[str, Any] = msgspec.to_builtins(label) | {"stratum": stratum}
    for name in ("failures", "breaches"):
        row[name] = msgspec.json.encode(row[name]).decode()
    row["error"] = without_secrets(row["error"])  # an error may quote trace text
    lost = tuple(map(without_secrets, unreadable))
    return msgspec.json.encode((row, _finding_rows(label, findings), lost)).decode()


def unpacked(text: str) -> Unpacked:
    """Return the rows that `packed` joined."""
    row, findings, lost = msgspec.json.decode(text)
    return row, findings, lost


def _finding_rows(label: Label, findings: Iterable[Finding]) -> list[dict[str, Any]]:
    return [
        {
            "unit": label.unit.value,
            "id": label.id,
            "finding": finding.id,
            "rule": finding.rule,
            "tier": str(finding.tier),
            "direction": str(finding.direction),
            "turn": finding.turn,
            "summary": finding.summary,
        }
        for finding in findings
    ]
