"""Submit evaluations: each once, and a failed attempt again as it was."""

from enum import StrEnum

from msgspec.structs import replace

from session_classify.errors import ClassifyError
from session_classify.gathering.case import Case
from session_classify.submission.evaluation import Evaluation, body
from session_classify.submission.intake import Intake
from session_classify.submission.record import State, begun, earlier, keep, submitting


class Done(StrEnum):
    """What became of an evaluation."""

    SENT = "submitted"
    ANEW = "submitted anew"
    ALREADY = "already submitted, nothing was sent"


def submitted(case: Case, evaluation: Evaluation, intake: Intake) -> Done:
    """Send the evaluation of a case unless that was done, and keep a record of it in the case.

    A failed attempt is repeated as it was, with its time. Raises what `Intake.send` raises, after
    the error was recorded, and StorageError.
    """
    with submitting(case):
        submission = begun(evaluation, intake.url)
        before = earlier(case, submission)
        is_same = before is not None and before.content == submission.content
        if before is not None and is_same:
            if before.state is State.SENT:
                return Done.ALREADY
            evaluation = replace(evaluation, timestamp_ms=before.timestamp_ms)
            submission = replace(submission, timestamp_ms=before.timestamp_ms)
        keep(case, submission)
        try:
            intake.send(body((evaluation,)))
        except ClassifyError as error:
            keep(case, replace(submission, state=State.FAILED, error=str(error)))
            raise
        keep(case, replace(submission, state=State.SENT))
    return Done.ANEW if before is not None and not is_same else Done.SENT
