"""`agree`: reading ratings, matching units, and the figures."""

import json
import re
from pathlib import Path

import pytest

from session_classify.agreement.matching import matched
from session_classify.agreement.ratings import Rating, read_ratings
from session_classify.errors import UnusableInputError
from session_classify.vocabulary import Satisfaction
from tests.cli.run import a_bundle, run
from tests.cli.test_app import classified, rows_of, uuid
from tests.conftest import ROOT

YES, PARTIAL, NO = Satisfaction.YES, Satisfaction.PARTIAL, Satisfaction.NO


def a_file(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def table(tmp_path: Path, counts: dict[tuple[str, str], int]) -> tuple[Path, Path]:
    """Write verdicts and labels whose confusion is `counts` by verdict and label."""
    verdicts, labels, number = [], ["id,label"], 0
    for (verdict, label), count in counts.items():
        for _ in range(count):
            number += 1
            verdicts.append(json.dumps({"id": f"u{number}", "verdict": verdict}))
            labels.append(f"u{number},{label}")
    return (
        a_file(tmp_path, "verdicts.jsonl", "\n".join(verdicts)),
        a_file(tmp_path, "labels.csv", "\n".join(labels) + "\n"),
    )


def test_ratings_are_read_from_any_of_the_three_forms(tmp_path: Path) -> None:
    """Columns have the names that people give them; rows with an error have no verdict."""
    lines = a_file(
        tmp_path,
        "v.jsonl",
        '{"id": "a", "verdict": "no", "failures": [{"code": "other"}], "confidence": "low"}\n\n'
        '{"id": "b", "verdict": null, "error": "expired"}\n',
    )
    table_file = a_file(
        tmp_path, "l.CSV", "\ufeffSession_ID,Label,Annotator\na, Yes ,ana\na,no,bo\n"
    )

    assert read_ratings(lines) == (Rating("a", NO, "", ("other",), "low"),)
    assert read_ratings(table_file) == (Rating("a", YES, "ana"), Rating("a", NO, "bo"))


def test_a_file_that_cannot_be_read_is_a_wrong_call(tmp_path: Path) -> None:
    """Exit code 2, as for every other command."""
    done = run("agree", tmp_path / "other.csv", tmp_path / "none.csv")

    assert (done.returncode, done.stdout) == (2, "")
    assert f"cannot read {tmp_path / 'none.csv'}" in done.stderr


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("l.csv", "id,label\na,maybe\n,yes\n", "line 2: a has the verdict 'maybe'; line 3: no id"),
        ("l.csv", "id,label\na,yes\nA,no\n", "A is rated twice"),
        ("l.csv", "id,label,rater\na,yes,x\na,no,x\n", "rated twice by x"),
        ("l.csv", "", "has no rating"),
        ("l.jsonl", "[1]", "expected one object a line (jq -c '.[]' splits an array)"),
        ("l.jsonl", "{no", "line 1: JSON is malformed"),
        ("l.jsonl", "yes", "has no rating; expected a head with id and label"),
    ],
)
def test_what_is_no_rating_is_told_with_its_row(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    """Nothing is guessed, and no rating is dropped in silence."""
    with pytest.raises(UnusableInputError, match=re.escape(said)):
        read_ratings(a_file(tmp_path, name, text))


def test_the_majority_of_the_raters_is_the_label() -> None:
    """Units without one are disputed; what is on one side alone is counted."""
    judged = (Rating("a", YES), Rating("b", NO), Rating("c", NO))
    labels = [Rating("A", YES, "x"), Rating("a", NO, "y"), Rating("a", YES, "z")]
    labels += [Rating("b", YES, "x"), Rating("b", NO, "y"), Rating("d", NO, "x")]

    found = matched(judged, labels)

    assert [(pair.judged.id, pair.label) for pair in found.pairs] == [("a", YES)]
    assert (found.disputed, found.unlabelled, found.unjudged) == (("b",), 1, 1)


def test_verdicts_of_several_judges_are_refused() -> None:
    """No judge wins in silence."""
    verdicts = [Rating("a", YES, "x"), Rating("a", NO, "y")]

    with pytest.raises(UnusableInputError, match="a has verdicts by x and y"):
        matched(verdicts, [Rating("a", YES)])


def test_sides_without_a_common_unit_are_refused() -> None:
    """An id of each side shows why."""
    with pytest.raises(UnusableInputError, match="verdicts such as a, 1 labels such as b"):
        matched([Rating("a", YES)], [Rating("b", YES)])


def test_without_the_libraries_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The launcher installs it; elsewhere one line says how."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    done = run("agree", *table(tmp_path, {("yes", "yes"): 2}))

    assert done.returncode == 7
    assert "-m pip install statsmodels krippendorff" in done.stderr


@pytest.mark.slow
def test_the_figures_are_those_of_a_published_table(tmp_path: Path) -> None:
    """20, 5, 10 and 15 of 50: kappa is 0.4; the rates are exact."""
    counts = {("yes", "yes"): 20, ("yes", "no"): 5, ("no", "yes"): 10, ("no", "no"): 15}
    done = run("agree", *table(tmp_path, counts), "--json")

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)["agreement"]
    assert told["kappa"]["value"] == pytest.approx(0.4)
    assert told["kappa"]["low"] < 0.4 < told["kappa"]["high"]
    rates = [(told[key]["hits"], told[key]["of"]) for key in ("accuracy", "false_yes", "false_no")]
    assert rates == [(35, 50), (5, 20), (10, 30)]
    assert told["accuracy"]["low"] == pytest.approx(0.5625, abs=1e-3)
    assert told["confusion"]["no"] == {"yes": 5, "partial": 0, "no": 15}
    assert len(told["disagreements"]) == 15


