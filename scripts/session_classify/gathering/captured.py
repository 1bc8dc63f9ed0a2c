"""The calls that captured results still lack, for the hook of an agent client.

An agent waits for the hook after each batch, so nothing is imported here that it does not need.
"""

import msgspec

from session_classify.backends.client.files import conversation_files, recorded_answers
from session_classify.backends.client.recorded import recorded
from session_classify.backends.environment import site_here
from session_classify.gathering.gather import missing_calls
from session_classify.vocabulary import Unit
from session_classify.wire.answers.transcripts import read_recorded


def calls_lacking(path: str, unit: str, unit_id: str) -> str:
    """Return the calls that a session or trace still needs, as JSON: texts by key.

    `path` is a folder of captured results, or a transcript of an agent client. Raises what `gather`
    raises.
    """
    found = recorded_answers(conversation_files(path), read_recorded)
    backend = recorded("client", site_here(), found)
    first = backend.first_missing(Unit(unit), unit_id)
    return msgspec.json.encode(first or missing_calls(backend, Unit(unit), unit_id)).decode()
