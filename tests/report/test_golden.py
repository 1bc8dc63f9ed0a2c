"""What is printed, to the letter: `make golden` rewrites the files, and the diff is read."""

import json
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from session_classify.backends.bundle import open_bundle
from session_classify.digest.digest import digest
from session_classify.digest.layout import CaseHeader
from session_classify.digest.pages import Shelf, page
from session_classify.evidence.findings import collect
from session_classify.gathering.gather import gather
from session_classify.profiles.load import generic_profile
from session_classify.profiles.starter import starter
from session_classify.report.profiles import starter_text
from session_classify.report.verdicts import compact
from session_classify.verdict.reconcile_rules import load_rules
from session_classify.verdict.rules_only import rules_only
from session_classify.vocabulary import Unit
from tests.evidence.build import a_session, a_turn
from tests.evidence.conversation.test_context_findings import written
from tests.report.rendered import error_texts, report_texts
from tests.report.rendered_runs import run_texts
from tests.situations import samples, situation, situations
from tests.verdict.test_check import refusals
from tests.verdict.test_rules_only import FACTS

GOLDEN = Path(__file__).parent / "golden"
SITUATIONS = (
    "spans-wrapped-model-calls",
    "spans-failed-tool",
    "spans-masked",
    "spans-evaluations",
    "spans-bad-lines",
    "spans-hostile-texts",
    "spans-hostile-places",
    "spans-shop-order",
)


def printed(name: str, folder: Path) -> dict[str, str]:
    """Return everything that is printed about one situation."""
    case, evidence = gather(
        open_bundle(situation(name)), Unit.SESSION, "s-1", folder / "case", None
    )
    frame = CaseHeader("session-classify", "CASE", case.info.nonce, case.info.coverage)
    shop = name.removeprefix("spans-")
    return {
        f"{shop}.digest.md": digest(evidence, frame).text,
        f"{shop}.turn1.md": page(
            Shelf(evidence, "session-classify show CASE", case.info.nonce), "turn 1", 0
        ).text,
        f"{shop}.rules-only.txt": compact(rules_only(evidence, load_rules()), "CASE"),
    }


@pytest.mark.parametrize("name", SITUATIONS)
def test_what_is_printed_is_what_was_read_and_accepted(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Digest, page and compact verdict of each situation equal their golden files."""
    compare(printed(name, tmp_path), request)


def test_refusals_are_what_was_read_and_accepted(request: pytest.FixtureRequest) -> None:
    """Every message of the check, with its way out, as the situations provoke them."""
    said = [refusal for sample in samples("check") for refusal in refusals(sample.values[0])]
    lines = sorted({f"{one.id}: {one.message}\n    {one.fix}\n" for one in said})
    assert len(lines) > 20

    compare({"refusals.txt": "".join(lines)}, request)


def test_findings_are_what_was_read_and_accepted(request: pytest.FixtureRequest) -> None:
    """Every field of the findings on values, the clock and readers, and of their writes."""
    sessions = [written(s.values[0], s.values[0].get("read")) for s in samples("origin")]
    for sample in samples("clock"):
        record = sample.values[0].get("record")
        sessions.append(written(sample.values[0], json.dumps(record) if record else None))
    sessions += [a_session(a_turn("Hi", s.values[0]["text"])) for s in samples("addressed")]
    lines = []
    for session in sessions:
        found = [msgspec.to_builtins(finding) for finding in collect(session).findings]
        lines += [json.dumps(one, ensure_ascii=False) + "\n" for one in found if one]

    compare({"findings.jsonl": "".join(lines)}, request)


def test_verdicts_of_the_rules_are_what_was_read_and_accepted(
    request: pytest.FixtureRequest,
) -> None:
    """Reason, codes, notes and citations of every verdict that the rules give alone."""
    printed = []
    for fact in FACTS:
        verdict = rules_only(collect(a_session(*fact.values[0])), load_rules())
        data = msgspec.json.format(msgspec.json.encode(replace(verdict, version=""))).decode()
        printed.append(f"{fact.id}\n{data}\n\n")

    compare({"rules-only.txt": "".join(printed)}, request)


def test_a_first_profile_is_what_was_read_and_accepted(request: pytest.FixtureRequest) -> None:
    """The questions to a team and the names that were seen equal their golden file."""
    actions = {"cart.open": 12, "Pay *now*": 3, "cart.stream-abort": 1}
    tools = {"get_order": 4, "pay_bill": 2, "frobnicate": 1}
    found = starter("made-up-shop", actions, tools, generic_profile())

    compare({"made-up-shop.profile.yaml": starter_text(found)}, request)


@pytest.mark.parametrize("folder", situations("report"))
def test_a_report_is_what_was_read_and_accepted(
    folder: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The report of each situation, by each of its protocols, equals its golden file."""
    compare(report_texts(folder, tmp_path), request)


@pytest.mark.parametrize("folder", situations("error"))
def test_an_error_is_what_was_read_and_accepted(
    folder: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Exit code, JSON object and line of each error, by each protocol, equal its golden file."""
    compare(error_texts(folder, tmp_path), request)


@pytest.mark.parametrize("folder", situations("app"))
def test_a_summary_of_a_run_is_what_was_read_and_accepted(
    folder: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Exit code and summary of each run over an app equal their golden file."""
    compare(run_texts(folder, tmp_path), request)


def compare(texts: dict[str, str], request: pytest.FixtureRequest) -> None:
    """Compare texts with the golden files of their names; `--golden` writes them first."""
    if request.config.getoption("--golden"):
        GOLDEN.mkdir(exist_ok=True)
        for file, text in texts.items():
            (GOLDEN / file).write_text(text, encoding="utf-8")

    expected = {file: (GOLDEN / file).read_text(encoding="utf-8") for file in texts}
    assert texts == expected
