"""Calls of the audience operations through the official client, and their errors."""

import time
import warnings
from threading import Event
from typing import Any

import msgspec

from session_classify.audience.operations import OPERATIONS, Request
from session_classify.backends.api import Api, open_api
from session_classify.backends.environment import refuse_when_read_only
from session_classify.backends.failures import NO_ANSWER, FailedCallError, of_status
from session_classify.backends.meter import Meter
from session_classify.backends.retries import asked_wait, with_retries
from session_classify.errors import AuthError, NotFoundError, UnreachableError, UsageError

NOT_CHANGED = "connections are not changed"
"""What the read-only mode refuses."""


def call(request: Request, url: str = "", *, write: bool = False) -> dict[str, Any]:
    """Make a call and return its answer, an empty object where there is none.

    A write is never repeated: a lost answer does not say that nothing happened. Raises UsageError
    for a refused request or a write without `write`, AuthError, NotFoundError and UnreachableError.
    """
    operation = OPERATIONS[request.operation]
    if operation.is_write:
        refuse_when_read_only(NOT_CHANGED)
        if not write:
            raise UsageError(f"{operation.name} changes data and was not confirmed")
    api = open_api(url)
    try:
        if operation.is_write:
            data = _made(api, request)
        else:
            data = with_retries(lambda: _made(api, request), Meter(), Event())
    except FailedCallError as error:
        raise _told(error, request) from error
    found: dict[str, Any] = msgspec.json.decode(data)
    return found


def _made(api: Api, request: Request) -> bytes:
    from datadog_api_client import ApiClient, Configuration
    from datadog_api_client.exceptions import ApiException
    from datadog_api_client.v2.api.rum_audience_management_api import RumAudienceManagementApi
    from urllib3.exceptions import HTTPError
    from urllib3.util import Retry

    settings = Configuration(  # type: ignore[no-untyped-call]
        host=api.url, api_key={"apiKeyAuth": api.api_key, "appKeyAuth": api.app_key}
    )
    settings.retry_policy = Retry(total=False)
    settings.unstable_operations[request.operation] = True
    try:
        with warnings.catch_warnings(), ApiClient(settings) as client:
            # The reference tells that the API is a preview; once a call is too often.
            warnings.filterwarnings("ignore", "Using unstable operation")
            method = getattr(RumAudienceManagementApi(client), request.operation)  # type: ignore[no-untyped-call]
            answer = method(**_arguments(request))
    except ApiException as error:
        if not error.status:
            raise FailedCallError(str(error.reason), NO_ANSWER) from error
        wait = asked_wait(error.headers or {}, time.time(), error.status)
        raise FailedCallError(_text(error.body), of_status(error.status), wait=wait) from error
    except HTTPError as error:
        raise FailedCallError(type(error).__name__, NO_ANSWER) from error
    return msgspec.json.encode(answer.to_dict() if answer is not None else {})


def _arguments(request: Request) -> dict[str, Any]:
    given = {"id": request.id if not request.body else "", "entity": request.entity}
    return {
        **{key: value for key, value in given.items() if value},
        **({"body": request.body} if request.body else {}),
    }


def _text(body: Any) -> str:
    errors = body.get("errors") if isinstance(body, dict) else None
    return "; ".join(map(str, errors)) if isinstance(errors, list) else str(body)


def _told(error: FailedCallError, request: Request) -> Exception:
    """Return the error of a failed call: what, why, what to try."""
    status, message = error.failure.status, " ".join(error.message.split())[:300]
    if error.failure == NO_ANSWER:
        return UnreachableError(
            f"the audience API does not answer ({message}); check DD_SITE and the network"
            + (", then list the connections" if OPERATIONS[request.operation].is_write else "")
        )
    if status in (401, 403):
        return AuthError(
            f"insufficient permissions ({status} {message}); check that the keys belong to this "
            "site and have the scopes of Audience Management"
        )
    if status == 404:
        return NotFoundError(
            f"not found ({message}); valid entities are users and accounts, and `audience "
            "connections list` has the ids of connections"
        )
    if status == 409:
        return UsageError(
            f"connection {request.id} already exists ({message}); update it, or use another id"
        )
    if status == 429:
        return UnreachableError(
            f"rate limit reached ({message}); wait, query less often, and use smaller limits"
        )
    if status and status < 500:
        return UsageError(
            f"the API refuses the request ({status} {message}); check the query and the fields "
            "with `audience mapping`, and the request with --dry-run"
        )
    return UnreachableError(f"the audience API answers {status} after retries: {message}")
