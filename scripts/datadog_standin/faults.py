"""Fault plans: which call of which endpoint fails, and how."""

from collections import Counter
from collections.abc import Collection, Mapping
from enum import StrEnum
from pathlib import Path
from threading import Lock
from typing import Any

import msgspec

from datadog_standin.bodies import cursor_at, offset_of
from datadog_standin.bundles import StartError

_ANY = "*"


class Kind(StrEnum):
    """The kind of a fault."""

    BAD_REQUEST = "400"
    UNAUTHORIZED = "401"
    FORBIDDEN = "403"
    NOT_FOUND = "404"
    CONFLICT = "409"
    TOO_MANY = "429"
    BROKEN = "500"
    BAD_GATEWAY = "502"
    UNAVAILABLE = "503"
    SLOW = "slow"
    CUT = "cut"
    """The connection ends in the middle of the body."""
    TRUNCATED = "truncated"
    """The body is the first half of its JSON, with a matching length."""
    EMPTY_PAGE = "empty-page"
    """A page without rows, with a cursor to them."""
    MASKED = "masked"
    EMPTY = "empty"
    """A complete answer without results."""
    ERROR_BODY = "error-body"
    """An error in the body of an answer with status 200."""


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One fault of a plan: `{"endpoint": "get-agent-loop", "call": 2, "fault": "429"}`."""

    fault: Kind
    endpoint: str = _ANY
    """The name of an endpoint as in `router.ENDPOINTS`, or `*`, which counts all calls."""
    call: int = 1
    """The first affected call, counted from 1."""
    times: int = 1
    """How many consecutive calls are affected."""
    reset: int = 1
    """Seconds that a 429 asks to wait, in `X-RateLimit-Reset`."""
    retry_after: str = ""
    """The `Retry-After` header of a refusal: seconds or a date."""
    text: str = ""
    """The message of a refusal, in place of its phrase."""
    ms: int = 1_000
    """Milliseconds that `slow` waits."""


class Plan:
    """The faults of a server and its call counts; shared by threads."""

    def __init__(self, faults: tuple[Fault, ...] = ()) -> None:
        self._faults = faults
        self._lock = Lock()
        self.calls: Counter[str] = Counter()

    def next_call(self, endpoint: str) -> Fault | None:
        """Count a call and return its fault, the first that is listed."""
        with self._lock:
            self.calls.update((endpoint, _ANY))
            return next((fault for fault in self._faults if self._hits(fault, endpoint)), None)

    def _hits(self, fault: Fault, endpoint: str) -> bool:
        if fault.endpoint not in (_ANY, endpoint):
            return False
        return fault.call <= self.calls[fault.endpoint] < fault.call + fault.times


def read_plan(path: Path, endpoints: Collection[str]) -> tuple[Fault, ...]:
    """Read the faults of a JSON file, a list of objects.

    Raises StartError for an invalid file or an unknown endpoint.
    """
    try:
        faults = msgspec.json.decode(path.read_bytes(), type=tuple[Fault, ...])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StartError(
            f"{path}: {error}; expected a list of faults such as "
            '[{"endpoint": "get-agent-loop", "call": 2, "fault": "429", "reset": 1}]'
        ) from error
    for fault in faults:
        if fault.endpoint != _ANY and fault.endpoint not in endpoints:
            known = ", ".join(sorted(endpoints))
            raise StartError(f"{path}: no endpoint {fault.endpoint}; there are * and {known}")
    return faults


def fault_of(query: Mapping[str, str]) -> Fault | None:
    """Return the fault in a request's own query: `?fault=429&reset=2`.

    Raises msgspec.ValidationError for an unknown one.
    """
    if "fault" not in query:
        return None
    found: Fault = msgspec.convert(dict(query), Fault, strict=False)
    return found


def error_body(fault: Fault) -> dict[str, list[str]]:
    """Return the body of an error in the format of Datadog's endpoints."""
    return {"errors": [fault.text or "Internal error"]}


def empty_page(answer: dict[str, Any], cursor: str) -> dict[str, Any]:
    """Return an answer without its rows, with a cursor to them; `cursor` is the request's."""
    again = cursor_at(offset_of(cursor))
    if "next_cursor" in answer:
        return {"spans": [], "next_cursor": again}
    if isinstance(answer.get("data"), list):
        return {**answer, "data": [], "meta": {**answer["meta"], "page": {"after": again}}}
    return answer


def emptied(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer of the same shape without results: a last, empty page."""
    made: dict[str, Any] = {}
    for key, value in answer.items():
        if key in ("table", "content") and isinstance(value, str):
            # A table keeps its header row.
            made[key] = value.partition("\n")[0] if key == "table" else ""
        elif key in ("next_cursor", "timeline"):
            made[key] = None
        elif key == "data" and isinstance(value, dict):
            made[key] = emptied(value)
        elif key == "meta":
            made[key] = {**value, "page": None}
        elif key == "metadata" and isinstance(value, dict):
            made[key] = {"is_truncated": False, "displayed_rows": 0, "total_rows": 0}
        else:
            made[key] = [] if isinstance(value, list) else value
    return made


_SIDES = {"input": "<REDACTED_INPUT>", "output": "<MASKED_STREAMING_RESPONSE>"}
_MASK = "REDACTED"
"""Placeholders for content that a feature flag hides."""
_TEXTS = frozenset({"preview", "value", "content", "result", "arguments"})
"""Keys of texts by users, models and tools; names, counts and tags are kept."""


def masked(answer: Any, mask: str = "") -> Any:
    """Return an answer with every content replaced by a mask.

    `mask` is that of the side (input or output) of the value. Source:
    `references/sources/spans.md#masked-content`.
    """
    if isinstance(answer, list):
        return [masked(item, mask) for item in answer]
    if not isinstance(answer, dict):
        return answer
    if "field" in answer and answer.get("content"):
        return {**answer, "content": _SIDES.get(answer["field"], _MASK)}
    made = {}
    for key, value in answer.items():
        if key in _TEXTS and (mask or key not in ("value", "preview")):
            made[key] = (mask or _MASK) if value else value
        else:
            made[key] = masked(value, _SIDES.get(key, mask))
    return made
