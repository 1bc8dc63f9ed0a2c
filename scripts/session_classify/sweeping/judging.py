"""The second stage of a sweep: a judge on the units that need one, and on a random control."""

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec

from session_classify.errors import ClassifyError, StorageError, UnreachableError
from session_classify.exporting.workers import side_by_side
from session_classify.population.threads import prepare_for_threads
from session_classify.storage import storing, write_whole
from session_classify.sweeping.packing import packed, unpacked
from session_classify.sweeping.plan import DONE, FIX, GROUPED, JUDGED, sample_place
from session_classify.sweeping.unit import judged_unit
from session_classify.verdict.endpoints import Reply
from session_classify.verdict.judge import Judge, NoAnswerError, read_answer
from session_classify.vocabulary import Unit

ANSWERS = "answers"
"""The folder beside the tables with every answer of the judge, by what was asked."""
_IN_VAIN = 8
"""Calls in a row without an answer after which a judge is given up, or twice those at once."""
_TRIES = 2
"""Most calls for a unit: an answer, and its correction."""
DOUBTFUL, CONTROL = "doubtful", "rest"
"""What the rules make of a unit: something speaks against a plain `yes`, or nothing."""


class JudgePlan(msgspec.Struct, frozen=True):
    """Which units a judge reads, and what it may spend."""

    judge: Judge
    two_stage: bool
    """Judge what is doubtful and a control; else every unit."""
    control: int
    most_calls: int | None
    jobs: int
    seed: int


class Spent(msgspec.Struct, frozen=True):
    """What a judge was asked and what it used; answers that were kept cost nothing."""

    parts: dict[str, int]
    """Units with a verdict of the rules: doubtful ones and the rest."""
    units: int
    """Units that were to be judged."""
    left_out: int
    """Units that the limit of calls left without a judge."""
    calls: int
    kept: int
    read_tokens: int
    written_tokens: int


def judge_units(state: Path, out: Path, plan: JudgePlan, tell: Callable[[str], None]) -> Spent:
    """Let the judge read the chosen units, and write their labels beside those of the rules.

    A unit whose judge fails gets an error. Raises StorageError, and what a judge raises that has
    failed so often without an answer that it will go on failing; answers are kept either way.
    """
    rules = {unit.key: unit for unit in _rules_only(state)}
    found = {key: unit.part for key, unit in rules.items()}
    chosen, left_out = choose(found, plan)
    meter = _Meter(plan.judge, out / ANSWERS)
    prepare_for_threads()
    done: list[str] = []

    def one(unit: tuple[Key, list[str]]) -> str:
        return _one(rules[unit[0]], unit[1], meter, two_stage=plan.two_stage)

    for rows in _rows_of(state, chosen):
        for text in side_by_side(one, rows.items(), plan.jobs):
            meter.check(plan.jobs)
            done.append(text)
            if len(done) % 50 == 0:
                tell(f"{len(done)} of {len(chosen)} units judged, {meter.calls} calls")
    meter.check_answered()
    _write(state / DONE / JUDGED, done)
    parts = Counter(found.values())
    return Spent(
        {part: parts[part] for part in (DOUBTFUL, CONTROL)},
        len(chosen),
        left_out,
        meter.calls,
        meter.kept,
        meter.read_tokens,
        meter.written_tokens,
    )


Key = tuple[str, str]


