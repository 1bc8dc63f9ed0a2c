"""The output of `gather` and `show` for a whole case."""

from msgspec.structs import replace

from session_classify.cli.output import as_json, case_argument
from session_classify.digest.digest import Digest, digest
from session_classify.digest.layout import CaseHeader
from session_classify.evidence.findings import Evidence
from session_classify.gathering.case import Case
from session_classify.invocation import program
from session_classify.printing.fitting import fitted
from session_classify.vocabulary import DIGEST_LIMIT

_LISTED = 20
"""Lines of each kind that a summary lists; the total is given beside."""


def digest_of(case: Case, evidence: Evidence) -> Digest:
    """Return the digest of a case, with commands that can be typed here."""
    frame = CaseHeader(program(), case_argument(case.path), case.info.nonce, case.info.coverage)
    return digest(evidence, frame)


def summary_of(case: Case, evidence: Evidence) -> str:
    """Return case, coverage and findings as JSON of at most 24,000 characters."""
    whole = case.info.coverage
    coverage = replace(
        whole,
        unreadable=whole.unreadable[:_LISTED],
        notes=whole.notes[:_LISTED],
        next_calls=whole.next_calls[:_LISTED],
    )

    def printed(count: int) -> str:
        return as_json(
            {
                "case": str(case.path),
                "info": replace(case.info, coverage=coverage),
                "unreadable_rows": len(whole.unreadable),
                "notes": len(whole.notes),
                "next_calls": len(whole.next_calls),
                "turns": len(evidence.session.turns),
                "tool_calls": len(evidence.session.tool_calls),
                "findings": evidence.findings[:count],
                "findings_left_out": len(evidence.findings) - count,
            }
        )

    return fitted(printed, (len(evidence.findings),), DIGEST_LIMIT)
