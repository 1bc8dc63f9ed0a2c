"""What was submitted of a case, so that nothing is sent twice and a failed attempt goes on."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from hashlib import blake2b

import msgspec
from msgspec.structs import replace

from session_classify.gathering.case import Case
from session_classify.gathering.case_files import SUBMIT_LOCK, SUBMITTED, locked, read_file, store
from session_classify.storage import ELSEWHERE, held, storing
from session_classify.submission.evaluation import Evaluation

_PATIENCE = 300.0
"""Seconds to wait for another process that submits the case."""


class State(StrEnum):
    """How far a submission came."""

    PENDING = "pending"
    """Begun; whether it arrived is not known."""
    SENT = "sent"
    FAILED = "failed"


class Submission(msgspec.Struct, frozen=True):
    """One evaluation of one span at one address; a later one replaces it."""

    label: str
    span_id: str
    trace_id: str
    address: str
    content: str
    """Digest of the evaluation without its time."""
    timestamp_ms: int
    state: State
    error: str = ""

    def is_of(self, other: "Submission") -> bool:
        """Return whether both are about the same span, under the same label and address."""
        return _key(self) == _key(other)


def begun(evaluation: Evaluation, address: str) -> Submission:
    """Return the submission of an evaluation before it is sent."""
    data = msgspec.json.encode(replace(evaluation, timestamp_ms=0), order="sorted")
    return Submission(
        evaluation.label,
        evaluation.span["span_id"],
        evaluation.span["trace_id"],
        address,
        blake2b(data, digest_size=16).hexdigest(),
        evaluation.timestamp_ms,
        State.PENDING,
    )


def earlier(case: Case, submission: Submission) -> Submission | None:
    """Return the submission of the same span, label and address; None if there is none.

    Raises UnusableInputError where the record is damaged.
    """
    return next((one for one in _read(case) if one.is_of(submission)), None)


def keep(case: Case, submission: Submission) -> None:
    """Write a submission into the case; raises StorageError."""
    with storing(case.path, ELSEWHERE), locked(case.path):
        others = [one for one in _read(case) if not one.is_of(submission)]
        store(case.path, SUBMITTED, (*others, submission))


@contextmanager
def submitting(case: Case) -> Iterator[None]:
    """Hold the lock of a case's submissions: a second process waits, and then finds them sent."""
    busy = f"another process has been submitting {case.path} for {_PATIENCE:g} s; end it"
    with (
        storing(case.path, ELSEWHERE),
        held(case.path / SUBMIT_LOCK, _PATIENCE, busy),
    ):
        yield


def _read(case: Case) -> tuple[Submission, ...]:
    path = case.path / SUBMITTED
    return read_file(path, tuple[Submission, ...]) if path.is_file() else ()


def _key(one: Submission) -> tuple[str, str, str, str]:
    return one.label, one.span_id, one.trace_id, one.address
