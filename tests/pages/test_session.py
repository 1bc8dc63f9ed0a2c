"""The page of a session, as text: links, sizes, policy, and nothing that runs."""

import json
import re
from base64 import b64encode
from collections import Counter
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest

from session_classify.pages.session import session_page
from tests.cli.run import run
from tests.pages import cases

HASH = re.compile(r"'sha256-([\w+/=]+)'")
CODE = re.compile(r"<(?:style|script)>(.*?)</(?:style|script)>", re.DOTALL)


class Elements(HTMLParser):
    """Collects elements and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count an element and keep its attributes."""
        self.tags[tag] += 1
        self.attributes.extend((tag, name, value or "") for name, value in attrs)

    def values(self, name: str) -> list[str]:
        """Return the values of an attribute."""
        return [value for _, one, value in self.attributes if one == name]


def hashes(text: str) -> tuple[list[str], list[str]]:
    """Return the hashes that a page's policy allows, and those of its style and script."""
    made = [b64encode(sha256(code.encode()).digest()).decode() for code in CODE.findall(text)]
    return HASH.findall("".join(Elements(text).values("content"))), made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.mark.parametrize("name", ["demo", "long", "hostile"])
def test_each_link_in_the_page_leads_to_one_element(folder: Path, name: str) -> None:
    """Every link within the page has its target, and no id is there twice."""
    case = cases.demo(folder)
    page = Elements(session_page(case if name == "demo" else getattr(cases, name)(case)))
    ids = page.values("id")

    inside = [link[1:] for link in page.values("href") if link.startswith("#")]

    assert len(inside) > 20
    assert set(inside) | set(page.values("data-to")) <= set(ids)
    assert [one for one, count in Counter(ids).items() if count > 1] == []


def test_hostile_text_adds_no_element(folder: Path) -> None:
    """With payloads in every text the page has the same elements and attributes as without."""
    case = cases.demo(folder)
    plain = Elements(session_page(case))
    text = session_page(cases.hostile(case))
    hostile = Elements(text)

    assert text.count("onerror=window.ran") > 50

    for tag in ("script", "style", "img", "iframe", "base", "link", "meta", "form", "math"):
        assert hostile.tags[tag] == plain.tags[tag], tag
    names = {name for _, name, _ in hostile.attributes}
    assert not [name for name in names if name.startswith("on") or name == "style"]
    outside = [link for link in hostile.values("href") if not link.startswith("#")]
    assert all(link.startswith("https://") for link in outside)


def test_a_long_session_is_small(folder: Path) -> None:
    """A page of ten turns takes under 400 KB."""
    text = session_page(cases.long(cases.demo(folder), 10))

    assert 20_000 < len(text.encode()) < 400_000


def test_the_page_carries_its_data(folder: Path) -> None:
    """Verdict and findings are in the page as JSON, whatever the texts hold."""
    case = cases.hostile(cases.demo(folder))
    text = session_page(case)

    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)

    assert found is not None
    data = json.loads(found.group(1))
    assert data["verdict"]["reason"] == case.verdict.reason
    assert len(data["findings"]) == len(case.evidence.findings)


def test_report_writes_the_page_into_a_file(folder: Path) -> None:
    """`report CASE --html FILE` writes a page; its policy allows its own style and script alone."""
    run("demo", "--case", folder / "other")
    made = run("report", folder / "other", "--html", folder / "other.html")
    text = (folder / "other.html").read_text(encoding="utf-8")

    assert (made.returncode, made.stdout) == (0, "")
    assert "<title>no · session 5e551044" in text
    allowed, made_of = hashes(text)
    assert len(allowed) == 2
    assert allowed == made_of


def test_a_page_is_no_text_output(folder: Path) -> None:
    """`--html` with `--json` is a wrong call: both say what is to be printed."""
    run("demo", "--case", folder / "other")
    made = run("report", folder / "other", "--html", folder / "no.html", "--json")

    assert made.returncode == 2
    assert not (folder / "no.html").exists()
