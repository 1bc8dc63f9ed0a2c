"""The pages of a run: read its folder and cases, write one file, or a folder with all pages."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import click
from msgspec.structs import replace

from session_classify.cli.output import emit
from session_classify.cli.reports import case_page
from session_classify.errors import ClassifyError, NotFoundError, UsageError
from session_classify.gathering.case import Case, open_case
from session_classify.gathering.case_files import is_case
from session_classify.pages.run import RunView, run_page
from session_classify.pages.units import UnitFacts, facts_of
from session_classify.population.run import CASES, read_labels, read_run
from session_classify.storage import storing

_FILES = (".htm", ".html")
_INDEX, _UNITS = "index.html", "units"
_FIX = "name another place with --html"


def write_run_pages(folder: Path, html: str, against: str | None) -> None:
    """Write the page of a run into the file `html`, or all its pages into a folder.

    A name with the ending of a page is a file, any other a folder, which is made. Raises
    NotFoundError, UnusableInputError, UsageError for a file in place of the folder, StorageError.
    """
    before = _view(Path(against)) if against else None
    place = Path(html)
    if place.suffix.lower() in _FILES and not place.is_dir():
        emit(run_page(_view(folder), before), html)
        return
    if place.exists() and not place.is_dir():
        raise UsageError(f"{html} is a file; name one that ends in .html, or a folder")
    with storing(place, _FIX):
        (place / _UNITS).mkdir(parents=True, exist_ok=True)
    view = _view(folder, place)
    emit(run_page(view, before), str(place / _INDEX))


def _view(folder: Path, pages: Path | None = None) -> RunView:
    """Read a run; with `pages`, the page of each judged unit is written into that folder."""
    run = read_run(folder)
    wanted, facts = set(run.units), {}
    for case in _cases(folder):
        if case.info.unit is run.granularity and case.info.id in wanted:
            told = _facts(case)
            if told and pages and told.verdict:
                told = replace(told, page=_write_page(case, pages))
            if told:
                facts[case.info.id] = told
    return RunView(run, read_labels(folder), facts)


def _cases(folder: Path) -> Iterator[Case]:
    """Open the cases of a run; one that cannot be opened is told, and left out."""
    cases = folder / CASES
    if not cases.is_dir():
        return
    with storing(cases, "check its permissions", "read"):
        found = sorted(path for path in cases.iterdir() if path.is_dir() and is_case(path))
    for path in found:
        try:
            yield open_case(path)
        except ClassifyError as error:
            _left_out(path, error)


def _facts(case: Case) -> UnitFacts | None:
    """Return what a case tells; its verdict is None where it has none."""
    try:
        facts = facts_of(case.session(), case.events(), case.info.coverage)
        verdict = case.verdict().verdict
    except NotFoundError:
        verdict = None
    except ClassifyError as error:
        _left_out(case.path, error)
        return None
    return replace(facts, site=case.info.site, verdict=verdict)


def _left_out(path: Path, error: ClassifyError) -> None:
    click.echo(f"left out the case {path}: {error}", err=True)


def _write_page(case: Case, pages: Path) -> str:
    """Write the page of a judged case and return its link from the page of the run."""
    name = f"{case.path.name}.html"
    text = case_page(case, case.verdict(), case.info.protocol, back=f"../{_INDEX}")
    emit(text, str(pages / _UNITS / name), quiet=True)
    return f"{_UNITS}/{quote(name)}"
