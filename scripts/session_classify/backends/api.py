"""`api`: the documented search endpoints, through the official client.

Source: `references/sources/spans.md#span-export`.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from threading import Event
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from session_classify.backends import RawAnswer
from session_classify.backends.addresses import is_datadog, is_local
from session_classify.backends.api_pages import to_the_end
from session_classify.backends.api_requests import request_of
from session_classify.backends.environment import CLIENT_FIX, has_client, keys_here, site_here
from session_classify.backends.failures import (
    NO_ANSWER,
    FailedCallError,
    Kind,
    as_answer,
    of_status,
)
from session_classify.backends.live import Live
from session_classify.backends.meter import Meter
from session_classify.backends.retries import Paces, asked_wait, with_retries
from session_classify.errors import (
    AuthError,
    MissingExtraError,
    UnreachableError,
    UsageError,
    in_line,
)
from session_classify.queries.call import Call
from session_classify.queries.pages import read_page
from session_classify.queries.trace import EXPORT, export
from session_classify.vocabulary import DEFAULT_SITE, Unit

if TYPE_CHECKING:
    from datadog_api_client import ApiClient

_NEEDS = (
    "it needs keys of this site, with llm_observability_read for spans, rum_apps_read for RUM and "
    "audit_logs_read for the audit trail"
)


_SEARCHES = ("analyze_rum_events", "search_audit_logs")
_PAGES = 1_000
"""Most pages of an export, up to 5,000 rows each: a faulty server could return cursors for ever."""


@dataclass(frozen=True)
class Api:
    """The search endpoints of one site, with the user's keys."""

    url: str
    site: str
    api_key: str
    app_key: str
    seconds: float = 60
    paces: Paces | None = field(default=None, compare=False)
    """What many calls side by side wait for; without it a used-up limit soon ends the run."""
    _closed: Event = field(default_factory=Event, compare=False)

    @property
    def name(self) -> str:
        """The backend as the case records it, without keys."""
        return "api"

    @property
    def identity(self) -> str:
        """What the answers depend on: address and keys. Secret."""
        return "\n".join(("api", self.url, self.site, self.api_key, self.app_key))

    @cached_property
    def _client(self) -> "ApiClient":
        from datadog_api_client import ApiClient, Configuration
        from urllib3.util import Retry

        settings = Configuration(host=self.url)  # type: ignore[no-untyped-call]
        # Retries are implemented here: the client's own sleep as long as a server asks, and a
        # redirect would send the keys to another host.
        settings.retry_policy = Retry(total=False)
        return ApiClient(settings)

    def ask(self, call: Call, meter: Meter) -> bytes:
        """Return a page of an export, or what a search of events found, to its end.

        Raises AuthError where the keys are refused, UnreachableError where the server does not
        answer or temporary errors persist.
        """
        first = self._page(call, meter, "")
        if call.tool not in _SEARCHES:
            return first

        def following(cursor: str) -> bytes:
            meter.count(calls=1)
            return self._page(call, meter, cursor)

        return to_the_end(first, request_of(call)[1]["page"]["limit"], following)

    def _page(self, call: Call, meter: Meter, cursor: str) -> bytes:
        retried = self.paces.of(call.tool).answered if self.paces else with_retries
        try:
            return retried(lambda: self._answered(call, cursor), meter, self._closed)
        except FailedCallError as error:
            message, failure = in_line(error.message), error.failure
            if failure.kind is Kind.NO_ACCESS:
                raise AuthError(
                    f"the API refuses the keys ({failure.status} {message}); {_NEEDS}"
                ) from error
            if failure == NO_ANSWER:
                raise UnreachableError(
                    f"{urlsplit(self.url).netloc} does not answer ({message}); check DD_SITE and "
                    "the network"
                ) from error
            if failure.kind is Kind.PASSING:
                problem = f"the API answers {failure.status} after retries: {message}"
                raise UnreachableError(problem) from error
            return as_answer(message, failure)

    def _answered(self, call: Call, cursor: str) -> bytes:
        from datadog_api_client.exceptions import ApiException
        from urllib3.exceptions import HTTPError

        path, body = request_of(call)
        if cursor:
            body = {**body, "page": {**body["page"], "cursor": cursor}}
        headers = {
            "DD-API-KEY": self.api_key,
            "DD-APPLICATION-KEY": self.app_key,
            "Content-Type": "application/json",
            "Accept": "application/json",
        }
        try:
            answer: Any = self._client.rest_client.request(
                "POST",
                self.url + path,
                headers=headers,
                body=body,
                preload_content=False,
                request_timeout=self.seconds,
            )
            data: bytes = answer.read(decode_content=True)
        except ApiException as error:
            if not error.status:  # the client's message for an untrusted certificate
                raise UnreachableError(
                    f"{urlsplit(self.url).netloc} has no certificate that is trusted here "
                    f"({in_line(error.reason, 200)}); check DD_SITE and the network"
                ) from error
            self._hear(call, error.headers or {})
            message, failure = str(error.body or error.reason), of_status(error.status)
            wait = asked_wait(error.headers or {}, time.time(), error.status)
            raise FailedCallError(message, failure, wait=wait) from error
        except HTTPError as error:
            raise FailedCallError(type(error).__name__, NO_ANSWER) from error
        self._hear(call, answer.headers)
        return data

    def _hear(self, call: Call, headers: Mapping[str, str]) -> None:
        if self.paces:
            self.paces.of(call.tool).heard(headers)

    def close(self) -> None:
        """Cancel waits and close the connections; a running call ends by its own timeout."""
        self._closed.set()
        if "_client" in vars(self):
            self._client.close()


