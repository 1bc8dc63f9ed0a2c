"""A made-up app whose sessions cross the edges of hours, and what its users did around."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from datadog_standin.recording import Recording, recorded
from datadog_standin.router import ENDPOINTS, Router
from session_classify.backends.api_requests import request_of
from session_classify.backends.meter import Meter
from session_classify.exporting.export import Export
from session_classify.exporting.manifest import Manifest, ends
from session_classify.exporting.packing import unpacked
from session_classify.exporting.slots import Slot
from session_classify.instants import instant, stamp
from session_classify.queries.call import Call

HOUR = 3_600_000
START = 1_795_114_800_000
"""2026-11-19T19:00Z, in milliseconds since 1970."""
FROM, TO = "2026-11-19T19:00Z", "2026-11-20T01:00Z"
WHOLE = Slot(START, START + 6 * HOUR)
_MS = 1_000_000
Row = dict[str, Any]


def a_span(at: int, number: int = 0, **fields: Any) -> Row:
    """Return a span that begins at a count of nanoseconds since 1970."""
    attributes = {
        "span_id": str(number), "trace_id": f"{at:032x}", "parent_id": "undefined", "name": "turn",
        "span_kind": "agent", "start_ns": at, "duration": 10**9, "ml_app": "shop", **fields,
    }  # fmt: skip
    return {"id": str(number), "type": "span", "attributes": attributes}


def sessions() -> list[Row]:
    """Return the spans of 23 sessions in six hours, with a turn each seven minutes.

    Some turns begin in the last and in the first nanosecond of an hour.
    """
    found = []
    for number in range(23):
        tags = [f"session_id:s-{number}", f"usr.id:u-{number % 5}"]
        for turn in range(4):
            at = (START + number * 15 * 60_000 + turn * 7 * 60_000) * _MS
            found.append(a_span(at, number, tags=tags))
    for hour in range(1, 6):
        edge = (START + hour * HOUR) * _MS
        found += [a_span(at, 100 + hour, tags=["usr.id:u-1"]) for at in (edge - 1, edge, edge + 1)]
    return found


def outside() -> list[Row]:
    """Return spans that begin just before and right after these six hours."""
    return [a_span(at, 200) for at in (START * _MS - 1, (START + 6 * HOUR) * _MS)]


def an_event(kind: str, at: int, number: int, **inner: Any) -> Row:
    """Return a RUM or audit event at a count of milliseconds since 1970."""
    fields = {"timestamp": stamp(instant(at * _MS)), "attributes": inner}
    return {"id": f"{kind}-{number}", "type": kind, "attributes": fields}


def surroundings(of: str, before: int, after: int, user: str = "u-1") -> list[Row]:
    """Return events of a user each ten minutes, from and to so many minutes around the sessions."""
    kinds = {"rum": {"type": "view"}, "audit": {"action": "modified"}}
    minutes = range(-before, 6 * 60 + after, 10)
    return [
        an_event(of, START + minute * 60_000, number, usr={"id": user}, **kinds[of])
        for number, minute in enumerate(minutes)
    ]


class Here:
    """A caller that the stand-in answers in this process, with pages of few rows.

    `spoil` gets a call and its answer, and returns what is received; calls come side by side.
    """

    name, site, identity = "api", "datadoghq.com", ""

    def __init__(
        self,
        recording: Recording,
        rows: int = 3,
        spoil: Callable[[Call, Row], Any] = lambda _, answer: answer,
    ) -> None:
        self.router, self.rows, self.spoil = Router(recording), rows, spoil
        self.calls: list[Call] = []

    def ask(self, call: Call, meter: Meter) -> bytes:  # noqa: ARG002
        """Answer a page."""
        self.calls.append(call)
        path, body = request_of(call)
        name = next(name for name, endpoint in ENDPOINTS.items() if endpoint.path == path)
        page = body.get("page") or body["data"]["attributes"]["page"]
        page["limit"] = min(self.rows, page["limit"])
        answer = self.spoil(call, self.router.answer(name, body))
        return answer if isinstance(answer, bytes) else json.dumps(answer).encode()

    def close(self) -> None:
        """Nothing is open."""


def exported(
    folder: Path,
    caller: Here,
    whole: Slot = WHOLE,
    step: int = HOUR,
    around: tuple[str, ...] = (),
) -> Export:
    """Export from a caller in this process, and return what was done."""
    wanted = Manifest("shop", caller.site, *ends(whole), f"{step} ms", "jsonl")
    done = Export(folder, caller, wanted, whole, step, around, 3, lambda _: None)
    done.run()
    return done


def parts(folder: Path, source: str = "spans") -> dict[str, list[Row]]:
    """Return the rows of each part file of a source."""
    return {
        path.name: [json.loads(line) for line in unpacked(path, path.suffix[1:])]
        for path in sorted(folder.glob(f"{source}-*"))
    }


def rows(folder: Path, source: str = "spans") -> list[Row]:
    """Return the rows of a source, in the order of the parts."""
    return [row for part in parts(folder, source).values() for row in part]


def by_text(listed: Iterable[Row]) -> list[str]:
    """Return rows as sorted texts, to compare them whatever their order."""
    return sorted(json.dumps(row, sort_keys=True) for row in listed)


def recording(*spans: Row) -> Recording:
    """Return a recording of spans, or of the made-up app."""
    return recorded(spans or sessions())
