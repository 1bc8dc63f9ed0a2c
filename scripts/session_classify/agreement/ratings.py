"""Verdicts and people's labels from runs, JSON lines and CSV."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from session_classify.errors import UnusableInputError, UsageError
from session_classify.inputs import read_input
from session_classify.jsontext import UNREADABLE
from session_classify.population.run import Label
from session_classify.sweeping.swept import is_labelled, labelled
from session_classify.vocabulary import Satisfaction

_WORDS = {word.value: word for word in Satisfaction}
_VERDICTS = ("verdict", "label", "rating", "satisfied")
_IDS = ("id", "session_id", "trace_id", "unit")
_RATERS = ("rater", "judge", "annotator", "judged_by")
_MOST_TOLD = 5
"""Rows that an error names."""


class Rating(msgspec.Struct, frozen=True):
    """One judgement of a unit."""

    id: str
    verdict: Satisfaction
    rater: str = ""
    failures: tuple[str, ...] = ()
    confidence: str = ""
    content: str = ""
    """Where the conversation was read: a measure of how much there was to see."""
    reason: str = ""
    """Why, or a note."""


def read_ratings(path: Path) -> tuple[Rating, ...]:
    """Return the ratings of a run's or a sweep's directory, of JSON lines, or of a CSV with a head.

    Rows of units that ended with an error are left out. Columns or keys are `id` (or `session_id`,
    `trace_id`), `verdict` (or `label`) and `rater`, where there are several. Raises
    UnusableInputError, with the first rows, for a verdict outside the three words, a row without an
    id, and a rater who judged a unit twice, and UsageError for a file that cannot be read.
    """
    if is_labelled(path):
        return tuple(_of_label(label) for label in labelled(path)[1] if label.verdict)
    try:
        data = read_input(path)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    rows = _csv(data, path) if path.suffix.lower() == ".csv" else _lines(data, path)
    found, wrong = [], []
    for number, row in rows:
        if row.get("error") and not row.get("verdict"):
            continue
        rating = _rating(row)
        if isinstance(rating, str):
            wrong.append(f"row {number}: {rating}")
        else:
            found.append(rating)
    if wrong:
        more = f" and {len(wrong) - _MOST_TOLD} more" if len(wrong) > _MOST_TOLD else ""
        raise UnusableInputError(
            f"{path}: {'; '.join(wrong[:_MOST_TOLD])}{more}; expected an id and a verdict of "
            f"{', '.join(_WORDS)} in each row"
        )
    if not found:
        raise UnusableInputError(f"{path} has no rating; expected rows with id and verdict")
    _check_once(found, path)
    return tuple(found)


def in_two_words(ratings: Iterable[Rating]) -> tuple[Rating, ...]:
    """Return ratings with `no` in place of `partial`, for labels that only tell success."""
    return tuple(
        replace(one, verdict=Satisfaction.NO) if one.verdict is Satisfaction.PARTIAL else one
        for one in ratings
    )


def _check_once(found: Iterable[Rating], path: Path) -> None:
    seen: set[tuple[str, str]] = set()
    twice = []
    for rating in found:
        key = rating.id.casefold(), rating.rater
        if key in seen:
            twice.append(rating)
        seen.add(key)
    if twice:
        who = f" by {twice[0].rater}" if twice[0].rater else ""
        raise UnusableInputError(
            f"{path}: {twice[0].id} is rated twice{who}, and {len(twice)} rows are such; keep one, "
            "or tell raters apart in a column rater"
        )


def _of_label(label: Label) -> Rating:
    assert label.verdict is not None  # noqa: S101  the caller keeps labels with a verdict
    return Rating(
        label.id,
        label.verdict,
        "",
        tuple(failure.code for failure in label.failures),
        str(label.confidence or ""),
        str(label.content_source or ""),
        label.reason,
    )


def _lines(data: bytes, path: Path) -> Iterable[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = msgspec.json.decode(line)
        except UNREADABLE as error:
            raise UnusableInputError(
                f"{path}, line {number}: {error}; expected a run, JSON lines or a .csv"
            ) from error
        if not isinstance(row, dict):
            raise UnusableInputError(f"{path}, line {number}: expected an object")
        yield number, row


def _csv(data: bytes, path: Path) -> Iterable[tuple[int, dict[str, Any]]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnusableInputError(
            f"{path} is not UTF-8: {error.reason}; save it as UTF-8"
        ) from error
    reader = csv.DictReader(io.StringIO(text, newline=""))
    for number, row in enumerate(reader, 2):
        yield number, {str(key).strip().casefold(): value for key, value in row.items() if key}


def _rating(row: dict[str, Any]) -> Rating | str:
    """Return the rating in a row, or what is wrong with it."""
    unit = _first(row, _IDS)
    if not unit:
        return "no id"
    word = _first(row, _VERDICTS).casefold()
    if word not in _WORDS:
        return f"{unit[:60]} has the verdict {word[:40]!r}"
    failures = row.get("failures") or ()
    codes = [one.get("code") for one in failures if isinstance(one, dict)]
    return Rating(
        unit,
        _WORDS[word],
        _first(row, _RATERS),
        tuple(str(code) for code in codes if code),
        str(row.get("confidence") or ""),
        str(row.get("content_source") or ""),
        str(row.get("reason") or row.get("note") or ""),
    )


def _first(row: dict[str, Any], names: tuple[str, ...]) -> str:
    return next((str(row[name]).strip() for name in names if row.get(name)), "")
