"""Samples, intervals and the files of a run."""

from pathlib import Path
from random import Random

import pytest

from session_classify.errors import NotFoundError, UnusableInputError, UsageError
from session_classify.population.interval import Interval, wilson
from session_classify.population.run import (
    LABELS,
    Label,
    Run,
    pending,
    read_labels,
    read_run,
    save_labels,
    start_run,
)
from session_classify.population.sampling import shuffled
from session_classify.vocabulary import Satisfaction, Unit

RUN = Run("shop", "now-7d", "now", Unit.SESSION, 5, 1, ("a", "b", "c"))
YES = Label(Unit.SESSION, "a", verdict=Satisfaction.YES)
FAILED = Label(Unit.SESSION, "b", error="expired")


@pytest.mark.parametrize("size", [50, 120])
def test_the_interval_holds_the_rate_of_a_simulated_population(size: int) -> None:
    """Of 2,000 seeded samples of 200 units, 93 to 98 % have the true rate in the interval."""
    units = [1] * 60 + [0] * 140
    inside = 0
    for seed in range(2_000):
        found = wilson(sum(Random(seed).sample(units, size)), size, 200)
        inside += found.low <= 0.3 <= found.high

    assert 0.93 <= inside / 2_000 <= 0.98


def test_the_interval_is_that_of_wilson_for_a_large_population() -> None:
    """10 of 20 units give 0.299 to 0.701, the known interval without correction."""
    found = wilson(10, 20, 10**9)

    assert (found.low, found.high) == pytest.approx((0.2993, 0.7007), abs=1e-4)


def test_the_whole_population_and_no_sample_are_the_two_extremes() -> None:
    """A full sample leaves nothing open, an empty one everything."""
    assert wilson(3, 4, 4) == Interval(0.75, 0.75)
    assert wilson(0, 0, 4).width == 1


@pytest.mark.parametrize("counts", [(2, 1, 5), (-1, 1, 5), (1, 6, 5)])
def test_impossible_counts_are_refused(counts: tuple[int, int, int]) -> None:
    """More hits than units, or more units than there are, is an error of the caller."""
    with pytest.raises(ValueError, match="expected 0 <="):
        wilson(*counts)


def test_a_sample_depends_on_ids_and_seed_alone() -> None:
    """The backend's order and repeated rows change nothing; another seed does."""
    ids = [f"s{number}" for number in range(50)]

    assert shuffled(ids, 1) == shuffled([*reversed(ids), "s3"], 1)
    assert shuffled(ids, 1) != shuffled(ids, 2)


def test_an_interrupted_run_goes_on(tmp_path: Path) -> None:
    """A second start keeps the first sample; units that failed or lack a label are pending."""
    start_run(tmp_path / "run", RUN)
    save_labels(tmp_path / "run", (YES, FAILED))

    again = start_run(tmp_path / "run", Run("shop", "x", "y", Unit.TRACE, 9, 2, ("z",)))

    assert again == read_run(tmp_path / "run") == RUN
    assert pending(again, read_labels(tmp_path / "run")) == ("b", "c")


def test_a_later_label_replaces_the_earlier_one(tmp_path: Path) -> None:
    """A unit that failed and was classified later has one row."""
    start_run(tmp_path, RUN)
    save_labels(tmp_path, (FAILED,))
    mended = Label(Unit.SESSION, "b", verdict=Satisfaction.NO)
    save_labels(tmp_path, (YES, mended))

    assert {label.id: label for label in read_labels(tmp_path)} == {"a": YES, "b": mended}


def test_nothing_is_written_for_an_unknown_id(tmp_path: Path) -> None:
    """One label of a unit that was not sampled refuses the whole file."""
    start_run(tmp_path, RUN)

    with pytest.raises(UsageError, match="did not sample z"):
        save_labels(tmp_path, (YES, Label(Unit.SESSION, "z", error="x")))

    assert not (tmp_path / LABELS).exists()


def test_a_folder_that_is_no_run_of_the_app_is_refused(tmp_path: Path) -> None:
    """A missing run, another app's run and a damaged row are told apart."""
    with pytest.raises(NotFoundError, match=r"it has no run\.json"):
        read_run(tmp_path)
    start_run(tmp_path, RUN)
    with pytest.raises(UsageError, match="run of the app 'shop'"):
        start_run(tmp_path, Run("other", "x", "y", Unit.TRACE, 9, 2, ("z",)))
    (tmp_path / LABELS).write_text('{"unit":"session","id":"a"}\n', encoding="utf-8")
    with pytest.raises(UnusableInputError, match="either a verdict or an error"):
        read_labels(tmp_path)


def test_a_damaged_run_is_refused(tmp_path: Path) -> None:
    """More units than the population holds is an error of the file, told in one line."""
    start_run(tmp_path, RUN)
    damaged = (tmp_path / "run.json").read_bytes().replace(b'"population":5', b'"population":2')
    (tmp_path / "run.json").write_bytes(damaged)

    with pytest.raises(UnusableInputError, match="at most its population"):
        read_run(tmp_path)
