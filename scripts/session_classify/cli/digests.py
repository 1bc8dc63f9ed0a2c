"""What `gather` and `show` print of a whole case."""

from dataclasses import replace

from session_classify.case import Case
from session_classify.cli.output import as_json, case_argument, program
from session_classify.evidence.findings import Evidence
from session_classify.report.digest import Digest, digest
from session_classify.report.sheet import Frame
from session_classify.vocabulary import DIGEST_LIMIT


def digest_of(case: Case, evidence: Evidence) -> Digest:
    """Return the digest of a case, with its commands as they can be typed here."""
    frame = Frame(program(), case_argument(case.path), case.info.nonce, case.info.coverage)
    return digest(evidence, frame)


def summary_of(case: Case, evidence: Evidence) -> str:
    """Return case, coverage and findings as JSON of at most 24,000 characters."""
    findings = list(evidence.findings)
    unreadable = case.info.coverage.unreadable
    coverage = replace(case.info.coverage, unreadable=unreadable[:20])
    while True:
        text = as_json(
            {
                "case": str(case.path),
                "info": replace(case.info, coverage=coverage),
                "unreadable_rows": len(unreadable),
                "turns": len(evidence.session.turns),
                "tool_calls": len(evidence.session.tool_calls),
                "findings": findings,
                "findings_left_out": len(evidence.findings) - len(findings),
            }
        )
        if len(text) <= DIGEST_LIMIT or not findings:
            return text
        findings = findings[: len(findings) * 3 // 4]
