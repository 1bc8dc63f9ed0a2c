"""The page for labels in a real browser: units are labelled by click and key, and downloaded."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import UNITS
from tests.browser.opened import Opened
from tests.cli.run import a_bundle, run
from tests.cli.test_app import classified, rows_of, uuid

pytestmark = pytest.mark.slow


@pytest.fixture
def opened(browser: Any, folder: Path) -> Iterator[Opened]:
    with Opened(browser, folder / "label.html", accept_downloads=True) as page:
        yield page
        assert page.complaints == []


def shown(page: Any) -> list[str]:
    return [text.split()[1] for text in page.locator(".unit:visible h2").all_inner_texts()]


def saved(page: Any) -> tuple[str, list[dict[str, str]]]:
    """Download the labels; return the name of the file and its rows."""
    with page.expect_download() as coming:
        page.get_by_role("button", name="Download the labels").click()
    text = Path(coming.value.path()).read_text(encoding="utf-8")
    return coming.value.suggested_filename, [json.loads(line) for line in text.splitlines()]


def test_units_are_labelled_by_click_and_by_key(opened: Opened) -> None:
    """A click labels and stays, a key labels and goes on; a note is kept; both are downloaded."""
    page = opened.page
    assert shown(page) == ["1"]
    page.get_by_label("Your name").fill("ana b")
    page.locator("#unit1").get_by_label("partial").check()
    page.locator("#unit1").get_by_label("Note").fill("half: yes, no")
    assert shown(page) == ["1"]
    page.locator("#unit1").get_by_label("Note").press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("n")
    page.keyboard.press("y")
    assert shown(page) == ["4"]
    assert page.get_by_role("status").inner_text() == f"3 of {UNITS} labelled."

    name, rows = saved(page)

    assert name == "labels-ana_b.jsonl"
    told = [(one["rater"], one["label"], one["note"]) for one in rows]
    assert told == [
        ("ana b", "partial", "half: yes, no"),
        ("ana b", "no", ""),
        ("ana b", "yes", ""),
    ]
    assert page.locator("#unit4 input:checked").count() == 0


def test_keys_move_and_can_be_switched_off(opened: Opened) -> None:
    """A reader whose software uses letters switches them off; letters in a note are letters."""
    page = opened.page
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert shown(page) == ["2"]
    assert page.evaluate("document.activeElement.id") == "unit2"
    page.keyboard.press("m")
    page.keyboard.type("yes, pain")
    assert page.locator("#note2").input_value() == "yes, pain"
    page.get_by_label("Keys:").uncheck()
    page.keyboard.press("y")
    page.keyboard.press("j")
    assert shown(page) == ["2"]
    assert page.locator("input[type=radio]:checked").count() == 0


def test_labels_are_there_again_and_can_be_taken_back(opened: Opened) -> None:
    """The browser keeps them for the run; a label that was taken back is not downloaded."""
    page = opened.page
    page.get_by_label("Your name").fill("ana")
    page.keyboard.press("Tab")
    page.locator("#unit1").get_by_label("yes").check()
    page.get_by_role("link", name="3", exact=True).click()
    page.locator("#unit3").get_by_label("no", exact=True).check()
    page.reload()

    assert page.get_by_label("Your name").input_value() == "ana"
    assert page.get_by_role("status").inner_text() == f"2 of {UNITS} labelled."
    page.get_by_role("button", name="Next without a label").click()
    assert shown(page) == ["4"]
    page.get_by_role("button", name="Previous").click()
    page.locator("#unit3").get_by_role("button", name="No label").click()
    assert [one["label"] for one in saved(page)[1]] == ["yes"]


def test_nothing_is_saved_without_a_name_or_a_label(opened: Opened) -> None:
    """What lacks is said, and the name is asked for."""
    page = opened.page
    page.get_by_role("button", name="Download the labels").click()
    assert page.get_by_role("status").inner_text().startswith("Give your name first.")
    assert page.evaluate("document.activeElement.id") == "rater"
    page.keyboard.type("ana")
    page.get_by_role("button", name="Download the labels").click()
    assert page.get_by_role("status").inner_text().startswith("Nothing to download yet.")


@pytest.mark.parametrize("denied", ["getItem", "setItem", "broken"])
def test_a_browser_that_keeps_nothing_says_so(browser: Any, folder: Path, denied: str) -> None:
    """Labels can be given and downloaded all the same; what was kept broken is no obstacle."""
    with Opened(browser, folder / "label.html", accept_downloads=True) as opened:
        page = opened.page
        code = f"Storage.prototype.{denied} = () => {{ throw new DOMException('denied'); }}"
        if denied == "broken":
            code = "Storage.prototype.getItem = () => '{\"labels\": [1, {'"
        page.add_init_script(code)
        page.reload()
        page.get_by_label("Your name").fill("ana")
        page.locator("#unit1").get_by_label("yes").check()
        status = page.get_by_role("status").inner_text()
        assert ("keeps nothing" in status) == (denied == "setItem")
        assert [one["label"] for one in saved(page)[1]] == ["yes"]
        assert opened.complaints == []


def test_ids_with_payloads_come_out_as_they_are(browser: Any, folder: Path) -> None:
    """Nothing in them runs, and what is saved has the ids of the run."""
    with Opened(browser, folder / "label-hostile.html", accept_downloads=True) as opened:
        opened.page.get_by_label("Your name").fill("<b>ana</b>")
        opened.page.get_by_label("Keys:").focus()
        for _ in range(UNITS):
            opened.page.keyboard.press("y")
        assert opened.page.get_by_role("status").inner_text().startswith("All done")
        rows = saved(opened.page)[1]
        assert opened.page.evaluate("window.ran") is None
        ids = json.loads(opened.page.locator("#data").text_content())["units"]
    assert [one["id"] for one in rows] == ids and all("<script>" in one for one in ids)


def test_agree_reads_what_the_page_saved(browser: Any, tmp_path: Path) -> None:
    """From a run to its page, to labels, to figures."""
    pytest.importorskip("statsmodels")
    rows = [row for number in range(3) for row in rows_of(number, uuid(number), ml_app="app")]
    assert classified(a_bundle(tmp_path / "b", rows), tmp_path / "run").returncode == 0
    made = run("label", tmp_path / "run", "--html", tmp_path / "pages", "--rater", "ana")
    assert made.returncode == 0, made.stderr
    with Opened(browser, tmp_path / "pages" / "index.html", accept_downloads=True) as opened:
        for key in "ynm":
            opened.page.keyboard.press(key)
        opened.page.keyboard.type("nothing was asked")
        name, labels = saved(opened.page)
    table = tmp_path / name
    table.write_text("".join(json.dumps(one) + "\n" for one in labels), encoding="utf-8")

    done = run("agree", tmp_path / "run", table)

    assert done.returncode == 0, done.stderr
    assert "2 units on both sides; 1 verdicts without a label" in done.stdout
    assert "right: 50 % (1 of 2" in done.stdout
