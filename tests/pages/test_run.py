"""The page of a run, as text: what it counts, links, sizes, and nothing that runs."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from session_classify.gathering.case_files import CASES
from session_classify.pages.run import RunView, run_page
from session_classify.pages.tallies import breakdown, calendar, tally
from session_classify.population.interval import wilson
from session_classify.population.run import Label, save_labels
from session_classify.vocabulary import JudgedBy, Satisfaction, Unit
from tests.cli.run import run
from tests.pages import runs
from tests.pages.test_session import Elements, hashes
from tests.secret_samples import MIX


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> RunView:
    return runs.view(tmp_path_factory.mktemp("run"))


def data(text: str) -> Any:
    """Return the data that a page carries."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    return json.loads(found.group(1))


@pytest.mark.parametrize("kind", ["alone", "against", "hostile"])
def test_each_link_in_the_page_leads_to_one_element(view: RunView, kind: str) -> None:
    """Every link within the page has its target, no id is there twice, others lead to the app."""
    shown = runs.hostile(view) if kind == "hostile" else view
    page = Elements(run_page(shown, None if kind == "alone" else shown))
    ids = page.values("id")
    links = page.values("href")

    inside = {link[1:] for link in links if link.startswith("#")}

    assert len(inside) > 25
    assert inside <= set(ids)
    assert [one for one, count in Counter(ids).items() if count > 1] == []
    assert all(link.startswith(("#", "https://app.datadoghq.com/llm/traces?")) for link in links)


def test_hostile_text_adds_no_element(view: RunView) -> None:
    """With payloads in every text, ids included, the page has no element that it lacks without."""
    plain = Elements(run_page(view, view))
    text = run_page(runs.hostile(view), runs.hostile(view))
    hostile = Elements(text)

    assert text.count("onerror=window.ran") > 500
    for tag in ("script", "style", "img", "iframe", "base", "link", "meta", "form", "math"):
        assert hostile.tags[tag] == plain.tags[tag], tag
    names = {name for _, name, _ in hostile.attributes}
    assert not [name for name in names if name.startswith("on") or name == "style"]
    assert len(data(text)["units"]) == 50


def test_a_run_of_50_is_small(view: RunView) -> None:
    """The page of a run of 50 units takes under 1.5 MB, even with payloads in every text."""
    assert 50_000 < len(run_page(view, view).encode()) < 500_000
    assert len(run_page(runs.hostile(view)).encode()) < 1_500_000


def test_every_unit_is_counted_once(view: RunView) -> None:
    """Verdicts, errors and units that nobody judged are the sample; each breakdown has them all."""
    rows = view.rows
    states = Counter(row.state for row in rows)

    assert states == {"yes": 24, "partial": 9, "no": 13, "error": 2, "not judged": 2}
    for key in ("service", "area", "day", "confidence", "facet1"):
        parts = breakdown(rows, key, 254)
        assert sum(one.judged for one in parts) == 46, key
        assert sum(one.without for one in parts) == 4, key
    assert [one.name for one in breakdown(rows, "area", 254)][-1] == "not recorded"


def test_a_run_is_split_by_what_is_known_of_its_accounts(view: RunView) -> None:
    """An attribute has a breakdown and a filter, unknown last; without `by` there is none."""
    text = run_page(view)
    parts = breakdown(view.rows, "facet1", 254)

    assert [one.name for one in parts] == ["enterprise", "business", "free", "not recorded"]
    assert "<h3>plan_type</h3>" in text
    assert '<select id="by-facet1" data-filter="facet1">' in text
    assert data(text)["units"][0]["groups"]["facet1"] == ["enterprise"]
    assert "facet1" not in run_page(replace(view, by=()))


def test_the_interval_of_a_group_allows_for_what_was_not_seen(view: RunView) -> None:
    """Any unseen unit may be of the group; where all were seen, nothing is left to chance."""
    rows = tuple(row for row in view.rows if row.state in ("yes", "no"))[:10]
    known, open_ = tally("all", rows, 0), tally("some", rows, 1000)

    assert known.interval("yes").low == known.interval("yes").high == known.rate("yes")
    assert open_.interval("yes").width > 0.4


def test_a_unit_with_an_error_is_not_seen(view: RunView) -> None:
    """Of 50 units in all, 4 have no verdict: the interval allows for each of them."""
    text = run_page(replace(view, run=replace(view.run, population=50)))
    whole = wilson(24, 46, 50)

    assert 0.47 < whole.low < 0.5 and 0.54 < whole.high < 0.57
    assert f"{whole.low:.0%} to {whole.high:.0%}".replace(
        "% to ", "\u00a0to\u00a0"
    ) in text.replace("\u00a0%", "%")


