"""`submit --dataset`: the judged units of a case or run as records of a dataset."""

import os
from typing import Any

import click

from session_classify.backends.environment import refuse_when_read_only, site_here
from session_classify.cli.output import as_json, emit
from session_classify.cli.submitting import Selection, evaluations
from session_classify.errors import UnusableInputError, UsageError
from session_classify.gathering.case_files import SUBMIT_LOCK
from session_classify.printing.text import counted, one_line
from session_classify.storage import ELSEWHERE, held, storing
from session_classify.submission.dataset import Record, changes, record
from session_classify.submission.dataset_client import open_datasets
from session_classify.submission.judged import UNUSABLE

_PROJECT = "default-project"
"""The project of the SDK where none is named.

Source: `references/sources/submission.md#datasets`.
"""
_PATIENCE = 300.0
"""Seconds to wait for another process that submits the same run."""


def print_records(units: Selection, dataset: str, project: str, url: str, out: str | None) -> None:
    """Print the records, and say on stderr that they were not sent."""
    project = _project(dataset, project)
    records, sites = _records(units)
    units.tell()
    if records:
        where = url or " and ".join(f"https://api.{site}" for site in sorted(sites))
        click.echo(
            f"dry run, nothing was sent; --confirm brings {counted(len(records), 'record')} into "
            f"the dataset {one_line(dataset)} of the project {one_line(project)} at {where}",
            err=True,
        )
        shown: dict[str, Any] = {"project": project, "dataset": dataset, "records": records}
        emit(as_json(shown), out)
    units.check()


def send_records(units: Selection, dataset: str, project: str, url: str, out: str | None) -> None:
    """Add the records that the dataset lacks, update those that changed, and print how many.

    What is there is read first, so an interrupted or repeated run adds nothing twice.
    """
    project = _project(dataset, project)
    refuse_when_read_only("records are not submitted")
    datasets = open_datasets(url)
    records, sites = _records(units)
    units.tell()
    if records:
        if not url and sites != {site_here()}:
            raise UsageError(
                f"the spans are of {' and '.join(sorted(sites))}, and the keys here are for "
                f"{site_here()}; set DD_SITE and the keys of the organization that has the spans"
            )
        busy = f"another process has been submitting {units.folder} for {_PATIENCE:g} s; end it"
        with (
            storing(units.folder, ELSEWHERE),
            held(units.folder / SUBMIT_LOCK, _PATIENCE, busy),
        ):
            project_id = datasets.project(project)
            dataset_id, is_new = datasets.dataset(project_id, dataset)
            stored = () if is_new else datasets.records(project_id, dataset_id)
            wanted = changes(records, stored)
            datasets.change(project_id, dataset_id, wanted)
        named = f"{'new ' if is_new else ''}dataset {one_line(dataset)} of {one_line(project)}"
        counts = (
            f"{counted(len(wanted.added), 'record')} added, {len(wanted.updated)} updated, "
            f"{wanted.unchanged} unchanged"
        )
        emit(f"{named}: {counts}, at {datasets.api.url}\n", out)
    units.check()


def _records(units: Selection) -> tuple[tuple[Record, ...], set[str]]:
    """Return the records of the units and the sites of their spans."""
    records, sites = [], set()
    for unit, made in evaluations(units, ""):
        try:
            records.append(record(unit.session, made))
        except UnusableInputError as error:
            units.leave_out(unit, UNUSABLE, error)
        else:
            sites.add(unit.case.info.site)
    return tuple(records), sites


def _project(dataset: str, project: str) -> str:
    if not dataset.strip():
        raise UsageError("--dataset needs the name of a dataset; it is made if there is none")
    return project or os.environ.get("DD_LLMOBS_PROJECT_NAME") or _PROJECT
