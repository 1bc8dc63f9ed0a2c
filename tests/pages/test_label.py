"""The page for labels, as text: blind to verdicts, one policy, every link inside it."""

import json
import re
from pathlib import Path

import pytest

from session_classify.gathering.case import open_case
from session_classify.pages.label import label_page, label_unit
from session_classify.population.run import case_paths, read_labels
from tests.cli.run import a_bundle, run
from tests.cli.test_app import classified, rows_of, uuid
from tests.pages import cases, runs
from tests.pages.test_session import Elements, hashes


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run of eight sessions with verdicts, two of them by a reader."""
    folder = tmp_path_factory.mktemp("label")
    rows = [row for number in range(8) for row in rows_of(number, uuid(number), ml_app="app")]
    for row in rows:
        if row["attributes"].get("parent_id") == "undefined":
            row["attributes"]["evaluation"] = {
                "judged": {"value": "unsound-evaluation", "assessment": "fail"},
                "thumbs": {"value": "down-by-the-user", "event_kind": "feedback"},
            }
    assert classified(a_bundle(folder / "b", rows), folder / "run").returncode == 0
    for number in range(2):
        words = ("--verdict", "no", "--reason", "Unhelpful-reason.", "--cite", "turn1")
        unit = folder / "run" / uuid(number)
        assert run("show", unit).returncode == 0
        judged = run("verdict", unit, *words, "--failure", "other=made-up-failure")
        assert judged.returncode == 0, judged.stderr
    return folder / "run"


def test_verdicts_are_nowhere_in_the_file(folder: Path, tmp_path: Path) -> None:
    """No verdict, reason, failure or evaluation: only what the three choices are called."""
    assert run("label", folder, "--html", tmp_path / "label.html").returncode == 0
    text = (tmp_path / "label.html").read_text()

    reasons = {label.reason for label in read_labels(folder)}
    assert len(reasons) == 2 and "Unhelpful-reason." in reasons
    (path, *_) = case_paths(folder).values()
    assert "unsound-evaluation" in str(open_case(path).session())
    assert text.count("down-by-the-user") == 8
    for hidden in (*reasons, "made-up-failure", "unsound-evaluation", "rules-only", "confidence"):
        assert hidden not in text
    body = text.partition("</header>")[2].partition("<script")[0]
    assert "verdict" not in body and "failure" not in body
    data = json.loads(re.findall(r'id="data">(.*?)</script>', text)[0])
    assert data.keys() == {"key", "rater", "units"}
    assert sorted(data["units"]) == [uuid(number) for number in range(8)]


def test_every_unit_has_its_evidence_and_three_choices(folder: Path, tmp_path: Path) -> None:
    """In the order of the sample, with the texts of the conversation."""
    assert run("label", folder, "--html", tmp_path / "pages").returncode == 0
    page = Elements((tmp_path / "pages" / "index.html").read_text())

    assert page.tags["article"] == page.tags["textarea"] == page.tags["fieldset"] == 8
    assert page.values("value") == ["yes", "partial", "no"] * 8
    ids = page.values("id")
    assert len(set(ids)) == len(ids)
    links = [link[1:] for link in page.values("href")]
    assert len(links) == 9 and set(links) <= set(ids)


def test_the_page_allows_its_own_code_alone(tmp_path: Path) -> None:
    """The policy is that of the other pages, and nothing in a hostile case becomes an element."""
    view = runs.view(tmp_path)
    case, run_of = cases.hostile(cases.demo(tmp_path / "x")), runs.hostile(view).run
    plain = cases.demo(tmp_path / "y")
    made = [
        label_page(one, [label_unit(unit, evidence) for unit in one.units[:3]])
        for one, evidence in ((view.run, plain.evidence), (run_of, case.evidence))
    ]

    allowed, code = hashes(made[1])
    assert allowed == code
    assert Elements(made[0]).tags.keys() == Elements(made[1]).tags.keys()
    assert Elements(made[1]).tags["script"] == 2
    names = {name for _, name, _ in Elements(made[1]).attributes}
    assert not any(name.startswith("on") for name in names)
    assert "\u202e" not in made[1]


def test_units_without_a_case_are_counted(tmp_path: Path) -> None:
    """They are not on the page, and it says so."""
    made = runs.on_disk(tmp_path)
    done = run("label", made, "--html", tmp_path / "label.html")

    assert done.returncode == 0, done.stderr
    text = (tmp_path / "label.html").read_text()
    known = [open_case(path).info.id for path in case_paths(made).values()]
    assert "2 sessions of the run have no case to show" in text
    assert all(name in text for name in known)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 2, "--rater is missing"),
        (("--rater", " "), 2, "--rater is missing"),
        (("--html", "x.html", "--labels", "l.csv"), 2, "--labels is for the terminal"),
    ],
)
def test_a_wrong_call_is_told(
    folder: Path, tmp_path: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    """In one line, and nothing is written."""
    done = run("label", folder, *words, cwd=tmp_path)

    assert (done.returncode, list(tmp_path.iterdir())) == (code, [])
    assert said in done.stderr


def test_a_file_in_place_of_the_folder_is_told(folder: Path, tmp_path: Path) -> None:
    """As for the pages of a run; a folder that is no run is told as everywhere."""
    (tmp_path / "file").write_text("kept")
    done = run("label", folder, "--html", tmp_path / "file")
    none = run("label", tmp_path, "--html", tmp_path / "x.html")

    assert (done.returncode, none.returncode) == (2, 3)
    assert "is a file; name one that ends in .html" in done.stderr
    assert (tmp_path / "file").read_text() == "kept"
