"""Calls of the audience operations through the official client, and their errors."""

from threading import Event
from typing import Any

import msgspec

from session_classify.audience.operations import OPERATIONS, Request
from session_classify.backends.api import Api, open_api
from session_classify.backends.environment import refuse_when_read_only
from session_classify.backends.failures import NO_ANSWER, FailedCallError
from session_classify.backends.meter import Meter
from session_classify.backends.official.calls import called
from session_classify.backends.retries import with_retries
from session_classify.errors import AuthError, NotFoundError, UnreachableError, UsageError, in_line

_METHODS = ("rum_audience_management_api", "RumAudienceManagementApi")
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
    try:
        return msgspec.json.decode(data or b"{}", type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _unreadable(f"the answer is no JSON object ({error})") from error


def attributes_in(answer: dict[str, Any], *lists: str) -> dict[str, Any]:
    """Return the attributes of an answer; those named in `lists` are lists of objects.

    Raises UnreachableError for another shape.
    """
    data = answer.get("data")
    found = data.get("attributes") if isinstance(data, dict) else None
    if not isinstance(found, dict):
        raise _unreadable("the answer has no data.attributes")
    for name in lists:
        rows = found.get(name)
        if rows is None:
            found = {**found, name: []}
        elif not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise _unreadable(f"{name} is no list of objects")
    return found


def _unreadable(problem: str) -> UnreachableError:
    return UnreachableError(
        f"the audience API answers otherwise than expected: {problem}; it is a preview and may "
        "have changed: look at --json, and for a newer version of this tool"
    )


def _made(api: Api, request: Request) -> bytes:
    return called(api, *_METHODS, request.operation, _arguments(request))


def _arguments(request: Request) -> dict[str, Any]:
    given = {"id": request.id if not request.body else "", "entity": request.entity}
    return {
        **{key: value for key, value in given.items() if value},
        **({"body": request.body} if request.body else {}),
    }


def _told(error: FailedCallError, request: Request) -> Exception:
    """Return the error of a failed call: what, why, what to try."""
    status, message = error.failure.status, in_line(error.message)
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
            f"not found ({message}); valid entities: users, accounts; `audience connections list` "
            "has the ids of connections"
        )
    if status == 409:
        return UsageError(
            f"connection with id {request.id!r} already exists ({message}); update it, or use "
            "another id"
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
