"""Of several results in one file, those that a command asks for: a transcript holds all kinds."""

from collections.abc import Iterable

from session_classify.wire.answers.json_repair import recognized
from session_classify.wire.answers.payload import Payload
from session_classify.wire.answers.reasons import described
from session_classify.wire.answers.shapes import Shape


def chosen(
    payloads: list[Payload], wanted: Iterable[Shape]
) -> tuple[list[Payload], tuple[str, ...]]:
    """Return the payloads of the wanted shapes, and a line for each that could not be read.

    Results of other known shapes are passed over. A single result and results of which none is
    wanted are returned as they are: whoever reads them says what was expected.
    """
    if len(payloads) < 2:
        return payloads, ()
    shapes = [(payload, recognized(payload)[1]) for payload in payloads]
    found = [payload for payload, shape in shapes if shape in frozenset(wanted)]
    if not found:
        return payloads, ()
    lost = tuple(
        f"{payload.name} ({payload.envelope}): {described(payload, shape)}"
        for payload, shape in shapes
        if shape in (Shape.ERROR, Shape.OTHER) and payload not in found
    )
    return found, lost