def test_days_without_a_unit_are_in_the_chart(view: RunView) -> None:
    """The chart has each day between the first and the last, and none for over a year."""
    first, last = (
        replace(view.rows[n], groups={"day": (day,)})
        for n, day in enumerate(("2026-11-01", "2026-11-04"))
    )
    late = replace(last, groups={"day": ("2028-01-01",)})

    days = calendar(breakdown((last, first), "day", 0))

    assert [one.name[-2:] for one in days] == ["01", "02", "03", "04"]
    assert [one.judged + one.without for one in days] == [1, 0, 0, 1]
    assert calendar(breakdown((first, late), "day", 0)) == ()


def test_a_comparison_says_what_changed(view: RunView, tmp_path: Path) -> None:
    """Beside a worse run: the rate is higher, the units that flipped are linked, modes counted."""
    text = run_page(view, runs.view(tmp_path, worse=True))
    found = data(text)["against"]

    assert "<b>higher</b>" in text and "<b>lower</b>" in text
    assert (found["both"], found["gained"], found["lost"]) == (46, 18, 0)
    assert len(found["flips"]) > 17
    assert found["p"] < 0.001
    flips = text[text.index('id="flips"') : text.index('id="h-failures"')]
    assert flips.count('href="#unit') == len(found["flips"])


def test_verdicts_that_nobody_read_are_told(view: RunView) -> None:
    """A rate of verdicts by rules alone is not shown without saying what they are."""
    told = "nobody read their texts"
    by_rules = [replace(one, judged_by=JudgedBy.RULES_ONLY) for one in view.labels]

    assert told not in run_page(view)
    assert told in run_page(replace(view, labels=tuple(by_rules)))


@pytest.mark.parametrize("units", [0, 1])
def test_a_run_without_a_verdict_says_so(view: RunView, units: int) -> None:
    """A run that just started, or found no unit, claims no rate and no success."""
    started = RunView(replace(view.run, units=view.run.units[:units]), (), {})
    text = run_page(started, started)

    assert "No session has a verdict yet" in text
    assert "0\u00a0%" not in re.sub(r"<(title|style)>.*?</\1>", "", text, flags=re.DOTALL)
    assert "This is not evidence" in text


def test_a_failure_without_a_code_is_shown_as_that(view: RunView) -> None:
    """A `no` of a foreign judge without a code is a failure `not given`; `other: text` is other."""
    ids = view.run.units[:2]
    labels = (
        Label(Unit.SESSION, ids[0], verdict=Satisfaction.NO, reason="it failed"),
        replace(
            view.labels[2],
            id=ids[1],
            failures=(replace(view.labels[2].failures[0], code="other: x"),),
        ),
    )
    rows = RunView(replace(view.run, units=ids), labels, {}).rows

    assert [row.modes for row in rows] == [("not given",), ("other",)]


def test_a_case_leads_to_no_foreign_site(view: RunView) -> None:
    """A case from elsewhere that names another site than Datadog's gives its unit no link."""
    facts = {name: replace(told, site="evil.example") for name, told in view.facts.items()}
    links = Elements(run_page(replace(view, facts=facts))).values("href")

    assert len([link for link in links if not link.startswith("#")]) == 50 - len(facts)


def test_report_writes_the_pages_of_a_run(tmp_path: Path) -> None:
    """`report RUN --html FOLDER` writes the pages of run and judged units, linked both ways."""
    made = runs.on_disk(tmp_path)

    done = run("report", made, "--html", tmp_path / "pages", "--against", made)

    assert (done.returncode, done.stdout) == (0, "")
    index = (tmp_path / "pages" / "index.html").read_text(encoding="utf-8")
    links = [link for link in Elements(index).values("href") if link.startswith("units/")]
    assert links == ["units/a%20case.html#claim1", "units/a%20case.html"]
    unit = (tmp_path / "pages" / "units" / "a case.html").read_text(encoding="utf-8")
    assert Elements(unit).values("href")[1] == "../index.html"
    assert "claim1" in Elements(unit).values("id")
    assert [one["state"] for one in data(index)["units"]] == ["no", "not judged", "error"]
    assert data(index)["units"][0]["facts"]["services"] == ["support-bot"]


def test_a_damaged_case_is_told_and_left_out(tmp_path: Path) -> None:
    """A case that cannot be read costs its page and facts, and neither its label nor the run."""
    made = runs.on_disk(tmp_path)
    (made / CASES / "a case" / "session.json").write_text("{}")

    done = run("report", made, "--html", tmp_path / "pages")

    assert done.returncode == 0
    assert "left out the case" in done.stderr and "session.json is damaged" in done.stderr
    unit = data((tmp_path / "pages" / "index.html").read_text(encoding="utf-8"))["units"][0]
    assert (unit["state"], unit["facts"]) == ("no", None)
    assert list((tmp_path / "pages" / "units").iterdir()) == []


