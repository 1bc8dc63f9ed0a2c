"""The calls that captured results still lack, for the hook of an agent client.

An agent waits for the hook after each batch, so nothing is imported here that it does not need.
"""

from collections.abc import Callable
from pathlib import Path

import msgspec

from session_classify.backends.kind import OpenRequest
from session_classify.backends.kinds.client import KIND
from session_classify.gathering.gather import missing_calls
from session_classify.vocabulary import Unit
from session_classify.wire.answers.transcripts import read_recorded
from session_classify.wire.whole_response import is_whole


def calls_lacking(path: str, unit: str, unit_id: str, say: Callable[[str], None]) -> str:
    """Return the calls that a session or trace still needs, as JSON: texts by key.

    `path` is a folder of captured results, or a transcript of an agent client. Raises what `gather`
    raises.
    """
    place = Path(path)
    backend = KIND.open(OpenRequest(path, (), place, False, say, is_whole, read_recorded))
    return msgspec.json.encode(missing_calls(backend, Unit(unit), unit_id)).decode()
