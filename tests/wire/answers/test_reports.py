"""Files that people reported: the answer of a search in odd wrappers, and bodies of the intake."""

import json
from pathlib import Path

import pytest

from session_classify.errors import UnusableInputError
from session_classify.model import Session
from session_classify.queries.call import Received
from session_classify.vocabulary import Unit
from session_classify.wire.answers.envelope import open_envelope
from session_classify.wire.answers.json_repair import recognized
from session_classify.wire.answers.shapes import Shape
from session_classify.wire.audit import read_audit_answer
from session_classify.wire.rum.events import read_rum
from session_classify.wire.session.from_answers import session_of_answers
from session_classify.wire.session.sort_answers import read_answers
from session_classify.wire.trace.agent_loop import Loop, read_loop


def reported(shared_data: Path, pattern: str) -> list[Path]:
    """Return the files of a report; skips where the folder of reports is absent."""
    found = sorted((shared_data / "reports").glob(pattern))
    if not found:
        pytest.skip(f"no reports {pattern} in {shared_data}")
    return found


def read(path: Path, unit: Unit, unit_id: str) -> Session:
    found = read_answers([Received(path.name, path.read_bytes())], "")
    assert not found.rows.unreadable
    return session_of_answers(found, unit, unit_id).session


def read_as_loop(data: bytes, name: str) -> Loop:
    return read_loop(open_envelope(data, name))


def test_a_search_in_any_reported_wrapper_is_the_same_session(shared_data: Path) -> None:
    """Compressed, in UTF-16, with NaN, as a hook's input, a tool result or a JSON-RPC answer."""
    paths = reported(shared_data, "07-files-in-odd-wrappers/*.json*")

    sessions = [read(path, Unit.SESSION, "5a5a0000-0000-4000-8000-000000000701") for path in paths]

    assert len(paths) >= 7
    assert all(session == sessions[0] for session in sessions)
    assert sessions[0].turns[0].user_text == "Rename depot Nord to Depot-N."


def test_a_command_for_other_results_names_what_the_file_holds(shared_data: Path) -> None:
    """A search is no loop, no RUM answer and no audit answer, and is named in each refusal."""
    for path in reported(shared_data, "07-files-in-odd-wrappers/*.json*"):
        for read_as in (read_as_loop, read_rum, read_audit_answer):
            with pytest.raises(UnusableInputError, match=r"exported spans"):
                read_as(path.read_bytes(), path.name)


def test_a_body_of_the_intake_gives_its_session_and_app_to_its_spans(shared_data: Path) -> None:
    """The documented example, and what a gateway sends: app, session and tags of the batch."""
    (documented,) = reported(shared_data, "04-litellm/c-docs-http-intake/payload.json")
    (gateway,) = reported(shared_data, "04-litellm/payload.json")
    bare = gateway.with_name("as_sdk.json")
    trace = "7f0c5a52-11aa-4c1e-9f0e-00000000a401"

    one = read(documented, Unit.SESSION, "5a5a0000-0000-4000-8000-000000000601")
    two, three = (read(path, Unit.TRACE, trace) for path in (gateway, bare))

    assert recognized(open_envelope(documented.read_bytes(), "x"))[1] is Shape.SENT
    assert (one.ml_app, one.identity.user_handle) == ("parcel-desk", "mira@parcels.example")
    assert [call.error for call in one.tool_calls] == ["CustomsHold: locked by customs"]
    assert two.ml_app == three.ml_app == "parcel-proxy"
    assert [call.result for call in two.tool_calls] == [
        json.dumps({"error": "already delivered", "status": 409})
    ]
    assert two.turns == three.turns