@pytest.mark.slow
def test_alpha_is_that_of_its_definition(tmp_path: Path) -> None:
    """Three units, two raters, one disagreement over the whole scale, computed by hand."""
    labels = a_file(tmp_path, "l.csv", "id,label,rater\na,yes,x\nb,no,x\nc,yes,x\n")
    verdicts = a_file(tmp_path, "v.csv", "id,label\na,yes\nb,no\nc,no\n")
    told = json.loads(run("agree", verdicts, labels, "--json").stdout)["agreement"]

    # n = 6 values, 3 yes and 3 no: D_o = 2/6 of d, D_e = 2 * 3 * 3 / (6 * 5) of d.
    assert told["alpha"]["value"] == pytest.approx(1 - (2 / 6) / (18 / 30))
    assert told["raters_alpha"]["value"] is None


@pytest.mark.slow
def test_two_judges_are_compared_on_their_common_units(tmp_path: Path) -> None:
    """McNemar's exact test on the units that one of them alone judged rightly."""
    labels = a_file(tmp_path, "l.csv", "id,label\n" + "".join(f"u{n},yes\n" for n in range(8)))
    one = a_file(tmp_path, "1.csv", "id,label\n" + "".join(f"u{n},yes\n" for n in range(7)))
    two = a_file(
        tmp_path,
        "2.csv",
        "id,label\n" + "".join(f"u{n},{'no' if n < 6 else 'yes'}\n" for n in range(8)),
    )
    told = json.loads(run("agree", one, labels, "--against", two, "--json").stdout)["compared"]

    assert (told["units"], told["only_first"], told["only_second"]) == (7, 6, 0)
    assert told["p"] == pytest.approx(2 / 2**6)


@pytest.mark.slow
def test_the_text_names_what_to_look_at_first(tmp_path: Path) -> None:
    """A sure `yes` against a `no` comes before a doubtful one and before `partial`."""
    verdicts = a_file(
        tmp_path,
        "v.jsonl",
        "\n".join(
            json.dumps({"id": name, "verdict": word, "confidence": sure, "reason": "Made | up."})
            for name, word, sure in (
                ("a", "partial", "high"),
                ("b", "yes", "low"),
                ("c", "yes", "high"),
            )
        ),
    )
    labels = a_file(tmp_path, "l.csv", "id,label\na,no\nb,no\nc,no\n")
    done = run("agree", verdicts, labels)

    told = done.stdout.partition("Look at these first:")[2]
    assert [line[2] for line in told.splitlines() if line.startswith("- ")] == ["c", "b", "a"]
    assert "false no, of the units that are labelled yes: no such unit" in done.stdout


def a_run(tmp_path: Path) -> Path:
    """Return a classified run of three sessions."""
    rows = [row for number in range(3) for row in rows_of(number, uuid(number), ml_app="app")]
    assert classified(a_bundle(tmp_path / "b", rows), tmp_path / "run").returncode == 0
    return tmp_path / "run"


def test_a_person_labels_units_without_seeing_verdicts(tmp_path: Path) -> None:
    """Labels are written one by one; the next time goes on with the rest, for each rater."""
    folder = a_run(tmp_path)
    (folder / "labels.csv").write_text("id,label,rater\n")
    first = run("label", folder, "--rater", "ana", stdin="y\nq\n")
    second = run("label", folder, "--rater", "ana", stdin="x\nn\ns\n")
    other = run("label", folder, "--rater", "bo", stdin="p\nq\n")

    assert [first.returncode, second.returncode, other.returncode] == [0, 0, 0], second.stderr
    assert "verdict:" not in first.stdout
    assert "1 of 3: did the person" in first.stdout
    assert "1 of 2: did the person" in second.stdout
    units = json.loads((folder / "run.json").read_bytes())["units"]
    ratings = read_ratings(folder / "labels.csv")
    assert [(one.id, one.verdict, one.rater) for one in ratings] == [
        (units[0], YES, "ana"), (units[1], NO, "ana"), (units[0], PARTIAL, "bo"),
    ]  # fmt: skip


def test_a_table_that_is_none_is_not_written_to(tmp_path: Path) -> None:
    """A file of something else stays as it is."""
    folder = a_run(tmp_path)
    table = a_file(tmp_path, "notes.csv", "made,up\n1,2\n")
    done = run("label", folder, "--rater", "ana", "--labels", table, stdin="y\n")

    assert done.returncode == 2
    assert table.read_text() == "made,up\n1,2\n"


