"""`files:PATH…`: results that an agent client wrote to disk."""

from session_classify.backends import Backend
from session_classify.backends.environment import site_here
from session_classify.backends.kind import BackendKind, OpenRequest
from session_classify.errors import UsageError


def _open(request: OpenRequest) -> Backend:
    from session_classify.backends.files import open_files

    names = (*filter(None, (request.where,)), *request.paths)
    if not names:
        raise UsageError("--backend files: names no file; expected files:PATH…")
    # Results in files do not name their site; links lead to the site of the environment.
    return open_files(names, site_here())


def _files(where: str, paths: tuple[str, ...]) -> tuple[str, ...]:
    from session_classify.backends.files import open_files

    return tuple(map(str, open_files((*filter(None, (where,)), *paths)).paths))


KIND = BackendKind("files", "files:PATH…", _open, files=_files)