def choose(found: dict[Key, str], plan: JudgePlan) -> tuple[frozenset[Key], int]:
    """Return the units to judge, and how many the limit of calls leaves out.

    Both parts are drawn at random: with a limit, a fourth of it is for the control.
    """
    order = sorted(found, key=lambda key: sample_place(plan.seed, *key))
    wanted = [key for key in order if not plan.two_stage or found[key] == DOUBTFUL]
    control = [key for key in order if found[key] == CONTROL][: plan.control]
    control = control if plan.two_stage else []
    before = len(wanted) + len(control)
    if plan.most_calls is not None:
        room = plan.most_calls // _TRIES
        control = control[: max(room // 4, room - len(wanted))]
        wanted = wanted[: room - len(control)]
    return frozenset((*wanted, *control)), before - len(wanted) - len(control)


class _ByRules(msgspec.Struct, frozen=True):
    key: Key
    part: str
    stratum: str


def _rules_only(state: Path) -> Iterator[_ByRules]:
    """Yield each unit with a verdict of the rules, and what they make of it."""
    for text in _packed(state):
        label, findings, _ = unpacked(text)
        if label["verdict"] is not None:
            against = any(one["direction"] == "negative" for one in findings)
            part = part_of(label, is_against=against)
            yield _ByRules((label["unit"], label["id"]), part, label["stratum"])


def part_of(label: Mapping[str, Any], *, is_against: bool) -> str:
    """Return what the rules make of a unit; `is_against` tells of a finding against a `yes`."""
    return DOUBTFUL if label["verdict"] != "yes" or is_against else CONTROL


def _packed(state: Path) -> Iterator[str]:
    from pyarrow import parquet

    for path in sorted((state / DONE).rglob("*.parquet")):
        if path.name != JUDGED:
            yield from parquet.read_table(path, columns=["found"]).column("found").to_pylist()


def _rows_of(state: Path, chosen: frozenset[Key]) -> Iterator[dict[Key, list[str]]]:
    """Yield the rows of the chosen units, bucket by bucket."""
    from pyarrow import parquet

    for folder in sorted((state / GROUPED).glob("bucket=*")):
        rows: defaultdict[Key, list[str]] = defaultdict(list)
        for path in sorted(folder.glob("*.parquet")):
            for batch in parquet.ParquetFile(path).iter_batches(columns=["unit", "id", "text"]):
                table = batch.to_pydict()
                columns = zip(table["unit"], table["id"], table["text"], strict=True)
                for unit, unit_id, text in columns:
                    if (unit, unit_id) in chosen:
                        rows[unit, unit_id].append(text)
        if rows:
            yield dict(rows)


def _one(unit: _ByRules, lines: list[str], meter: "_Meter", *, two_stage: bool) -> str:
    found = judged_unit(Unit(unit.key[0]), unit.key[1], lines, meter.ask, meter.judge.name)
    return packed(unit.part if two_stage else unit.stratum, *found)


def _write(place: Path, texts: list[str]) -> None:
    import pyarrow as arrow
    from pyarrow import parquet

    with storing(place, FIX):
        place.parent.mkdir(mode=0o700, exist_ok=True)
        parquet.write_table(arrow.table({"found": arrow.array(texts, arrow.string())}), place)


class _Meter:
    """Asks a judge, keeps its answers by what was asked, and counts what it used."""

    def __init__(self, judge: Judge, folder: Path) -> None:
        self.judge, self._folder, self._lock = judge, folder, threading.Lock()
        self.calls = self.kept = self.read_tokens = self.written_tokens = 0
        self._failed: list[ClassifyError] = []
        """Errors since the last answer, and one of the disk."""

    def check_answered(self) -> None:
        """Raise the error of a judge that has answered no call at all."""
        if self._failed and len(self._failed) == self.calls and not self.kept:
            told = f"the judge answered none of {self.calls} calls: {self._failed[-1]}"
            raise type(self._failed[-1])(f"{told}; --resume asks again")

    def check(self, jobs: int) -> None:
        """Raise the error of a judge that answers no more, or of a disk that takes no answers."""
        with self._lock:
            failed = list(self._failed)
        lost = next((error for error in failed if isinstance(error, StorageError)), None)
        if lost:
            raise lost
        if len(failed) >= max(_IN_VAIN, 2 * jobs):
            told = f"the judge did not answer {len(failed)} times in a row: {failed[-1]}"
            raise type(failed[-1])(f"{told}; --resume asks on, and keeps the answers that came")

    def ask(self, prompt: str) -> str:
        """Return the answer to a prompt, asked at most once of a judge."""
        name = blake2b(f"{self.judge.name}\n{prompt}".encode(), digest_size=16).hexdigest()
        path = self._folder / f"{name}.txt"
        if path.is_file():
            with self._lock:
                self.kept += 1
            return path.read_text(encoding="utf-8")
        try:
            reply = self._asked(prompt)
            with suppress(NoAnswerError), storing(path, FIX):
                read_answer(reply.text)  # what holds no verdict is asked for again
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                write_whole(path, reply.text.encode("utf-8", "backslashreplace"))
        except ClassifyError as error:
            with self._lock:
                self._failed.append(error)
            raise
        return reply.text

    def _asked(self, prompt: str) -> Reply:
        with self._lock:
            self.calls += 1
        try:
            reply = self.judge.ask(prompt)
        except ClassifyError:
            raise
        except Exception as error:
            told = f"the judge failed ({type(error).__name__}: {error})"
            raise UnreachableError(told) from error
        with self._lock:
            self._failed.clear()
            self.read_tokens += reply.read_tokens
            self.written_tokens += reply.written_tokens
        return reply
