"""Real sessions go all the way: what the digest must hold, and what the case must not lose."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from session_classify.backends.bundle import open_bundle
from session_classify.digest.digest import digest
from session_classify.digest.layout import CaseHeader
from session_classify.evidence.findings import Evidence
from session_classify.gathering.case import Case
from session_classify.gathering.gather import gather
from session_classify.printing.text import visible
from session_classify.vocabulary import DIGEST_LIMIT, Unit

# Tools of the shop and airline apps that change records, by the words of the task's own policies.
CHANGING = re.compile(r"^(?:book|cancel|update|modify|exchange|return|send)_")

NAMES = (
    "swe-astropy__astropy-7336 swe-django__django-14315 tau2air-t000-r0 tau2air-t001-r0 "
    "tau2air-t004-r0 tau2air-t007-r0 tau2air-t020-r0 tau2air-t022-r0 tau2air-t040-r0 "
    "tau2air-t049-r0 tauair-t002-r2 tauair-t009-r3 tauair-t043-r0 tauair-t043-r3 tauret-t020-r20 "
    "tauret-t023-r23 tauret-t059-r59 tauret-t069-r69 ww-ag79 ww-hc43"
).split()


@pytest.fixture(scope="module", params=NAMES)
def bundle(request: pytest.FixtureRequest, shared_data: Path) -> Path:
    """Return the folder of one real session."""
    return shared_data / "bundles" / str(request.param)


@pytest.fixture(scope="module")
def label(bundle: Path) -> dict[str, Any]:
    """Return what is known of the session's outcome."""
    labels: dict[str, dict[str, Any]] = json.loads((bundle.parent / "labels.json").read_bytes())
    return labels[bundle.name]


@pytest.fixture(scope="module")
def gathered(
    bundle: Path, label: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Case, Evidence]:
    """Gather the session into a case."""
    path = tmp_path_factory.mktemp("cases") / bundle.name
    return gather(open_bundle(bundle), Unit.SESSION, label["session_id"], path)


@pytest.fixture(scope="module")
def text(gathered: tuple[Case, Evidence]) -> str:
    """Return the session's digest."""
    case, evidence = gathered
    return digest(
        evidence, CaseHeader("session-classify", "CASE", case.info.nonce, case.info.coverage)
    ).text


def spans(bundle: Path, kind: str) -> Iterator[dict[str, Any]]:
    """Yield the raw spans of one kind, as the file holds them."""
    for line in (bundle / "spans.jsonl").read_bytes().splitlines():
        attributes = json.loads(line)["attributes"]
        if attributes["span_kind"] == kind:
            yield attributes


def test_the_digest_keeps_its_limit(text: str) -> None:
    """No real session needs more than a digest may have."""
    assert len(text) <= DIGEST_LIMIT


def test_every_user_text_is_in_the_digest(gathered: tuple[Case, Evidence], text: str) -> None:
    """Whole up to 400 characters, else head and tail."""
    for turn in gathered[1].session.turns:
        said = visible(turn.user_text or "").strip("\n")
        shown = "\n".join(f"| {line}" for line in said.split("\n"))
        if len(said) <= 400:
            assert shown in text
        else:
            assert shown[:80] in text
            assert said[-30:] in text


def test_every_call_that_changes_records_is_there_with_its_outcome(
    bundle: Path, gathered: tuple[Case, Evidence], text: str
) -> None:
    """The raw spans' writes and the ledger's are the same, and the digest names each."""
    raw = Counter(span["name"] for span in spans(bundle, "tool") if CHANGING.match(span["name"]))
    writes = [write for write in gathered[1].writes if CHANGING.match(write.call.name)]

    assert Counter(write.call.name for write in writes) == raw
    for write in writes:
        line = (
            f"{write.id} = {write.call.id}, turn {write.turn}: {write.call.name} → {write.outcome}"
        )
        assert line in text
        assert write.outcome in {"confirmed", "failed", "not found"}


def test_the_case_holds_every_tool_call_with_its_whole_result(
    bundle: Path, gathered: tuple[Case, Evidence]
) -> None:
    """`session.json` has one call for each tool span, its result whole to the last character."""
    session = json.loads((gathered[0].path / "session.json").read_bytes())
    calls = [
        call
        for turn in session["turns"]
        for iteration in turn["iterations"]
        for call in iteration["tool_calls"]
    ]
    raw = {span["span_id"]: span["output"].get("value") or "" for span in spans(bundle, "tool")}

    assert {call["span_id"]: call["result"] or "" for call in calls} == raw


def test_good_sessions_have_at_most_one_false_claim(
    gathered: tuple[Case, Evidence], label: dict[str, Any], bundle: Path
) -> None:
    """A check that cries wolf on good sessions would be switched off."""
    if not bundle.name.startswith("tau") or label["label"]["reward"] != 1:
        return
    claims = [f for f in gathered[1].findings if f.id.startswith(("claim", "ungrounded"))]

    assert len(claims) <= 1, claims