def test_what_a_label_cites_is_a_link_only_where_it_is_an_id(view: RunView) -> None:
    """A cited text that is no id is shown as text: a link could lead anywhere in its page."""
    facts = {name: replace(told, page="units/x.html") for name, told in view.facts.items()}
    odd = tuple(replace(one, cited=("tool3", "../x?y#z")) for one in view.labels)
    links = Elements(run_page(RunView(view.run, odd, facts))).values("href")

    assert {link for link in links if "x.html" in link} == {"units/x.html", "units/x.html#tool3"}


def test_report_prints_the_summary_of_a_run(tmp_path: Path) -> None:
    """Without --html, `report RUN` prints the summary that other skills read."""
    printed = run("report", runs.on_disk(tmp_path))

    assert printed.returncode == 0
    assert printed.stdout.startswith("# Session Classification Summary\n")
    assert "| no      | 1 |" in printed.stdout


def test_report_writes_a_run_into_one_file(tmp_path: Path) -> None:
    """A name that ends in .html is one file, without links to pages that are not there.

    Secrets in it are masked, which leaves its data JSON and its policy true.
    """
    made = runs.on_disk(tmp_path)
    secret = "ghp_" + MIX[:36]
    save_labels(made, (Label(Unit.SESSION, "missing", error=f'no access with "{secret}"'),))

    assert run("report", made, "--html", tmp_path / "run.html").returncode == 0

    text = (tmp_path / "run.html").read_text(encoding="utf-8")
    assert "units/" not in text and secret not in text
    assert "no access with" in data(text)["units"][1]["label"]["error"]
    allowed, made_of = hashes(text)
    assert len(allowed) == 2 and allowed == made_of
    assert [entry.name for entry in tmp_path.iterdir() if entry.suffix] == ["run.html"]


def test_what_cannot_be_a_page_of_a_run_is_refused(tmp_path: Path) -> None:
    """A file in place of the folder, and a comparison with or of what is no run, are refused."""
    made = runs.on_disk(tmp_path)
    (tmp_path / "file").touch()

    in_the_way = run("report", made, "--html", tmp_path / "file")
    no_run = run("report", made, "--html", tmp_path / "x.html", "--against", tmp_path)
    a_case = run(
        "report", made / CASES / "a case", "--html", tmp_path / "x.html", "--against", made
    )

    assert (in_the_way.returncode, a_case.returncode) == (2, 2)
    assert "no run at" in no_run.stderr and no_run.returncode not in (0, 70)
    assert not (tmp_path / "x.html").exists()


def test_a_restricted_report_spares_the_run(tmp_path: Path) -> None:
    """An agent may write the page of a run, but not over its labels or cases, nor a folder."""
    made = runs.on_disk(tmp_path)
    allowed = run("--restricted", "report", made, "--html", "page.html", cwd=tmp_path)
    refused = [
        run("--restricted", "report", made, "--html", place, cwd=tmp_path).returncode
        for place in ("run/labels.jsonl", "run/run.json", "run/cases/x.html", "pages")
    ]

    assert allowed.returncode == 0
    assert refused == [2, 2, 2, 2]


def test_agreement_with_labels_is_a_section(tmp_path: Path) -> None:
    """Shares with intervals, the table of both, and disagreements that lead to their units."""
    view = runs.view(tmp_path)
    agreed = runs.agreed(view)
    text = run_page(view, None, agreed)

    assert 'href="#agreement"' in text
    assert "30 of 47" in text
    assert re.search(r"49\sto\s76\s%", text)
    assert "0.41 (0.20 to 0.60)" in text and "alpha of the judge and all raters not defined" in text
    part = text.partition('id="disagreements"')[2].partition("</details>")[0]
    assert agreed.figures.disagreements and part.count("<li>") == min(
        25, len(agreed.figures.disagreements)
    )
    assert 'href="#agreement"' not in run_page(view)


def test_hostile_labels_are_text(tmp_path: Path) -> None:
    """What raters and judges wrote becomes no element."""
    view = runs.view(tmp_path)
    hostile = runs.hostile(view)
    plain = Elements(run_page(view, None, runs.agreed(view)))
    text = run_page(hostile, None, runs.agreed(hostile))

    assert Elements(text).tags.keys() == plain.tags.keys()
    assert Elements(text).tags["script"] == 2
    assert "\u202e" not in text
