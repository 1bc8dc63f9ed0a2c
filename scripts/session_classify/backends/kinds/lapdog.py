"""`lapdog[:URL]`: the local test agent of ddtrace."""

from session_classify.backends import Backend
from session_classify.backends.addresses import is_plain_endpoint
from session_classify.backends.kind import BackendKind, OpenRequest


def _open(request: OpenRequest) -> Backend:
    from session_classify.backends.lapdog import open_lapdog

    return open_lapdog(request.where)


KIND = BackendKind(
    "lapdog",
    "lapdog[:URL]",
    _open,
    is_safe_address=lambda url: is_plain_endpoint("lapdog", url),
)
