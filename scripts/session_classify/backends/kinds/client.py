"""`client[:PATH]`: answers that an agent client received, captured or in its transcript."""

from session_classify.backends import Backend
from session_classify.backends.environment import site_here
from session_classify.backends.kind import BackendKind, OpenRequest


def _open(request: OpenRequest) -> Backend:
    from session_classify.backends.client.files import conversation_files, recorded_answers
    from session_classify.backends.client.recorded import recorded

    found = recorded_answers(conversation_files(request.where), request.read_recorded)
    return recorded("client", site_here(), found)


def _files(where: str, _: tuple[str, ...]) -> tuple[str, ...]:
    return (where,) if where else ()


KIND = BackendKind("client", "client[:PATH]", _open, files=_files)
