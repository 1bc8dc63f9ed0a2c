"""Decode the answers to RUM calls, each and all together."""

from collections.abc import Iterable, Mapping

import msgspec
from msgspec.structs import replace

from session_classify.backends.failures import Kind, read_failure
from session_classify.errors import UnusableInputError
from session_classify.queries.call import Received
from session_classify.wire.answers.truncation import says_truncated
from session_classify.wire.rum.events import RumAnswer, read_rum
from session_classify.wire.rum.pages import RumRows, joined, with_end


class RumReceived(msgspec.Struct, frozen=True):
    """The received answers, for the plan and for the rules."""

    asked: Mapping[str, RumAnswer | None]
    """The answer under the text of its call; None for a failed one (`rum_plan`)."""
    rows: RumRows
    refused: tuple[str, ...] = ()
    """One line for each failed call."""
    denied: bool = False
    """Access was refused; a server that is broken or unreachable does not count."""


def read_marked(data: bytes, name: str) -> tuple[RumAnswer, ...]:
    """Return what a file of RUM results holds, cut where the envelope around it says so.

    Raises UnusableInputError as `read_rum` does.
    """
    answers = read_rum(data, name)
    if not says_truncated(data):
        return answers
    return tuple(replace(answer, is_truncated=True) for answer in answers)


def read_received(received: Iterable[Received]) -> RumReceived:
    """Decode the answers to RUM calls, and files of RUM results without a call.

    An answer without RUM data counts as failed: an error, or other content.
    """
    asked: dict[str, RumAnswer | None] = {}
    read: list[RumAnswer] = []
    saved: list[RumAnswer] = []
    refused: list[str] = []
    denied = False
    for one in received:
        try:
            answers = read_marked(one.data, one.name)
        except UnusableInputError as error:
            answers = ()
            refused.append(str(error))
            denied |= read_failure(one.data).kind is Kind.NO_ACCESS
        (read if one.about is not None else saved).extend(answers)
        if one.about is not None:
            asked[str(one.about)] = answers[0] if answers else None
    return RumReceived(asked, joined((*read, *with_end(saved))), tuple(refused), denied)
