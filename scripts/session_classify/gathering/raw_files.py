"""What a case keeps of the files that somebody named: answers, and nothing that lay beside them."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from session_classify.errors import UnusableInputError
from session_classify.storage import ELSEWHERE, storing
from session_classify.wire.answers.envelope import open_envelopes
from session_classify.wire.answers.payload import Payload


def keep_answers_alone(paths: Iterable[Path]) -> None:
    """Replace each file that holds other things beside its answers by the answers in it.

    The transcript of a client is a whole conversation, and a recording of requests has keys in it;
    an agent that may read the case may not read those. The answers become text blocks, one a line.
    """
    for path in paths:
        try:
            found = open_envelopes(path.read_bytes(), path.name)
        except UnusableInputError:
            continue  # nothing was read from it either
        if any(payload.is_part for payload in found):
            with storing(path, ELSEWHERE):
                path.write_bytes(b"\n".join(map(_block, found)))


def _block(payload: Payload) -> bytes:
    text = payload.data.decode("utf-8", "replace")
    return msgspec.json.encode({"type": "text", "text": text})
