"""`--protocol` on the command line: where `llm-obs` goes on, `eval` stops."""

import json
from pathlib import Path

import pytest

from tests.cli.run import run
from tests.report.made_up import SESSION, TRACE, a_bundle
from tests.situations import load, situation

ANSWER = ("--verdict", "yes", "--reason", "It is right.", "--cite", "turn1")


def bundle(name: str, folder: Path) -> str:
    """Write the bundle of a situation and return what `--backend` takes."""
    return f"bundle:{a_bundle(load(situation(name) / 'situation.yaml'), folder / 'bundle')}"


@pytest.mark.parametrize("name", ["error-masked-in-part", "error-rum-required"])
def test_the_default_protocol_goes_on_where_the_strict_one_stops(name: str, tmp_path: Path) -> None:
    """A case is made and judged by the default; the strict protocol does not take it later on."""
    data, case = bundle(name, tmp_path), tmp_path / "case"
    code = load(situation(name) / "situation.yaml")["code"]

    done = run("classify", "session", SESSION, "--backend", data, "--case", case)
    assert done.returncode == 0, done.stderr
    before = (case / "verdict.json").read_bytes()

    for verb in (("report", case, "--verbose"), ("verdict", case, *ANSWER)):
        strict = run(*verb, "--protocol", "eval")
        assert strict.returncode == 1
        told = json.loads(strict.stdout)
        assert told["session_id"] == SESSION
        assert told["error"].startswith(f"{code}: ")
    assert (case / "verdict.json").read_bytes() == before


def test_the_strict_protocol_classifies_sessions_only(tmp_path: Path) -> None:
    """A trace is a wrong call: nothing is gathered."""
    data, case = bundle("report-trace-medium", tmp_path), tmp_path / "case"

    done = run("gather", "trace", TRACE, "--backend", data, "--case", case, "--protocol", "eval")

    assert done.returncode == 2
    assert done.stdout == ""
    assert "sessions only" in done.stderr
    assert not case.exists()


def test_a_case_remembers_its_protocol(tmp_path: Path) -> None:
    """The strict protocol has no short form: each verb prints its report, unless told otherwise."""
    data, case = bundle("report-whole", tmp_path), tmp_path / "case"
    options = ("--backend", data, "--case", case, "--protocol", "eval")

    first = run("classify", "session", SESSION, *options)
    assert first.returncode == 0, first.stderr
    again = run("report", case)
    short = run("report", case, "--protocol", "llm-obs")

    assert first.stdout.startswith(f"# Classification: {SESSION}\n")
    assert "## Revised satisfaction verdict (with RUM)\n" in first.stdout
    assert again.stdout == first.stdout
    assert short.stdout.startswith("verdict: ")


def test_the_report_of_a_verdict_needs_no_raw_file(tmp_path: Path) -> None:
    """`verdict` on a strict case prints the report, and `report` the same without `raw/`."""
    data, case = bundle("report-whole", tmp_path), tmp_path / "case"
    run("gather", "session", SESSION, "--backend", data, "--case", case, "--protocol", "eval")

    told = run("verdict", case, *ANSWER, "--intent", "Ana wanted a widget.")
    for file in (case / "raw").iterdir():
        file.unlink()

    assert told.returncode == 0, told.stderr
    assert "## User intent\nAna wanted a widget.\n" in told.stdout
    assert run("report", case).stdout == told.stdout


def test_a_report_as_data_holds_what_the_text_leaves_out(tmp_path: Path) -> None:
    """`--verbose --json` prints verdict, coverage and every row; `--json` alone the verdict."""
    data, case = bundle("report-thirty-turns", tmp_path), tmp_path / "case"
    short = run("classify", "session", SESSION, "--backend", data, "--case", case, "--json")

    whole = json.loads(run("report", case, "--verbose", "--json").stdout)

    assert len(whole["report"]["visits"]) == 90
    assert whole["verdict"] == json.loads(short.stdout)
    assert whole["coverage"]["rum"] == "full"


def test_links_lead_to_the_site_of_who_asks(tmp_path: Path) -> None:
    """Results in files do not name their site, so DD_SITE does."""
    answers = load(situation("answers-a-trace") / "situation.yaml")
    for number, answer in enumerate(answers["answers"]):
        (tmp_path / f"{number}.json").write_text(json.dumps(answer))
    case = tmp_path / "case"
    named = (answers["unit"], answers["id"])

    done = run(
        "classify", *named, "--backend", f"files:{tmp_path}", "--case", case, "--verbose",
        DD_SITE="us5.datadoghq.com",
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert f"(https://us5.datadoghq.com/llm/traces?query=trace_id:{answers['id']})" in done.stdout


def test_an_unavailable_audit_trail_is_a_flag_and_no_error(tmp_path: Path) -> None:
    """`llm-obs` reports `audit_unavailable`, and the classification goes on."""
    data, case = bundle("report-rum-gap", tmp_path), tmp_path / "case"

    done = run("classify", "session", SESSION, "--backend", data, "--case", case, "--verbose")

    assert done.returncode == 0
    assert "\naudit_coverage: audit_unavailable: " in done.stdout
    assert "\nrum_coverage: partial — web RUM gap on session date\n" in done.stdout
