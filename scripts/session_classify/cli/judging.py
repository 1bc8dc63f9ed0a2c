"""`classify` with a judge: its verdict, recorded on the case."""

from session_classify.evidence.findings import Evidence
from session_classify.gathering.case import Case
from session_classify.population.judgement import judged as judged_evidence
from session_classify.verdict.judge import judge_of
from session_classify.verdict.reconcile_rules import Rule
from session_classify.verdicts import Verdict


def judged(
    case: Case, evidence: Evidence, judge: str, seconds: float, rules: tuple[Rule, ...]
) -> Verdict:
    """Let a judge read a case and record its verdict; one corrected answer is allowed.

    Raises UnreachableError when the judge fails or gives no verdict, RefusedError when the check
    refuses both answers. The case stays in either case.
    """
    ask = judge_of(judge, seconds).text
    found = judged_evidence(evidence, case.info.coverage, case.info.nonce, ask, judge, rules)
    return case.mark_shown(found.turns).save_verdict(found.verdict)
