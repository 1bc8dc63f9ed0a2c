"""Where evaluations are sent: the intake of a Datadog site, or an agent on this machine.

Source: `references/sources/submission.md#submitted-evaluations`.
"""

import time
from dataclasses import dataclass, field
from threading import Event
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

import msgspec

from session_classify.backends.addresses import is_datadog, is_local
from session_classify.backends.environment import keys_here, site_here
from session_classify.backends.failures import FailedCallError, Kind, of_status
from session_classify.backends.lapdog import NoRedirects
from session_classify.backends.meter import Meter
from session_classify.backends.retries import asked_wait, brief, with_retries
from session_classify.errors import AuthError, UnreachableError, UsageError

_PATH = "/api/intake/llm-obs/v2/eval-metric"
_AGENT = f"/evp_proxy/v2{_PATH}"
_ACCEPTED = 202
_READ = 4_000
"""Bytes of an answer that are read."""


@dataclass(frozen=True, slots=True)
class Intake:
    """The address of an intake, with the headers for it, which may hold a key."""

    url: str
    headers: dict[str, str] = field(repr=False)
    is_local: bool = False
    seconds: float = 30

    def send(self, body: dict[str, Any], closed: Event | None = None) -> None:
        """Send evaluations and wait until they are accepted; temporary refusals are retried.

        Raises AuthError for a refused key, UsageError for a refused body, UnreachableError
        otherwise: without an answer nobody knows whether they arrived, so that is not retried.
        """
        data = msgspec.json.encode(body)
        try:
            with_retries(lambda: self._sent(data), Meter(), closed or Event())
        except FailedCallError as error:
            status, message = error.failure.status, brief(error.message)
            if error.failure.kind is Kind.NO_ACCESS:
                raise AuthError(
                    f"{self.url} refuses the key ({status} {message}); check DD_API_KEY and DD_SITE"
                ) from error
            if error.failure.kind is Kind.PASSING:
                raise UnreachableError(
                    f"{self.url} answers {status} after retries ({message}); run the same command "
                    "again later"
                ) from error
            raise UsageError(
                f"{self.url} does not accept the evaluation ({status} {message}); look at it "
                "without --confirm"
            ) from error

    def _sent(self, data: bytes) -> bytes:
        request = Request(self.url, data, self.headers)  # noqa: S310  made by open_intake
        # A local address is reached without proxies, and no redirect carries the key elsewhere.
        handlers = (NoRedirects(), *((ProxyHandler({}),) if self.is_local else ()))
        try:
            with build_opener(*handlers).open(request, timeout=self.seconds) as answer:
                text: bytes = answer.read(_READ)
                status: int = answer.status
        except HTTPError as error:
            message = error.read(_READ).decode(errors="replace")
            wait = asked_wait(dict(error.headers), time.time(), error.code)
            raise FailedCallError(message, of_status(error.code), wait=wait) from error
        except (URLError, OSError) as error:
            raise UnreachableError(
                f"{self.url} does not answer ({getattr(error, 'reason', error)}); it is not known "
                "whether the evaluation arrived: run the same command again"
            ) from error
        if status != _ACCEPTED and not self.is_local:
            raise UnreachableError(
                f"{self.url} answers {status}, expected {_ACCEPTED}; is it Datadog's intake?"
            )
        return text


def open_intake(url: str, site: str) -> Intake:
    """Return the intake of `site`, or the one of an agent or stand-in at a local `url`.

    A local one gets no key. Raises UsageError for another address, and for a site that is not the
    one of the environment; AuthError without a key.
    """
    if url:
        if not is_local(url):
            raise UsageError(
                f"{url} is not on this machine; without --url, the intake of DD_SITE is used"
            )
        headers = {"Content-Type": "application/json", "X-Datadog-EVP-Subdomain": "api"}
        return Intake(url.rstrip("/") + _AGENT, headers, is_local=True)
    address = f"https://api.{site}{_PATH}"
    if site != site_here() or not is_datadog(address):
        raise UsageError(
            f"the spans are of {site}, and the key here is for {site_here()}; set DD_SITE and "
            "DD_API_KEY of the organization that has the spans"
        )
    key = keys_here()["DD_API_KEY"]
    if not key:
        raise AuthError("DD_API_KEY is not set; the intake of evaluations needs it")
    return Intake(address, {"Content-Type": "application/json", "DD-API-KEY": key})


def address_of(url: str, site: str) -> str:
    """Return where evaluations would be sent, for a dry run: no key is needed."""
    return url.rstrip("/") + _AGENT if url else f"https://api.{site}{_PATH}"
