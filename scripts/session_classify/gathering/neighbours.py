"""Other sessions of the same user near a session.

Source: `references/sources/rum.md#neighbours`.
"""

from collections.abc import Iterable

import msgspec

from session_classify.errors import UnusableInputError
from session_classify.evidence.neighbours import neighbour_findings
from session_classify.model import Finding, Session
from session_classify.queries.call import Received
from session_classify.redaction import redacted
from session_classify.wire.answers.envelope import open_envelopes
from session_classify.wire.answers.json_repair import recognized
from session_classify.wire.answers.reasons import described
from session_classify.wire.answers.shapes import Shape
from session_classify.wire.session.neighbours import read_neighbours
from session_classify.wire.trace.span_listing import Node, read_nodes
from session_classify.wire.trace.spans import Span, read_spans


def near_sessions(
    session: Session, spans: Iterable[Span], answers: Iterable[Received]
) -> tuple[list[Finding], list[str]]:
    """Return a finding for each neighbour, and error messages for what could not be read."""
    known: list[Span | Node] = list(spans)
    lost = []
    for answer in answers:
        try:
            known += _listed(answer)
        except (UnusableInputError, msgspec.DecodeError, ValueError) as error:
            lost.append(f"other sessions of the user are not known: {error}")
    found = redacted(read_neighbours(known, session))
    return neighbour_findings(session, found), lost


def _listed(answer: Received) -> list[Span | Node]:
    """Return the spans of a search or an export; raises UnusableInputError for anything else."""
    found: list[Span | Node] = []
    for opened in open_envelopes(answer.data, answer.name):
        payload, shape, rows = recognized(opened)
        if shape is Shape.NODES:
            found += read_nodes(payload.data, payload.name).nodes
        elif shape is Shape.SPANS:
            found += read_spans(rows, payload.name).spans
        elif shape is not Shape.EMPTY:
            raise UnusableInputError(f"{payload.name} is {described(payload, shape)}")
    return found
