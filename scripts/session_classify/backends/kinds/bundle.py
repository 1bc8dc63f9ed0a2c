"""`bundle:PATH`: rows exported from Datadog, in a folder."""

from pathlib import Path

from session_classify.backends import Backend
from session_classify.backends.kind import BackendKind, OpenRequest
from session_classify.errors import UsageError

_FILES = ("", "spans.jsonl", "rum.jsonl", "audit.jsonl", "bundle.json")


def _open(request: OpenRequest) -> Backend:
    from session_classify.backends.bundle import open_bundle

    if not request.where:
        raise UsageError("--backend bundle: names no bundle; expected bundle:PATH")
    return open_bundle(Path(request.where).expanduser())


def _files(where: str, paths: tuple[str, ...]) -> tuple[str, ...]:  # noqa: ARG001
    return tuple(str(Path(where, name)) for name in _FILES) if where else ()


KIND = BackendKind("bundle", "bundle:PATH", _open, files=_files)
