"""The pages that the browser opens, and the browser; without both the tests are skipped."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from session_classify.pages.label import LabelUnit, label_page, label_unit
from session_classify.pages.run import run_page
from session_classify.pages.session import session_page
from session_classify.population.run import Run
from session_classify.report.verbose import JudgedCase
from tests.pages import cases, runs

UNITS = 8
"""Units on the page of labels."""
BROWSER = os.environ.get("SESSION_CLASSIFY_BROWSER", "")
AXE = os.environ.get("SESSION_CLASSIFY_AXE", "")


@pytest.fixture(scope="session", autouse=True)
def _can_run() -> None:
    if not (BROWSER and AXE):
        pytest.skip("run by `make browser`")


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("pages")
    for name, text in pages(made).items():
        (made / f"{name}.html").write_text(text, encoding="utf-8")
    return made


def pages(made: Path) -> dict[str, str]:
    """Return every page that is looked at, by name; `made` is a folder for cases."""
    case = cases.demo(made)
    view, before = runs.view(made), runs.view(made, worse=True)
    hostile = runs.hostile(view).run
    return {
        "demo": session_page(case),
        "long": session_page(cases.long(case)),
        "hostile": session_page(cases.hostile(case)),
        "run": run_page(view),
        "run-against": run_page(view, before, runs.agreed(view)),
        "run-hostile": run_page(
            runs.hostile(view), runs.hostile(before), runs.agreed(runs.hostile(view))
        ),
        "label": label_page(view.run, units_of(case, view.run)),
        "label-hostile": label_page(hostile, units_of(cases.hostile(case), hostile)),
    }


def units_of(case: JudgedCase, run: Run) -> list[LabelUnit]:
    """Return some units of a run to label, each with the conversation of one case."""
    return [label_unit(unit, case.evidence) for unit in run.units[:UNITS]]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield opened
        opened.close()
