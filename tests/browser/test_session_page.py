"""Pages in a real browser: nothing loads or runs, all can read them, zoom and print work."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from session_classify.pages.session import session_page
from tests.pages import cases

BROWSER, AXE = (os.environ.get(f"SESSION_CLASSIFY_{name}", "") for name in ("BROWSER", "AXE"))
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (BROWSER and AXE), reason="run by `make browser`"),
]
NAMES = ("demo", "long", "hostile")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("pages")
    case = cases.demo(made)
    for name, one in zip(NAMES, (case, cases.long(case), cases.hostile(case)), strict=True):
        (made / f"{name}.html").write_text(session_page(one), encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield opened
        opened.close()


class Opened:
    """A page with what it asked for and complained about; closes with its context."""

    def __init__(self, browser: Any, file: Path, **options: Any) -> None:
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda said: self.complaints.append(said.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda asked: self.requests.append(asked.url))
        self.page.goto(file.as_uri())

    def __enter__(self) -> "Opened":
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_page_loads_and_runs_nothing_else(browser: Any, folder: Path, name: str) -> None:
    """No complaint on the console, no request but for the file, and no payload ran."""
    file = folder / f"{name}.html"
    with Opened(browser, file) as opened:
        assert opened.complaints == []
        assert opened.requests == [file.as_uri()]
        assert opened.page.evaluate("window.ran") is None


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_accessible(browser: Any, folder: Path, name: str, theme: str) -> None:
    """The checker finds no violation of WCAG 2.2 A and AA, with all results open, in each theme."""
    with Opened(browser, folder / f"{name}.html", color_scheme=theme, bypass_csp=True) as opened:
        opened.page.get_by_role("button", name="Open all results").click()
        opened.page.add_script_tag(path=AXE)
        found = opened.page.evaluate(
            "tags => axe.run({runOnly: {type: 'tag', values: tags}})", RULES
        )
        assert len(found["passes"]) > 10
        assert [
            (one["id"], [node["target"] for node in one["nodes"][:3]])
            for one in found["violations"]
        ] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_phone_scrolls_tables_alone(browser: Any, folder: Path, name: str) -> None:
    """On 360 pixels the page is as wide as the screen."""
    with Opened(browser, folder / f"{name}.html", viewport={"width": 360, "height": 740}) as opened:
        assert opened.page.evaluate("document.documentElement.scrollWidth") == 360


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


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_read_without_script(browser: Any, folder: Path, name: str) -> None:
    """Without script every section is there, results unfold, and no dead button is shown."""
    with Opened(browser, folder / f"{name}.html", java_script_enabled=False) as opened:
        assert opened.page.get_by_role("button", name="Zoom in").count() == 0
        opened.page.locator("details summary").first.click()
        assert opened.page.locator("details pre").first.is_visible()


@pytest.mark.parametrize("name", NAMES)
def test_paper_cuts_nothing(browser: Any, folder: Path, name: str) -> None:
    """Printed, results are unfolded and no part is wider than the sheet."""
    sheet = {"width": 718, "height": 1000}
    with Opened(browser, folder / f"{name}.html", viewport=sheet) as opened:
        opened.page.emulate_media(media="print")
        opened.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        wide = opened.page.evaluate(
            "[...document.querySelectorAll('main *:not(svg *)')]"
            ".filter(e => e.getBoundingClientRect().right > 719).map(e => e.tagName)"
        )
        assert wide == []
        assert opened.page.locator("details:not([open])").count() == 0
