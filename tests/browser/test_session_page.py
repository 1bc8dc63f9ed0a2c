"""The page of a session in a real browser: zoom, and links to what is folded."""

from pathlib import Path
from typing import Any

import pytest

from tests.browser.opened import Opened

pytestmark = pytest.mark.slow


def test_zoom_makes_the_chart_wider(browser: Any, folder: Path) -> None:
    """A press of the key on a button doubles the chart, another button fits it again."""
    with Opened(browser, folder / "long.html") as opened:
        chart = opened.page.locator("#chart")
        before = chart.bounding_box()["width"]
        opened.page.get_by_role("button", name="Zoom in").press("Enter")
        assert chart.bounding_box()["width"] == pytest.approx(2 * before)
        opened.page.get_by_role("button", name="Fit").press("Enter")
        assert chart.bounding_box()["width"] == pytest.approx(before)


def test_a_link_to_a_call_opens_it(browser: Any, folder: Path) -> None:
    """A link of the ledger to its call opens the folded result."""
    with Opened(browser, folder / "demo.html") as opened:
        call = opened.page.locator("details#tool3")
        assert call.get_attribute("open") is None
        opened.page.locator("#ledger a[href='#tool3']").first.click()
        opened.page.wait_for_selector("details#tool3[open]")


def test_numbers_of_turns_are_whole_or_not_there(browser: Any, folder: Path) -> None:
    """A bar too narrow for its number has none: 12 is never read as 1. Zoom brings it back."""
    with Opened(browser, folder / "long.html") as opened:
        shown = opened.page.locator("#chart .mark text:visible")
        before = shown.count()
        for _ in range(3):
            opened.page.get_by_role("button", name="Zoom in").press("Enter")
        assert before < 30 and shown.count() == 30
