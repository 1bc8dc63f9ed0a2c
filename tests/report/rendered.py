"""Reports and errors as they are printed for the situations of `report-*` and `error-*`."""

from pathlib import Path

from session_classify.report.verbose import report_text
from session_classify.report.verdicts import compact
from session_classify.vocabulary import Protocol
from tests.report.made_up import failing, told
from tests.situations import load, situations


def report_texts(folder: Path, made_in: Path) -> dict[str, str]:
    """Return the report of a situation by each of its protocols, and its short form, by file."""
    situation = load(folder / "situation.yaml")
    texts = {}
    for protocol in situation["protocols"]:
        case = told(situation, Protocol(protocol), made_in / protocol)
        texts[f"{folder.name}.{protocol}.md"] = report_text(case)
        if case.terms.has_compact:
            short = compact(case.verdict, "CASE", case.coverage.rum)
            texts[f"{folder.name}.txt"] = short
    return texts


def error_texts(folder: Path, made_in: Path) -> dict[str, str]:
    """Return exit code, object and line of a situation's error by each of its protocols."""
    situation = load(folder / "situation.yaml")
    texts = {}
    for protocol in situation["protocols"]:
        done = failing(situation, protocol, made_in / protocol)
        text = f"exit code {done.returncode}\n{done.stdout}{done.stderr}"
        texts[f"{folder.name}.{protocol}.txt"] = text
    return texts


def every_text(made_in: Path) -> dict[str, str]:
    """Return what is printed for every situation of reports and errors, by file."""
    texts: dict[str, str] = {}
    for kind, render in (("report", report_texts), ("error", error_texts)):
        for (folder,) in (parameter.values for parameter in situations(kind)):
            texts |= render(folder, made_in / folder.name)
    return texts
