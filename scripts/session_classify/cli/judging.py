"""`classify` with a judge: a prompt, an answer, and one correction."""

from msgspec.structs import replace

from session_classify.cli.output import refusal_lines
from session_classify.digest.digest import Digest, digest
from session_classify.digest.judging import judge_prompt
from session_classify.digest.layout import CaseHeader
from session_classify.errors import ClassifyError, RefusedError, UnreachableError
from session_classify.evidence.findings import Evidence
from session_classify.gathering.case import Case
from session_classify.redaction import without_secrets
from session_classify.verdict.confidence import confidence
from session_classify.verdict.finalize import VerdictContext, finalize
from session_classify.verdict.judge import NoAnswerError, ask, read_answer
from session_classify.verdict.reconcile_rules import Rule
from session_classify.verdicts import Verdict
from session_classify.vocabulary import DIGEST_LIMIT, JudgedBy

_LARGEST = 16 * DIGEST_LIMIT
"""Most characters of a digest for a judge, which must contain every turn."""


def judged(
    case: Case, evidence: Evidence, command: str, seconds: float, rules: tuple[Rule, ...]
) -> Verdict:
    """Let a command judge a case and record its verdict; one corrected answer is allowed.

    Raises UnreachableError when the command fails or prints no verdict, RefusedError when the check
    refuses both answers. The case stays in either case.
    """
    shown = _digest(case, evidence)
    text_shown = without_secrets(shown.text)  # decoding a result may reveal a secret
    level = confidence(evidence.session, case.info.coverage)
    ground = VerdictContext(evidence, shown.turns, level, rules)
    text = ask(command, judge_prompt(text_shown), seconds)
    taken = _taken(text, ground)
    if isinstance(taken, ClassifyError):
        again = judge_prompt(text_shown, text, taken.lines)
        taken = _taken(ask(command, again, seconds), ground)
    if isinstance(taken, ClassifyError):
        raise taken
    verdict = replace(taken, judged_by=JudgedBy.COMMAND, judge=command)
    return case.mark_shown(shown.turns).save_verdict(verdict)


def _digest(case: Case, evidence: Evidence) -> Digest:
    """Return the smallest digest with every turn, without commands for agents."""
    frame = CaseHeader("", "", case.info.nonce, case.info.coverage)
    numbers = {turn.number for turn in evidence.session.turns}
    limit = DIGEST_LIMIT
    shown = digest(evidence, frame, limit)
    while not numbers <= shown.turns and limit < _LARGEST:
        limit *= 2
        shown = digest(evidence, frame, limit)
    return shown


def _taken(text: str, ground: VerdictContext) -> Verdict | ClassifyError:
    """Return the verdict in an answer, or the error why it cannot be recorded."""
    try:
        answer = read_answer(text)
    except NoAnswerError as error:
        return UnreachableError(f"the judge gave no verdict: {error}")
    verdict, refusals = finalize(answer, ground)
    return RefusedError(*refusal_lines(refusals)) if refusals else verdict