@dataclass(frozen=True, slots=True)
class ApiBackend:
    """The export of a unit, page by page. It is complete: no further calls for the unit."""

    live: Live

    @property
    def name(self) -> str:
        """The backend as the case records it."""
        return self.live.name

    @property
    def site(self) -> str:
        """The Datadog site that links lead to."""
        return self.live.site

    def answers(self, unit: Unit, unit_id: str) -> Iterator[RawAnswer]:
        """Yield the pages of the unit's spans; each has the cursor of the next one."""
        cursor, seen = "", set()
        while cursor not in seen:
            seen.add(cursor)
            for answer in self.live.more((export(unit, unit_id, cursor),)):
                data = b"".join(answer.chunks)
                cursor = read_page(data).after
                yield RawAnswer(answer.name, "any", iter([data]), about=answer.about)
            if not cursor:
                return
            if len(seen) == _PAGES:
                raise UnreachableError(
                    f"the export goes on after {_PAGES:,} pages, more than a {unit} can have; "
                    "export it by other means and gather --backend bundle:PATH"
                )

    @property
    def answers_calls(self) -> bool:
        """True: RUM, audit trail and other sessions can be queried."""
        return True

    def more(self, calls: tuple[Call, ...], *, needed: bool = True) -> Iterator[RawAnswer]:
        """Yield the answers to calls about the time around the unit.

        The export has all data of the unit itself, so of needed calls only exports are answered.
        """
        exports = all(call.tool == EXPORT for call in calls)
        return iter(()) if needed and not exports else self.live.more(calls, needed=needed)

    @property
    def unanswered(self) -> dict[str, str]:
        """None: every call is made here."""
        return {}

    def done(self, *, made: bool) -> str:
        """Close the client and return statistics; drops cached pages if the case was made."""
        return self.live.done(made=made)


def open_api(url: str, paces: Paces | None = None) -> Api:
    """Return the API of DD_SITE with the keys of the environment, or a local stand-in.

    With `paces`, used-up rate limits are waited for. A stand-in receives no key. Raises
    MissingExtraError without the client, AuthError where a key is missing, UsageError for an
    address to which keys must not be sent.
    """
    if not has_client():
        needed = f"the api backend needs the official client; run `{CLIENT_FIX}`"
        raise MissingExtraError(needed, "api")
    site, keys = site_here(), keys_here()
    if is_local(url):
        return Api(url.rstrip("/"), site, "local", "local", paces=paces)
    if url and not is_datadog(url):
        raise UsageError(
            f"{url} is neither a Datadog site nor a local address; keys are not sent there"
        )
    missing = [name for name, key in keys.items() if not key]
    if missing:
        raise AuthError(
            f"{' and '.join(missing)} not set; the api backend needs DD_API_KEY and DD_APP_KEY, "
            f"and DD_SITE for another site than {DEFAULT_SITE}"
        )
    return Api(
        url.rstrip("/") or f"https://api.{site}",
        site,
        keys["DD_API_KEY"],
        keys["DD_APP_KEY"],
        paces=paces,
    )
