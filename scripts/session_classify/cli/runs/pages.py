"""Summary and pages of a run: read its folder and cases, write one file or all pages."""

from pathlib import Path
from urllib.parse import quote

import click
from msgspec.structs import replace

from session_classify.agreement.labelling import unlabelled
from session_classify.cli.output import emit
from session_classify.cli.reports import case_page
from session_classify.cli.runs.output import held_against
from session_classify.errors import ClassifyError, NotFoundError, UsageError
from session_classify.evidence.findings import recalled
from session_classify.gathering.case import Case, open_case
from session_classify.pages.label import label_page, label_unit
from session_classify.pages.run import RunView, run_page
from session_classify.pages.units import UnitFacts, facts_of
from session_classify.population.run import Label, Run, case_paths, check_by, read_run
from session_classify.storage import storing
from session_classify.sweeping.swept import labelled
from session_classify.vocabulary import Satisfaction

_FILES = (".htm", ".html")
_INDEX, _UNITS = "index.html", "units"
_MOST = 20_000
"""Most units of a page: 36 MB of HTML."""
_FIX = "name another place with --html"


def write_run_pages(
    folder: Path,
    html: str,
    against: str | None,
    said: str | None = None,
    by: tuple[str, ...] = (),
) -> None:
    """Write the page of a run into the file `html`, or all its pages into a folder.

    `against` is an earlier run, `said` a file with people's labels of the units.
    A name with the ending of a page is a file, any other a folder, which is made. Raises
    NotFoundError, UnusableInputError, UsageError for a file in place of the folder, StorageError.
    """
    run, labels = labelled(folder)
    check_by(run, by)
    if len(run.units) > _MOST:
        raise UsageError(
            f"a page of {len(run.units):,} units is too large to read; expected at most {_MOST:,}: "
            "`sweep --sample N` makes a smaller one, `report` without --html prints the summary"
        )
    before = _view(Path(against), *labelled(Path(against))) if against else None
    agreed = held_against(folder, Path(said) if said else None)
    place = _folder(html)
    if place is None:
        emit(run_page(_view(folder, run, labels, by=by), before, agreed), html)
        return
    with storing(place, _FIX):
        (place / _UNITS).mkdir(parents=True, exist_ok=True)
    view = _view(folder, run, labels, place, by)
    emit(run_page(view, before, agreed), str(place / _INDEX))


def write_label_page(folder: Path, html: str, rater: str) -> None:
    """Write the page on which a person labels a run's units into a file, or into a folder.

    Raises as `write_run_pages` does.
    """
    run, cases = read_run(folder), unlabelled(folder, frozenset())
    units = [label_unit(case.info.id, recalled(case.session(), case.findings())) for case in cases]
    text, place = label_page(run, units, rater), _folder(html)
    if place is not None:
        with storing(place, _FIX):
            place.mkdir(parents=True, exist_ok=True)
    emit(text, str(place / _INDEX) if place else html)


def _folder(html: str) -> Path | None:
    """Return the folder for pages; None where `html` is the name of a file for one page."""
    place = Path(html)
    if place.suffix.lower() in _FILES and not place.is_dir():
        return None
    if place.exists() and not place.is_dir():
        raise UsageError(f"{html} is a file; name one that ends in .html, or a folder")
    return place


def _view(
    folder: Path,
    run: Run,
    labels: tuple[Label, ...],
    pages: Path | None = None,
    by: tuple[str, ...] = (),
) -> RunView:
    """Read the cases of a run; with `pages`, the page of each judged unit is written there."""
    facts, paths = {}, case_paths(folder)
    for unit in run.units:
        path = paths.get((run.granularity, unit))
        if path and (read := _read(path)):
            case, told = read
            link = _write_page(case, pages) if pages and told.verdict else ""
            facts[unit] = replace(told, page=link)
    return RunView(run, labels, facts, by)


def _read(path: Path) -> tuple[Case, UnitFacts] | None:
    """Return a case with what it tells; one that cannot be read is told on stderr."""
    try:
        case = open_case(path)
        facts = facts_of(case.session(), case.events(), case.info.coverage)
        verdict = _verdict(case)
    except ClassifyError as error:
        click.echo(f"left out the case {path}: {error}", err=True)
        return None
    return case, replace(facts, site=case.info.site, verdict=verdict)


def _verdict(case: Case) -> Satisfaction | None:
    try:
        return case.verdict().verdict
    except NotFoundError:
        return None


def _write_page(case: Case, pages: Path) -> str:
    """Write the page of a judged case and return its link from the page of the run."""
    name = f"{case.path.name}.html"
    text = case_page(case, case.verdict(), case.info.protocol, back=f"../{_INDEX}")
    emit(text, str(pages / _UNITS / name), quiet=True)
    return f"{_UNITS}/{quote(name)}"
