"""Calls for datasets of LLM Observability, through Datadog's official client.

Answers are read as they arrive: the recorded ones have each record's fields below `attributes`, the
client's models beside its id. Source: `references/sources/submission.md#datasets`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from threading import Event
from typing import Any

import msgspec

from session_classify.backends.addresses import is_local
from session_classify.backends.api import Api, open_api
from session_classify.backends.failures import NO_ANSWER, FailedCallError, Kind
from session_classify.backends.meter import Meter
from session_classify.backends.official.calls import called
from session_classify.backends.retries import brief, with_retries
from session_classify.errors import AuthError, NotFoundError, UnreachableError, UsageError
from session_classify.submission.dataset import Changes, Stored, batches

_DESCRIPTION = "Sessions that were judged with session-classify."
_METHODS = ("agent_observability_api", "AgentObservabilityApi")
_LIMITED = 429
_PAGES = 1_000
"""Most pages of a list: a faulty server could return cursors for ever."""


def open_datasets(url: str) -> "Datasets":
    """Return the datasets of DD_SITE, or those of a stand-in at a local `url`.

    Raises UsageError for another address, and what `open_api` raises.
    """
    if url and not is_local(url):
        raise UsageError(f"{url} is not on this machine; without --url, the API of DD_SITE is used")
    return Datasets(open_api(url))


@dataclass(frozen=True, slots=True)
class Datasets:
    """The datasets of an organization.

    Its methods raise AuthError where the keys are refused, UsageError where a request is, and
    UnreachableError where the server does not answer or a rate limit is used up.
    """

    api: Api

    def project(self, name: str) -> str:
        """Return the id of the project of that name, made if there is none."""
        kind = "projects"
        return self._named("llm_obs_projects", name) or self._made("llm_obs_project", kind, name)

    def dataset(self, project: str, name: str) -> tuple[str, bool]:
        """Return the id of the dataset of that name in a project, and whether it was made."""
        place = {"project_id": project}
        if found := self._named("llm_obs_datasets", name, **place):
            return found, False
        return self._made("llm_obs_dataset", "datasets", name, **place), True

    def records(self, project: str, dataset: str) -> tuple[Stored, ...]:
        """Return the records of the current version of a dataset."""
        place = {"project_id": project, "dataset_id": dataset}
        rows = self._rows("list_llm_obs_dataset_records", **place)
        return tuple(_stored(row) for row in rows)

    def change(self, project: str, dataset: str, wanted: Changes) -> None:
        """Make the changes, batch by batch.

        A batch is never repeated but for a rate limit: after a lost answer nobody knows whether it
        arrived.
        """
        for body in batches(dataset, wanted):
            place = {"project_id": project, "dataset_id": dataset}
            self._written("batch_update_llm_obs_dataset", body=body, **place)

    def _named(self, kind: str, name: str, **place: str) -> str:
        """Return the id of what has exactly that name; the filter may find more."""
        rows = self._rows(f"list_{kind}", filter_name=name, **place)
        found = (str(row["id"]) for row in rows if _fields(row).get("name") == name)
        return next(found, "")

    def _made(self, kind: str, type_: str, name: str, **place: str) -> str:
        attributes = {"name": name, "description": _DESCRIPTION}
        body = {"data": {"type": type_, "attributes": attributes}}
        answer = self._written(f"create_{kind}", body=body, **place)
        found = answer.get("data")
        if not isinstance(found, dict) or not found.get("id"):
            raise UnreachableError(f"{self.api.url} answers without the id of the new {type_[:-1]}")
        return str(found["id"])

    def _rows(self, operation: str, **arguments: Any) -> Iterator[dict[str, Any]]:
        """Yield the rows of all pages of a list."""
        cursor: dict[str, Any] = {}
        seen: set[str] = set()
        for _ in range(_PAGES):
            answer = self._answer(operation, **arguments, **cursor)
            rows, meta = answer.get("data"), answer.get("meta")
            yield from (row for row in rows or () if isinstance(row, dict) and row.get("id"))
            after = meta.get("after") if isinstance(meta, dict) else None
            if not rows or not after or after in seen:
                return
            seen.add(after)
            cursor = {"page_cursor": after}
        raise UnreachableError(f"{self.api.url} goes on after {_PAGES} pages of {operation}")

    def _written(self, operation: str, **arguments: Any) -> dict[str, Any]:
        return self._answer(operation, is_write=True, **arguments)

    def _answer(
        self, operation: str, *, is_write: bool = False, **arguments: Any
    ) -> dict[str, Any]:
        def once() -> bytes:
            try:
                return called(self.api, *_METHODS, operation, arguments)
            except FailedCallError as error:
                if is_write and error.failure.status != _LIMITED:
                    raise _told(error, self.api.url) from error
                raise

        try:
            data = with_retries(once, Meter(), Event())
        except FailedCallError as error:
            raise _told(error, self.api.url) from error
        try:
            return msgspec.json.decode(data or b"{}", type=dict[str, Any])
        except msgspec.DecodeError as error:
            raise UnreachableError(
                f"{self.api.url} answers {operation} with something else than a JSON object "
                f"({error}); is it Datadog's API?"
            ) from error


def _fields(row: dict[str, Any]) -> dict[str, Any]:
    fields = row.get("attributes")
    return fields if isinstance(fields, dict) else row


def _stored(row: dict[str, Any]) -> Stored:
    fields = _fields(row)
    return Stored(
        str(row["id"]), fields.get("input"), fields.get("expected_output"), fields.get("metadata")
    )


def _told(error: FailedCallError, url: str) -> Exception:
    """Return the error of a failed call: what, why, what to try."""
    status, message = error.failure.status, brief(error.message)
    if error.failure.kind is Kind.NO_ACCESS:
        return AuthError(
            f"{url} refuses the keys ({status} {message}); check DD_API_KEY, DD_APP_KEY and "
            "DD_SITE, and that the key may write datasets"
        )
    if error.failure == NO_ANSWER:
        return UnreachableError(
            f"{url} does not answer ({message}); run the same command again: it adds what is not "
            "there yet"
        )
    if error.failure.kind is Kind.PASSING:
        return UnreachableError(
            f"{url} answers {status} ({message}); run the same command again later: it adds what "
            "is not there yet"
        )
    kind = NotFoundError if status == 404 else UsageError
    return kind(f"{url} refuses the request ({status} {message}); look at it without --confirm")
