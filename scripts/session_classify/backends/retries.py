"""Calls that fail: made once more where that can help, given up where it cannot."""

import re
from collections.abc import Callable
from threading import Event

from session_classify.backends.meter import Meter
from session_classify.errors import AuthError, UnreachableError

NO_ACCESS = re.compile(
    r"\b40[13]\b|unauthori[sz]ed|forbidden|not (?:logged in|authenticated)|auth login",
    re.IGNORECASE,
)
"""What is said to those who may not ask."""
_PASSING = re.compile(r"\b(?:429|5\d\d)\b|timed? ?out|connection|temporar", re.IGNORECASE)
_WAITS = (0.5, 2.0)
"""Seconds before a call is made once more, and again."""
_SAID = 600
"""Characters of an error that are kept as the answer."""


class FailedCallError(Exception):
    """One call that was not answered, with what was said instead."""


def patiently(call: Callable[[], bytes], meter: Meter, cure: str, closed: Event) -> bytes:
    """Return what a call answers, or its error as an answer; what can pass is tried again.

    Raises AuthError, with `cure`, where whoever asks has no access, UnreachableError once `closed`
    is set.
    """
    said = ""
    for wait in (*_WAITS, None):
        try:
            return call()
        except FailedCallError as error:
            said = _brief(str(error))
        if NO_ACCESS.search(said):
            raise AuthError(f"no access ({said}); {cure}")
        if wait is None or not _PASSING.search(said):
            break
        meter.retries += 1
        if closed.wait(wait):
            raise UnreachableError("the run was ended before the call was answered")
    return f"Error: {said}".encode()


def _brief(said: str) -> str:
    return " ".join(said.split())[-_SAID:].removeprefix("Error: ") or "no word"
