"""Verdicts and people's labels from runs, JSON lines and CSV."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from session_classify.agreement.tables import Row, rows_of, text_of
from session_classify.errors import UnusableInputError, UsageError
from session_classify.inputs import read_input
from session_classify.population.run import Label
from session_classify.sweeping.swept import is_labelled, labelled
from session_classify.vocabulary import Satisfaction

_WORDS = {word.value: word for word in Satisfaction}
_VERDICTS = ("verdict", "label", "human_label", "rating", "satisfied")
_LABELS = (*_VERDICTS[1:], "verdict")
"""Columns of a verdict, in the order of preference: of a judge's table, and of people's."""
_IDS = ("session_id", "id", "trace_id", "unit_id", "unit")
_RATERS = ("rater", "judge", "annotator", "judged_by")
_OF_A_JUDGE = ("judged_by", "content_source")
"""Keys of the labels of a run."""
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
    is_judged: bool = False
    """It is of a run: a judge's word, not a person's."""


def read_ratings(path: Path, *, by_people: bool = False) -> tuple[Rating, ...]:
    """Return the ratings of a run's or a sweep's directory, of JSON lines, or of a CSV with a head.

    Rows without a verdict are left out. Columns or keys are `session_id` (or `id`, `trace_id`),
    `verdict` and `label`, of which `label` counts first `by_people`, and `rater`; columns in place
    of these that hold nothing but verdicts are raters. Raises UnusableInputError, with the first
    rows, for a verdict outside the three words, a row without an id, and a rater who judged a unit
    twice, and UsageError for a file that cannot be read.
    """
    if is_labelled(path):
        return tuple(_of_label(label) for label in labelled(path)[1] if label.verdict)
    try:
        data = read_input(path)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    rows = list(rows_of(text_of(data, path), path))
    columns = tuple(dict.fromkeys(name for _, row in rows for name in row if name))
    words = _LABELS if by_people else _VERDICTS
    raters = () if {*words} & {*columns} else _raters(rows, columns)
    found, wrong = [], []
    for number, row in rows:
        for rating in _ratings(row, words, raters):
            if isinstance(rating, str):
                wrong.append(f"line {number}: {rating}")
            else:
                found.append(rating)
    if wrong:
        more = f" and {len(wrong) - _MOST_TOLD} more" if len(wrong) > _MOST_TOLD else ""
        raise UnusableInputError(
            f"{path}: {'; '.join(wrong[:_MOST_TOLD])}{more}; expected an id and a verdict of "
            f"{', '.join(_WORDS)} in each row; the columns are {', '.join(columns)[:200]}"
        )
    if not found:
        raise UnusableInputError(
            f"{path} has no rating; expected a head with id and label, and rows below it"
            + (f"; the columns are {', '.join(columns)[:200]}" if columns else "")
        )
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
        key = rating.id.casefold(), rating.rater.casefold()
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
        is_judged=True,
    )


def _raters(rows: Sequence[Row], columns: Iterable[str]) -> tuple[str, ...]:
    """Return the columns that hold verdicts alone, one a rater; blank cells are no verdicts."""
    found = []
    for name in columns:
        values = {_text(row.get(name)).casefold() for _, row in rows} - {""}
        if values and values <= _WORDS.keys():
            found.append(name)
    return tuple(found)


def _ratings(
    row: dict[str, Any], words: tuple[str, ...], raters: tuple[str, ...]
) -> Iterator[Rating | str]:
    """Yield the ratings in a row, or what is wrong with it; nothing for one without a verdict."""
    unit = _first(row, _IDS)
    said = {name: _text(row.get(name)) for name in raters}
    said = said or {_first(row, _RATERS): _first(row, words)}
    for rater, word in said.items():
        if not word:
            continue
        if not unit:
            yield "no id"
        elif word.casefold() not in _WORDS:
            yield f"{unit[:60]} has the verdict {word[:40]!r}"
        else:
            yield _rating(row, unit, _WORDS[word.casefold()], rater)


def _rating(row: dict[str, Any], unit: str, word: Satisfaction, rater: str) -> Rating:
    failures = row.get("failures")
    listed = failures if isinstance(failures, list) else ()
    codes = [one.get("code") for one in listed if isinstance(one, dict)]
    return Rating(
        unit,
        word,
        rater,
        tuple(str(code) for code in codes if code),
        _text(row.get("confidence")),
        _text(row.get("content_source")),
        _first(row, ("reason", "note")),
        is_judged=any(name in row for name in _OF_A_JUDGE),
    )


def _first(row: dict[str, Any], names: tuple[str, ...]) -> str:
    return next((text for name in names if (text := _text(row.get(name)))), "")


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()
