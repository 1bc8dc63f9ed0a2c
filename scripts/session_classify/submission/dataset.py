"""Judged units as records of an LLM Observability dataset, and what changes there.

Source: `references/sources/submission.md#datasets`.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from session_classify.errors import UnusableInputError
from session_classify.model import Session
from session_classify.submission.evaluation import Evaluation
from session_classify.vocabulary import Satisfaction

SOURCE = "session-classify"
"""In the metadata of each record: other records of a dataset are never touched."""
_MOST_RECORDS, _MOST_BYTES = 500, 4_000_000
"""Of a batch; the SDK sends at most 1,000 records and 5 MB."""


class Record(msgspec.Struct, frozen=True):
    """A record as it is inserted."""

    input: dict[str, Any]
    expected_output: dict[str, Any]
    metadata: dict[str, Any]
    tags: tuple[str, ...]

    @property
    def unit(self) -> tuple[object, object]:
        """Kind and id of the unit: a dataset has one record of it."""
        return _unit(self.metadata)


class Stored(msgspec.Struct, frozen=True):
    """A record as the server has it."""

    id: str
    input: Any = None
    expected_output: Any = None
    metadata: Any = None


class Changes(msgspec.Struct, frozen=True):
    """What makes a dataset hold the records."""

    added: tuple[Record, ...]
    updated: tuple[tuple[str, Record], ...]
    """With the server's id of the record."""
    unchanged: int


def record(session: Session, made: Evaluation) -> Record:
    """Return a judged session as a record.

    Its input is the conversation up to the last message of the user, so that an app can answer it
    anew. Raises UnusableInputError for a session whose last turn has no such message.
    """
    last = session.turns[-1]
    if not last.user_text:
        raise UnusableInputError(
            f"the last turn of {session.id[:100]} has no message of the user that can be read: a "
            "record has no input"
        )
    is_good = made.categorical_value == Satisfaction.YES
    expected = {
        "verdict": made.categorical_value,
        "reason": made.reasoning,
        "answer": last.final_text if is_good else None,
        "given": last.expected_text,
    }
    about = {
        "source": SOURCE,
        "ml_app": made.ml_app,
        **made.span,
        **made.metadata,
        "answer": None if is_good else last.final_text,
        "is_incomplete": any(turn.masked or turn.truncated for turn in session.turns) or None,
    }
    return Record(
        {"messages": _messages(session)},
        {key: value for key, value in expected.items() if value},
        {key: value for key, value in about.items() if value},
        (*made.tags, f"verdict:{made.categorical_value}"),
    )


def changes(records: tuple[Record, ...], stored: tuple[Stored, ...]) -> Changes:
    """Return what is to be added and updated; of several stored records of a unit the first counts.

    Records of another source are not looked at.
    """
    known: dict[object, Stored] = {}
    for one in stored:
        if isinstance(one.metadata, dict) and one.metadata.get("source") == SOURCE:
            known.setdefault(_unit(one.metadata), one)
    found = [(known.get(one.unit), one) for one in records]
    return Changes(
        tuple(one for before, one in found if before is None),
        tuple((before.id, one) for before, one in found if before and not _is_same(before, one)),
        sum(before is not None and _is_same(before, one) for before, one in found),
    )


def batches(dataset_id: str, wanted: Changes) -> Iterator[dict[str, Any]]:
    """Yield the bodies of the requests that make the changes; all of them make one new version."""
    rows = [
        *(("insert_records", msgspec.to_builtins(one)) for one in wanted.added),
        *(("update_records", _update(id_, one)) for id_, one in wanted.updated),
    ]
    for number, batch in enumerate(_split(rows)):
        attributes: dict[str, Any] = {"create_new_version": number == 0}
        for key, row in batch:
            attributes.setdefault(key, []).append(row)
        yield {"data": {"type": "datasets", "id": dataset_id, "attributes": attributes}}


def _messages(session: Session) -> list[dict[str, str]]:
    texts = [
        (role, text)
        for turn in session.turns
        for role, text in (("user", turn.user_text), ("assistant", turn.final_text))
        if text
    ]
    last = max(at for at, (role, _) in enumerate(texts) if role == "user")
    return [{"role": role, "content": text} for role, text in texts[: last + 1]]


def _unit(metadata: dict[str, Any]) -> tuple[object, object]:
    return str(metadata.get("unit")), str(metadata.get("id"))


def _is_same(before: Stored, one: Record) -> bool:
    """Return whether a record is there as it is; the server may add to its metadata."""
    now = msgspec.to_builtins(one)
    kept = {name: before.metadata.get(name) for name in now["metadata"]}
    told = [now["input"], now["expected_output"], now["metadata"]]
    return told == [before.input, before.expected_output, kept]


def _update(id_: str, one: Record) -> dict[str, Any]:
    row = msgspec.to_builtins(one)
    tags = row.pop("tags")
    return {"id": id_, **row, "tag_operations": {"set": tags}}


def _split(rows: list[tuple[str, Any]]) -> Iterator[list[tuple[str, Any]]]:
    batch: list[tuple[str, Any]] = []
    size = 0
    for row in rows:
        length = len(msgspec.json.encode(row[1]))
        if batch and (len(batch) == _MOST_RECORDS or size + length > _MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(row)
        size += length
    if batch:
        yield batch
