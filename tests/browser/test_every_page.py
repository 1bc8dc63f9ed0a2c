"""Every page in a real browser: nothing loads or runs, all can read it, on any screen and paper."""

from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import AXE
from tests.browser.opened import Opened

pytestmark = pytest.mark.slow
NAMES = (
    "demo",
    "long",
    "hostile",
    "run",
    "run-against",
    "run-hostile",
    "label",
    "label-hostile",
)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


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
        opened.page.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
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


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_read_without_script(browser: Any, folder: Path, name: str) -> None:
    """Without script no dead button or field is shown, and what is folded opens."""
    with Opened(browser, folder / f"{name}.html", java_script_enabled=False) as opened:
        assert opened.page.get_by_role("button").count() == 0
        assert opened.page.locator("input:visible, select:visible, textarea:visible").count() == 0
        folded = opened.page.locator("details:not([open])").first.get_attribute("id")
        assert not opened.page.locator(f"#{folded} > :last-child").is_visible()
        opened.page.locator(f"#{folded} > summary").click()
        assert opened.page.locator(f"#{folded} > :last-child").is_visible()


@pytest.mark.parametrize("name", NAMES)
def test_each_link_in_the_page_is_followed(browser: Any, folder: Path, name: str) -> None:
    """Of each link in the page the target is there and can be seen, opened where it is folded."""
    with Opened(browser, folder / f"{name}.html") as opened:
        places = opened.page.evaluate(
            "[...new Set([...document.querySelectorAll('a[href^=\"#\"]')]"
            ".map(a => a.getAttribute('href')))]"
        )
        assert len(places) > 5
        for place in places[:: max(1, len(places) // 40)]:
            opened.page.evaluate("place => { location.hash = place; }", place)
            opened.page.wait_for_selector(f'[id="{place[1:]}"]:target', timeout=2000)


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
