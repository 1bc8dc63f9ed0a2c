"""`lapdog`: the local test agent, which keeps what an app's SDK sent.

Source: references/sources/spans.md#local-test-agent.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

import msgspec

from session_classify.backends import CompleteBackend, RawAnswer
from session_classify.backends.addresses import is_local
from session_classify.errors import UnreachableError, UsageError
from session_classify.jsontext import UNREADABLE
from session_classify.queries.unit_ids import unit_tag
from session_classify.vocabulary import DEFAULT_SITE, Unit

DEFAULT = "http://127.0.0.1:8126"
_LIST = "/api/unstable/llm-obs-query-rewriter/list?type=llmobs"
_REQUESTS = "/test/session/requests"
_PAGE = 1_000


class NoRedirects(HTTPRedirectHandler):
    """A redirect could send the request to another machine, so none is followed."""

    def redirect_request(self, *arguments: object) -> None:
        """Make no request, so that the response is an error."""


_OPENER = build_opener(ProxyHandler({}), NoRedirects)
"""Opens local addresses, without proxies and redirects."""


class _Paging(msgspec.Struct):
    after: str | None = None


class _Result(msgspec.Struct):
    paging: _Paging | None = None


class _Answer(msgspec.Struct):
    result: _Result | None = None


@dataclass(frozen=True, slots=True)
class Lapdog(CompleteBackend):
    """A test agent on this machine; it has neither RUM nor audit data."""

    url: str
    site: str = DEFAULT_SITE
    seconds: float = 30

    @property
    def name(self) -> str:
        """The backend as the case records it."""
        return f"lapdog:{self.url}"

    def answers(self, unit: Unit, unit_id: str) -> Iterator[RawAnswer]:
        """Yield the spans of a unit, then all requests as the agent received them.

        The query API leaves out tool definitions, evaluations and OpenTelemetry spans, which the
        requests have. It may answer with another unit's spans, so ids are checked where the spans
        are read.
        """
        key, value = unit_tag(unit, unit_id)
        # The agent's query language does not match quoted values.
        search = {"query": f"@{key}:{value}"}
        after: str | None = None
        page = 0
        while page == 0 or after:
            page += 1
            paging: dict[str, object] = {"paging": {"after": after}} if after else {}
            asked = {"limit": _PAGE, "search": search, "sort": {"time": {"order": "asc"}}, **paging}
            data = self._ask(_LIST, json.dumps({"list": asked}).encode())
            yield RawAnswer(f"list-{page}", "any", iter([data]))
            after = _after(data) if page < _PAGE else None
        yield RawAnswer("requests", "any", iter([self.requests()]))

    def requests(self) -> bytes:
        """Return all requests as the agent received them; raises UnreachableError without one."""
        return self._ask(_REQUESTS, None)

    def _ask(self, path: str, body: bytes | None) -> bytes:
        request = Request(self.url + path, body, {"Content-Type": "application/json"})  # noqa: S310
        try:
            with _OPENER.open(request, timeout=self.seconds) as answer:
                data: bytes = answer.read()
                return data
        except HTTPError as error:
            raise UnreachableError(
                f"{self.url}{path} answers {error.code}; is it `python -m lapdog.server`?"
            ) from error
        except (URLError, OSError) as error:
            raise UnreachableError(
                f"no test agent at {self.url}; start one with `python -m lapdog.server` and let "
                "the app send to it with DD_TRACE_AGENT_URL"
            ) from error


def open_lapdog(url: str) -> Lapdog:
    """Return the test agent at `url`, or at the default address.

    Raises UsageError for an address that is not on this machine.
    """
    if not (url or DEFAULT).startswith("http://") or not is_local(url or DEFAULT):
        raise UsageError(
            f"{url} is not a local http address; the test agent runs on the machine of its app"
        )
    return Lapdog((url or DEFAULT).rstrip("/"))


def _after(data: bytes) -> str | None:
    try:
        result = msgspec.json.decode(data, type=_Answer).result
    except UNREADABLE:
        return None
    return result.paging.after if result and result.paging else None
