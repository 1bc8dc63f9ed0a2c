"""Tables of labels as people and spreadsheets write them, and what is refused."""

import json
import re
import threading
from pathlib import Path

import pytest

from session_classify.agreement.labelling import add_label
from session_classify.agreement.matching import matched
from session_classify.agreement.ratings import Rating, read_ratings
from session_classify.errors import ClassifyError, UnusableInputError
from session_classify.vocabulary import Satisfaction
from tests.agreement.test_agree import a_file, a_run
from tests.cli.run import run

YES, PARTIAL, NO = Satisfaction.YES, Satisfaction.PARTIAL, Satisfaction.NO
TWO = {("a", YES), ("b", NO)}
TABLES = {
    "semicolons": b"id;label\r\na;yes\r\nb;no\r\n",
    "tabs": b"id\tlabel\na\tyes\nb\tno\n",
    "a line with the separator": b"sep=;\r\nid;label\r\na;yes\r\nb;no\r\n",
    "byte order mark": b"\xef\xbb\xbfid,label\na,yes\nb,no\n",
    "UTF-16": "id\tlabel\na\tyes\nb\tno\n".encode("utf-16"),
    "heads with blanks": b"Session ID, Label \na, yes\nb, No\n",
    "blank rows": b"id,label\n\na,yes\n,\nb,no\n,,\n",
    "a row without a label": b"id,label\na,yes\nb,no\nc,\n",
    "number and session id": b"id,session_id,label\n1,a,yes\n2,b,no\n",
    "other columns": b'id,label,note\na,yes,"two\nlines"\nb,no,"a ""word"""\n',
    "verdict and label": b"id,verdict,label\na,no,yes\nb,yes,no\n",
    "JSON lines with a mark": b'\xef\xbb\xbf{"id": "a", "label": "yes"}\n'
    b'{"id": "b", "label": "no"}\n',
    "JSON without a label": b'{"id": "a", "label": "yes"}\n{"id": "b", "label": "no"}\n'
    b'{"id": "c", "label": null}\n',
}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl"])
def test_a_table_is_read_by_its_content(name: str, ending: str, tmp_path: Path) -> None:
    """Separator, coding and blank rows are no part of it, nor is the name of the file."""
    path = tmp_path / f"l.{ending}"
    path.write_bytes(TABLES[name])

    assert {(one.id, one.verdict) for one in read_ratings(path, by_people=True)} == TWO


def test_of_a_judges_table_the_verdict_counts(tmp_path: Path) -> None:
    """The same sheet may hold both sides."""
    path = a_file(tmp_path, "v.csv", "id,verdict,label\na,no,yes\n")

    assert [one.verdict for one in read_ratings(path)] == [NO]
    assert [one.verdict for one in read_ratings(path, by_people=True)] == [YES]


def test_columns_of_verdicts_are_raters(tmp_path: Path) -> None:
    """A column a rater, blank where one rated nothing."""
    path = a_file(tmp_path, "w.csv", "id,ana,bo,note\na,yes,no,x\nb,,partial,\n")

    found = {(one.id, one.rater, one.verdict) for one in read_ratings(path, by_people=True)}

    assert found == {("a", "ana", YES), ("a", "bo", NO), ("b", "bo", PARTIAL)}


def test_an_id_may_be_a_number(tmp_path: Path) -> None:
    """Zero is an id, too."""
    path = a_file(tmp_path, "n.jsonl", '{"id": 0, "verdict": "yes"}\n{"id": 1, "verdict": "no"}\n')

    assert [one.id for one in read_ratings(path)] == ["0", "1"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,label,label\na,yes,no\n", "has two columns label"),
        ("id,label\n\n\na,yes\nb,maybe\n", "line 5: b has the verdict 'maybe'"),
        ('id,label,note\na,yes,"open\nb,no,\n', "a quotation mark may be left open"),
        ("name,label\na,yes\n", "line 2: no id"),
        ("name,label\na,yes\n", "the columns are name, label"),
        ("id,label,rater\na,yes,Ana\na,no,ana\n", "a is rated twice by ana"),
        ("id,colour\na,red\n", "the columns are id, colour"),
        (f"id,label\n{'a' * 200_000},yes\n", "cannot be read as CSV: field larger"),
    ],
)
def test_what_cannot_be_read_is_told(text: str, said: str, tmp_path: Path) -> None:
    """With the line of the file, and the columns that were found."""
    with pytest.raises(UnusableInputError, match=re.escape(said)):
        read_ratings(a_file(tmp_path, "l.csv", text), by_people=True)


def test_labels_of_a_run_are_told_as_such(tmp_path: Path) -> None:
    """Two judges may be compared; that one is right is not said."""
    folder = a_run(tmp_path)
    labels = Path(folder) / "labels.jsonl"

    assert all(one.is_judged for one in read_ratings(labels, by_people=True))
    assert matched(read_ratings(labels), read_ratings(labels)).is_of_judges
    same = run("agree", labels, labels)
    assert (same.returncode, "verdicts and labels are both" in same.stderr) == (2, True)


