"""The page of a run in a real browser: its table of units filters, sorts and says what it shows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.opened import Opened
from tests.cli.run import run
from tests.pages import runs

pytestmark = pytest.mark.slow
ROWS = "#table tbody tr:visible"


@pytest.fixture
def page(browser: Any, folder: Path) -> Iterator[Any]:
    with Opened(browser, folder / "run.html") as opened:
        yield opened.page
        assert opened.complaints == []


def texts(page: Any, column: int) -> list[str]:
    """Return the first line of each cell of a column, of the rows that are shown."""
    cells = page.locator(f"{ROWS} > :nth-child({column})").all_inner_texts()
    return [text.splitlines()[0] for text in cells]


def test_filters_act_together(page: Any) -> None:
    """Verdict, service and words of the text narrow the table; the count is told to all readers."""
    page.get_by_label("Verdict", exact=True).select_option("no")
    only_no = page.locator(ROWS).count()
    page.get_by_label("Service", exact=True).select_option("support-bot")
    both = page.locator(ROWS).count()

    assert 50 > only_no > both > 0
    assert {text[-2:] for text in texts(page, 2)} == {"no"}
    assert {text.replace("\n", "") for text in texts(page, 6)} == {"support-bot"}
    assert page.get_by_role("status").inner_text() == f"{both} of 50 units"

    page.get_by_role("searchbox").fill("nothing has this")
    assert page.locator(ROWS).count() == 0
    page.get_by_role("button", name="Show all").press("Enter")
    assert page.locator(ROWS).count() == 50


def test_a_column_sorts_by_its_meaning(page: Any) -> None:
    """A key on a head sorts: turns as numbers, verdicts from bad to good, again the other way."""
    turns = page.get_by_role("button", name="Turns")
    turns.press("Enter")
    numbers = [int(text) for text in texts(page, 9) if text.isdigit()]
    assert numbers == sorted(numbers) and numbers[-1] == 12
    turns.press("Enter")
    assert page.locator("th[aria-sort=descending]").inner_text().startswith("Turns")
    assert texts(page, 9)[0] == "12"

    page.get_by_role("button", name="Verdict", exact=True).press("Enter")
    words = list(dict.fromkeys(text.split()[-1] for text in texts(page, 2)))
    assert words == ["no", "partial", "yes", "error", "judged"]


def test_a_value_of_a_breakdown_filters_the_units(page: Any) -> None:
    """A link of a breakdown leads to the table with the units of that value alone."""
    page.locator("#groups a[data-key=model]", has_text="gpt-5-mini").click()

    assert page.get_by_label("Model", exact=True).input_value() == "gpt-5-mini"
    assert page.locator(ROWS).count() == 26
    assert page.evaluate("location.hash") == "#units"


def test_a_link_to_a_hidden_unit_shows_it(page: Any) -> None:
    """A story's link to its unit works while a filter hides the unit."""
    page.get_by_label("Verdict", exact=True).select_option("yes")
    link = page.locator("#story1 .one a").first
    row = page.locator(f"{link.get_attribute('href')}")
    assert not row.is_visible()

    link.click()

    assert row.is_visible()


def test_run_and_units_lead_to_each_other(browser: Any, tmp_path: Path) -> None:
    """A story leads to the cited evidence in the unit's page, which leads back to the run."""
    made = runs.on_disk(tmp_path)
    assert run("report", made, "--html", tmp_path / "pages").returncode == 0
    with Opened(browser, tmp_path / "pages" / "index.html") as opened:
        opened.page.locator("#story1").get_by_role("link", name="claim1").click()
        opened.page.wait_for_selector("#claim1:target")
        opened.page.get_by_role("link", name="All units of the run").click()
        opened.page.locator("#unit1 th a").first.click()
        opened.page.wait_for_selector("#h-verdict")
        assert opened.complaints == []
        assert all(url.startswith("file:") for url in opened.requests)
