"""The verdict of a judge on evidence: a prompt, an answer, and one correction."""

from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from session_classify.digest.digest import Digest, digest
from session_classify.digest.judging import judge_prompt
from session_classify.digest.layout import CaseHeader
from session_classify.errors import ClassifyError, RefusedError, UnreachableError
from session_classify.evidence.findings import Evidence
from session_classify.model import Coverage
from session_classify.redaction import without_secrets
from session_classify.verdict.confidence import confidence
from session_classify.verdict.finalize import VerdictContext, finalize, refusal_lines
from session_classify.verdict.judge import NoAnswerError, read_answer
from session_classify.verdict.reconcile_rules import Rule
from session_classify.verdicts import Verdict
from session_classify.vocabulary import DIGEST_LIMIT, JudgedBy

Ask = Callable[[str], str]
"""Returns a judge's answer to a prompt; raises UnreachableError."""
_LARGEST = 16 * DIGEST_LIMIT
"""Most characters of a digest for a judge, which must contain every turn."""


class Judged(msgspec.Struct, frozen=True):
    """A judge's verdict, not recorded yet, and the turns that it was shown."""

    verdict: Verdict
    turns: frozenset[int]


def judged(
    evidence: Evidence, coverage: Coverage, nonce: str, ask: Ask, name: str, rules: tuple[Rule, ...]
) -> Judged:
    """Return the verdict of the judge called `name`; one corrected answer is allowed.

    `nonce` ends the fence around trace text. Raises UnreachableError when the judge fails or gives
    no verdict, RefusedError when the check refuses both answers.
    """
    shown = _digest(evidence, coverage, nonce)
    text_shown = without_secrets(shown.text)  # decoding a result may reveal a secret
    level = confidence(evidence.session, coverage)
    ground = VerdictContext(evidence, shown.turns, level, rules)
    text = ask(judge_prompt(text_shown))
    taken = _taken(text, ground)
    if isinstance(taken, ClassifyError):
        taken = _taken(ask(judge_prompt(text_shown, text, taken.lines)), ground)
    if isinstance(taken, ClassifyError):
        raise taken
    return Judged(replace(taken, judged_by=JudgedBy.COMMAND, judge=name), shown.turns)


def _digest(evidence: Evidence, coverage: Coverage, nonce: str) -> Digest:
    """Return the smallest digest with every turn, without commands for agents."""
    frame = CaseHeader("", "", nonce, coverage)
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