@pytest.mark.slow
def test_a_run_is_reported_with_its_agreement(tmp_path: Path) -> None:
    """In the summary, as JSON and on the page: the figures of `agree`, notes of raters included."""
    folder = a_run(tmp_path)
    units = json.loads((folder / "run.json").read_bytes())["units"]
    rows = [{"id": units[0], "label": "yes", "rater": "ana"}]
    rows.append({"id": units[1], "label": "no", "rater": "ana", "note": "Nothing was <done>."})
    labels = a_file(tmp_path, "ana.jsonl", "\n".join(map(json.dumps, rows)))

    text = run("report", folder, "--labels", labels)
    data = run("report", folder, "--labels", labels, "--json")
    page = run("report", folder, "--labels", labels, "--html", tmp_path / "run.html")

    assert [text.returncode, data.returncode, page.returncode] == [0, 0, 0], text.stderr
    head, _, section = text.stdout.partition("\n## Agreement with labels\n")
    assert head.startswith("# Session Classification Summary")
    assert "right: 50 % (1 of 2" in section and "  - ana says no: Nothing was" in section
    told = json.loads(run("agree", folder, labels, "--json").stdout)
    assert json.loads(data.stdout)["agreement"] == told["agreement"]
    html = (tmp_path / "run.html").read_text()
    assert "2 units on both sides" in html and "ana: Nothing was &lt;done&gt;." in html


@pytest.mark.slow
def test_a_run_and_labels_that_do_not_meet_are_told(tmp_path: Path) -> None:
    """As `agree` tells it; labels belong to a run."""
    folder = a_run(tmp_path)
    labels = a_file(tmp_path, "l.csv", "id,label\nother,yes\n")
    case = next((folder / "cases").iterdir())

    apart = run("report", folder, "--labels", labels)
    single = run("report", case, "--labels", labels)

    assert (apart.returncode, single.returncode) == (1, 2)
    assert "no id is on both sides" in apart.stderr
    assert "--labels are of the units of a run" in single.stderr


TRIAL = Path(__file__).with_name("trial.csv")
"""What agents with nothing but the skill said of real sessions, and if they named a breach."""
MET_BY_A_BREACH = "ec66a787-95e7-41d1-b731-af10506bf2ef"
"""Its user got what they asked for, by an act that the rules forbid: its test calls that failed."""


@pytest.mark.slow
def test_the_figures_of_the_readme_are_those_of_the_trial(
    tmp_path: Path, shared_data: Path
) -> None:
    """Verdicts of the skill's trial against the outcomes that the sessions' own tests found."""
    told = re.search(
        r"On (\d+) real customer-service sessions.* right on (\d+) "
        r"\(kappa ([\d.]+), (\w+) false `yes`, (\w+) false `no`\)",
        (ROOT / "README.md").read_text(encoding="utf-8"),
    )
    assert told is not None
    known = json.loads((shared_data / "bundles" / "labels.json").read_bytes())
    outcomes = {
        one["session_id"]: one["label"]["reward"] == 1.0
        for name, one in known.items()
        if name.startswith("tau")
    }
    assert not outcomes[MET_BY_A_BREACH]
    assert f"{MET_BY_A_BREACH},yes,yes" in TRIAL.read_text().split()
    outcomes[MET_BY_A_BREACH] = True
    lines = [f"{unit},{'yes' if is_good else 'no'}" for unit, is_good in outcomes.items()]
    labels = a_file(tmp_path, "labels.csv", "\n".join(("id,label", *lines)))

    done = run("agree", TRIAL, labels, "--binary", "--json")

    figures = json.loads(done.stdout)["agreement"]
    assert figures["units"] == int(told[1]) == len(outcomes)
    assert figures["accuracy"]["hits"] == int(told[2])
    assert figures["kappa"]["value"] == pytest.approx(float(told[3]), abs=0.005)
    assert [figures[one]["hits"] for one in ("false_yes", "false_no")] == [1, 1]
    assert (told[4], told[5]) == ("one", "one")


@pytest.mark.slow
def test_partial_counts_as_no_for_labels_in_two_words(tmp_path: Path) -> None:
    """On both sides, and of the other judge; without the option it is a word of its own."""
    verdicts = a_file(tmp_path, "verdicts.csv", "id,verdict\na,partial\nb,yes\nc,no\nd,partial")
    labels = a_file(tmp_path, "labels.csv", "id,label\na,no\nb,yes\nc,partial\nd,yes")

    apart, joined = (
        json.loads(run("agree", verdicts, labels, "--against", verdicts, "--json", *more).stdout)
        for more in ((), ("--binary",))
    )

    assert [one["agreement"]["accuracy"]["hits"] for one in (apart, joined)] == [1, 3]
    assert [one["agreement"]["false_no"]["hits"] for one in (apart, joined)] == [0, 1]
