"""A run over an app: list its units, sample them, and gather or classify each in its case."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from hashlib import blake2b
from pathlib import Path

from msgspec.structs import replace

from session_classify import __version__
from session_classify.cli.output import say
from session_classify.cli.runs.audience import Row, limited
from session_classify.cli.runs.choice import AppChoice
from session_classify.cli.unit import gather_case, open_backend
from session_classify.errors import (
    AuthError,
    ClassifyError,
    UnreachableError,
    UnusableInputError,
    UsageError,
)
from session_classify.evidence.findings import Evidence
from session_classify.gathering.case import Case, located
from session_classify.instants import stamp
from session_classify.places import cases_folder
from session_classify.population.audience import facets_of
from session_classify.population.grouping import units_of
from session_classify.population.interval import wilson
from session_classify.population.labels import case_of, collect_labels, failed, label_of
from session_classify.population.listing import list_app
from session_classify.population.run import (
    Label,
    Run,
    is_run,
    pending,
    read_labels,
    save_labels,
    start_run,
    write_run,
)
from session_classify.population.sampling import shuffled
from session_classify.population.threads import prepare_for_threads
from session_classify.vocabulary import Satisfaction, Unit

Judge = Callable[[Case, Evidence], object]
"""Records a verdict on a case."""
_STEP = 10
"""Units that are added at a time while an interval is too wide."""
_IN_VAIN = 5
"""Units in a row without an answer of the judge after which it is given up, at least."""
_RESERVE = 5_000
"""Most units that can be added: an interval of 3 points needs 4,300."""


class AppRun:
    """A run in its folder; its methods do the work of the two commands."""

    def __init__(
        self,
        app: str,
        choice: AppChoice,
        backend: str | None,
        paths: tuple[str, ...],
        profile: str | None,
        judge: str | None = None,
    ) -> None:
        """Take what the command says; `judge` is the command or endpoint of `--judge`."""
        self.app, self.choice, self.backend, self.paths = app, choice, backend, paths
        self.judge = judge
        self._unanswered: set[str] = set()
        """Units of which the judge gave no answer."""
        self.profile = Path(profile) if profile else None
        self.folder = located(Path(choice.run) if choice.run else _default(app, choice))

    def start(self) -> Run:
        """Return the run in the folder, or list the app's units and start a new one.

        Raises NotFoundError and UnusableInputError with the codes of the output schema, UsageError
        for the folder of another app.
        """
        if is_run(self.folder):
            wanted = Run(self.app, "", "", Unit.TRACE, 0, 0, (), audience=self._audience)
            found = start_run(self.folder, wanted)
            self._check_same(found)
            say(f"going on with the run in {self.folder}: {len(found.units)} units")
            return found
        place = open_backend(self.backend, self.paths, self.folder / "listing", fresh=True)
        made = False
        try:
            choice = self.choice
            listing = list_app(place, self.app, choice.window, told=say, is_given=choice.is_given)
            found_units = units_of(listing.spans, self.app, choice.granularity)
            rows: dict[str, Row] = {}
            if choice.audience:
                found_units, rows = limited(found_units, choice.audience, self._address, say)
            made = True
        finally:
            place.done(made=made)
        order = shuffled(found_units.services, choice.seed)
        sampled = order[: choice.sample]
        reserve = order[len(sampled) : len(sampled) + _RESERVE] if choice.until_width else ()
        is_whole = not (choice.is_given or place.answers_calls)
        foreign = f"{listing.foreign:,} rows of other apps were dropped"
        run = Run(
            self.app,
            "the first row" if is_whole else choice.start,
            "the last row" if is_whole else choice.end,
            found_units.granularity,
            len(order),
            choice.seed,
            sampled,
            found_units.root_kind,
            __version__,
            place.name,
            place.site,
            reserve,
            {unit: found_units.services[unit] for unit in (*sampled, *reserve)},
            found_units.groups,
            (*found_units.notes, *listing.notes, *((foreign,) if listing.foreign else ())),
            self._audience,
            facets_of({unit: rows[unit] for unit in (*sampled, *reserve) if unit in rows}),
        )
        since = run.start if is_whole else stamp(choice.window.start)
        say(
            f"{run.app}: {run.population:,} {run.granularity}s from {since} on, "
            f"{len(run.units)} sampled; run {self.folder}"
        )
        return start_run(self.folder, run)

    def _check_same(self, run: Run) -> None:
        """Raise UsageError where the command asks for other data than the run in the folder has."""
        choice, given = self.choice, self.backend or run.backend
        kind = given.partition(":")[0]
        is_same = kind == run.backend.partition(":")[0] and (
            kind != "bundle" or given == run.backend
        )
        window = f"{choice.start}/{choice.end}"
        asked = {
            "--backend": (run.backend if is_same else given, run.backend),
            "--seed": (str(choice.seed), str(run.seed)),
            "--timeframe": (window if choice.is_given else "", f"{run.start}/{run.end}"),
        }
        for option, (now, then) in asked.items():
            if now not in ("", then):
                raise UsageError(
                    f"{self.folder} holds a run with {option} {then}, not {now}; name another "
                    "directory with --run, or repeat the options of the run"
                )

    @property
    def _audience(self) -> str:
        return self.choice.audience.text if self.choice.audience else ""

    @property
    def _address(self) -> str:
        """Where the audience is asked for: where the units come from, if that is the API."""
        kind, _, where = (self.backend or "").partition(":")
        return where if kind == "api" else ""

    def gather_all(self, run: Run, judge: Judge | None) -> tuple[Label, ...]:
        """Gather each unit that has no verdict yet, and judge it; return the labels of the run.

        A unit that fails gets a label with its error. An interruption keeps what is done.
        """
        found = collect_labels(self.folder, run, read_labels(self.folder))
        labels = {label.id: label for label in found}
        left = pending(run, found, better_than_rules=self.judge is not None)
        done = len(run.units) - len(left)
        failed_at_once = 0
        for label in self._labels(run, left, judge):
            done += 1
            if label is not None:
                save_labels(self.folder, (label,))
                labels[label.id] = label
                say(compact_block(label))
                failed_at_once = failed_at_once + 1 if label.id in self._unanswered else 0
            say(f"{done} of {len(run.units)} units")
            if failed_at_once >= max(_IN_VAIN, self.choice.jobs) and label is not None:
                raise UnreachableError(f"{label.error}; the same command goes on with the run")
        return tuple(labels[unit] for unit in run.units if unit in labels)

    def until_narrow(self, run: Run, judge: Judge) -> tuple[Run, tuple[Label, ...]]:
        """Classify, and sample more units until the interval of `yes` is as narrow as wanted."""
        labels = self.gather_all(run, judge)
        wanted = self.choice.until_width
        while wanted is not None and self._width(run, labels) > wanted:
            if not run.reserve:
                if len(run.units) < run.population:
                    say(
                        f"the interval is wider than {wanted:g}, and this run holds no further "
                        "units; start another with a larger --sample and --until-width"
                    )
                break
            more, rest = run.reserve[:_STEP], run.reserve[_STEP:]
            run = replace(run, units=(*run.units, *more), reserve=rest)
            write_run(self.folder, run)
            labels = self.gather_all(run, judge)
        return run, labels

    def _width(self, run: Run, labels: tuple[Label, ...]) -> float:
        judged = [label.verdict for label in labels if label.verdict is not None]
        return wilson(judged.count(Satisfaction.YES), len(judged), run.population).width

    def _labels(
        self, run: Run, units: tuple[str, ...], judge: Judge | None
    ) -> Iterator[Label | None]:
        """Yield each unit's label as it is done; None where it was gathered and not judged."""
        prepare_for_threads()
        pool = ThreadPoolExecutor(self.choice.jobs)
        try:
            jobs = [pool.submit(self._one, run, unit, judge) for unit in units]
            for job in as_completed(jobs):
                yield job.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _judge(self, judge: Judge, case: Case, evidence: Evidence) -> None:
        try:
            judge(case, evidence)
        except (UnreachableError, AuthError):
            self._unanswered.add(case.info.id)
            raise

    def _one(self, run: Run, unit_id: str, judge: Judge | None) -> Label | None:
        path = case_of(self.folder, run.granularity, unit_id)
        try:
            place = open_backend(self.backend, self.paths, path, fresh=False, report=_nothing)
            (case, evidence), _, _ = gather_case(
                place, run.granularity, unit_id, path, self.profile, report=_nothing
            )
            if judge is None:
                return None
            self._judge(judge, case, evidence)
            label = label_of(case)
        except ClassifyError as error:
            return failed(run.granularity, unit_id, error)
        if label is None:
            missing = UnusableInputError("no verdict was recorded")
            return failed(run.granularity, unit_id, missing)
        return label


def compact_block(label: Label) -> str:
    """Return a unit's result as the lines that follow each other while a run goes on."""
    from session_classify.printing.text import one_line

    head = f"[{label.unit}]: {one_line(label.id)}"
    if label.verdict is None:
        return f"{head}\n  error: {one_line(label.error)}"
    source = f"\n  content: {label.content_source}" if label.content_source else ""
    return f"{head}\n  verdict: {label.verdict}\n  reason: {one_line(label.reason)}{source}"


def _default(app: str, choice: AppChoice) -> Path:
    safe = re.sub(r"[^A-Za-z0-9.-]", "_", app)[:60]
    window = re.sub(r"[^A-Za-z0-9.-]", "_", f"{choice.start}-{choice.end}")[:60]
    day = f"{choice.window.end:%Y%m%d}"
    name = f"run-{safe}-{day}-{window}-{choice.sample}-{choice.seed}"
    if choice.audience:
        name += f"-{blake2b(choice.audience.text.encode(), digest_size=4).hexdigest()}"
    return cases_folder() / name


def _nothing(_: str) -> None:
    """Units side by side print no lines of their calls."""