@pytest.mark.parametrize(
    ("head", "row"),
    [
        ("rater,id,label", "ana,{id},yes"),
        ("id;note;label;rater", "{id};;yes;ana"),
        ("ID,Label,Rater", "{id},yes,ana"),
    ],
)
def test_a_label_is_written_below_its_head(head: str, row: str, tmp_path: Path) -> None:
    """Whatever the order of the columns and their separator."""
    folder = a_run(tmp_path)
    table = a_file(tmp_path, "t.csv", head)

    done = run("label", folder, "--rater", " ana ", "--labels", table, stdin="YES\nquit\n")

    assert done.returncode == 0, done.stderr
    (one,) = read_ratings(table, by_people=True)
    assert Path(table).read_text() == f"{head}\n{row.format(id=one.id)}\n"
    assert (one.verdict, one.rater) == (YES, "ana")


@pytest.mark.parametrize("text", ["id,label\na,yes\n", '{"id": "a"}\n', "made,up\n"])
def test_a_table_without_a_place_for_the_rater_is_refused(text: str, tmp_path: Path) -> None:
    """Before the first question, and nothing is written."""
    folder = a_run(tmp_path)
    table = a_file(tmp_path, "t.csv", text)

    done = run("label", folder, "--rater", "ana", "--labels", table, stdin="y\n")

    assert (done.returncode, done.stdout) == (2, "")
    assert Path(table).read_text() == text


def test_the_end_of_the_input_ends_labelling(tmp_path: Path) -> None:
    """What was labelled is counted as always."""
    done = run("label", a_run(tmp_path), "--rater", "ana", stdin="y\n")

    assert done.returncode == 0
    assert "1 labels by ana" in done.stderr


def test_raters_at_once_lose_no_label(tmp_path: Path) -> None:
    """They may share a table: each waits for the other."""
    table = tmp_path / "labels.csv"

    def rate(name: str) -> None:
        for number in range(15):
            add_label(table, f"u{number}", YES, name)

    threads = [threading.Thread(target=rate, args=(name,)) for name in ("a", "b", "c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(read_ratings(table, by_people=True)) == 45


@pytest.mark.slow
def test_alpha_is_of_all_rated_units() -> None:
    """Also of those on which the raters disagree: they are what it is about."""
    from session_classify.agreement.figures import agreement

    krippendorff = pytest.importorskip("krippendorff")
    judged = [Rating(f"x{n}", YES) for n in range(9)]
    ana = [Rating(f"x{n}", YES if n < 8 else NO, "ana") for n in range(9)]
    bo = [Rating(f"x{n}", NO if n < 5 or n == 8 else YES, "bo") for n in range(9)]

    found = agreement(matched(judged, [*ana, *bo]))

    rows = [[2] * 8 + [0], [0] * 5 + [2] * 3 + [0]]
    alone = krippendorff.alpha(rows, level_of_measurement="ordinal")
    whole = krippendorff.alpha([*rows, [2] * 9], level_of_measurement="ordinal")
    assert found.raters_alpha.value == pytest.approx(alone)
    assert found.alpha.value == pytest.approx(whole)
    assert found.units == 4


@pytest.mark.slow
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("twice", [0, 2])
def test_raters_who_share_the_work_have_no_alpha_or_a_wide_one(twice: int) -> None:
    """Where no unit is rated twice it is not defined; the other figures stand."""
    from session_classify.agreement.figures import agreement

    pytest.importorskip("krippendorff")
    judged = [Rating(f"x{n}", YES if n % 3 else NO) for n in range(40)]
    labels = [Rating(f"x{n}", YES if n % 4 else NO, "ana" if n < 20 else "bo") for n in range(40)]
    labels += [Rating(f"x{n}", YES if n % 4 else NO, "bo") for n in range(twice)]

    found = agreement(matched(judged, labels))

    assert found.alpha.value is not None
    assert (found.raters_alpha.value is None) is (twice == 0)
    assert found.accuracy.of == 40


def test_a_table_in_another_coding_is_refused(tmp_path: Path) -> None:
    """One line says how to save it."""
    path = tmp_path / "l.csv"
    path.write_bytes("id,label,note\na,yes,caf\u00e9\n".encode("latin-1"))

    with pytest.raises(ClassifyError, match="save it as UTF-8"):
        read_ratings(path)


def test_rows_of_a_run_are_ratings(tmp_path: Path) -> None:
    """`report RUN --jsonl` gives what `agree` reads."""
    folder = a_run(tmp_path)
    rows = run("report", folder, "--jsonl").stdout
    path = a_file(tmp_path, "rows.jsonl", rows)

    assert [one.id for one in read_ratings(path)] == [
        json.loads(row)["id"] for row in rows.splitlines() if json.loads(row)["verdict"]
    ]
