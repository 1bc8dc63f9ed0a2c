"""The common part of all servers: endpoints by name, latency, faults and time."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from datadog_standin import answers, contents, events, search
from datadog_standin.bodies import Body, RequestError, moved_back, object_of, text_of
from datadog_standin.bundles import Row
from datadog_standin.faults import Fault, Kind, Plan, emptied, empty_page, masked
from datadog_standin.rate import RateLimit
from datadog_standin.recording import Recording

Answer = Callable[[Recording, Body, int], Row]
TOOLS = "/api/unstable/llm-obs-mcp/v1/trace/"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The path and the function of an endpoint."""

    path: str
    answer: Answer


ENDPOINTS = {
    "search-spans": Endpoint(f"{TOOLS}search-spans", search.search_spans),
    "get-trace": Endpoint(f"{TOOLS}get-trace", answers.get_trace),
    "span-details": Endpoint(f"{TOOLS}span-details", answers.span_details),
    "span-content": Endpoint(f"{TOOLS}span-content", contents.span_content),
    "expand-spans": Endpoint(f"{TOOLS}expand-spans", answers.expand_spans),
    "get-agent-loop": Endpoint(f"{TOOLS}get-agent-loop", contents.get_agent_loop),
    "find-error-spans": Endpoint(f"{TOOLS}find-error-spans", answers.find_error_spans),
    "export": Endpoint("/api/v2/llm-obs/v1/spans/events/search", events.export_spans),
    "rum-events": Endpoint("/api/v2/rum/events/search", events.rum_events),
    "rum-aggregate": Endpoint("/api/v2/rum/analytics/aggregate", events.rum_aggregate),
    "audit-events": Endpoint("/api/v2/audit/events/search", events.audit_events),
}
"""Every endpoint by its name in fault plans and counts."""

REFUSALS = {
    Kind.BAD_REQUEST: (400, "Bad Request"),
    Kind.UNAUTHORIZED: (401, "Unauthorized"),
    Kind.FORBIDDEN: (403, "Forbidden"),
    Kind.NOT_FOUND: (404, "404 Not Found"),
    Kind.CONFLICT: (409, "Conflict"),
    Kind.TOO_MANY: (429, "Too many requests"),
    Kind.BROKEN: (500, "Internal error"),
    Kind.BAD_GATEWAY: (502, "Bad Gateway"),
    Kind.UNAVAILABLE: (503, "Service Unavailable"),
}
"""Faults that replace the answer: status and text."""


def clock() -> int:
    """Return the time in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Router:
    """Answers the endpoints of one recording, with latency and faults."""

    recording: Recording
    latency: int = 0
    """Milliseconds added to every call."""
    plan: Plan = field(default_factory=Plan)
    now: Callable[[], int] = clock
    lag: int = 0
    """By how many milliseconds the recording's time is behind the clock."""
    rate: RateLimit | None = None
    """The limit of all endpoints together; None for none."""

    def fault(self, name: str, asked: Fault | None = None) -> Fault | None:
        """Count a call and return its fault; `asked` is the one in the request itself."""
        planned = self.plan.next_call(name)
        return asked or planned

    def wait(self, fault: Fault | None) -> float:
        """Return the seconds before a call is answered."""
        slow = fault.ms if fault and fault.fault is Kind.SLOW else 0
        return (self.latency + slow) / 1000

    def answer(self, name: str, body: Body, fault: Fault | None = None) -> Row:
        """Answer a request body; raises RequestError for what the endpoint refuses."""
        return self.made(ENDPOINTS[name].answer, body, fault)

    def made(self, answer: Answer, body: Body, fault: Fault | None = None) -> Row:
        """Return the result of `answer` for a body, in the recording's time and with the fault.

        Raises RequestError for a refusal and for an internal error.
        """
        try:
            now = self.now() - self.lag
            body = moved_back(body, self.lag, now)
            found = answer(self.recording, body, now)
            if fault and fault.fault is Kind.MASKED:
                found = masked(found)
            if fault and fault.fault is Kind.EMPTY_PAGE:
                found = empty_page(found, _cursor(body))
            if fault and fault.fault is Kind.EMPTY:
                found = emptied(found)
        except RequestError:
            raise
        except Exception as error:
            # An internal error must not look like a cut connection.
            raise RequestError(
                500, f"internal error of the stand-in: {type(error).__name__}: {error}"
            ) from error
        return found


def _cursor(body: Body) -> str:
    """Return the cursor of a request, wherever its endpoint expects it."""
    if "data" in body:
        body = object_of(object_of(body, "data"), "attributes")
    return text_of(body, "cursor") or text_of(object_of(body, "page"), "cursor")
