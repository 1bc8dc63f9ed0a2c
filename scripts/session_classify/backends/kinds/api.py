"""`api[:URL]`: Datadog's HTTP API, with the keys of the environment."""

from session_classify.backends import Backend
from session_classify.backends.addresses import is_plain_endpoint
from session_classify.backends.caller import Caller
from session_classify.backends.environment import (
    CLIENT_FIX,
    has_client,
    keys_here,
    site_here,
    with_library,
)
from session_classify.backends.kind import Availability, BackendKind, OpenRequest


def _caller(where: str) -> Caller:
    from session_classify.backends.api import open_api

    return open_api(where)


def _open(request: OpenRequest) -> Backend:
    from session_classify.backends.api import ApiBackend
    from session_classify.backends.live import open_live

    return ApiBackend(open_live(_caller(request.where), request))


def _availability() -> Availability:
    keys, client = keys_here(), has_client()
    found = ", ".join(
        (
            *(f"{name} {'set' if key else 'not set'}" for name, key in keys.items()),
            f"client {'installed' if client else 'not installed'}",
            f"site {site_here()}",
        )
    )
    fixes = [] if all(keys.values()) else ["export DD_API_KEY=… DD_APP_KEY=… (and DD_SITE)"]
    return with_library(found, fixes, "" if client else CLIENT_FIX, "api")


KIND = BackendKind(
    "api",
    "api[:URL]",
    _open,
    is_safe_address=lambda url: is_plain_endpoint("api", url),
    caller=_caller,
    counts_rum=True,
    availability=_availability,
    preference=1,
)
