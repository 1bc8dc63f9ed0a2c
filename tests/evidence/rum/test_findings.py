"""What users did around sessions: each rule where it holds, and where it narrowly does not."""

import json
import random
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from referencing import Registry
from referencing.jsonschema import DRAFT7

from session_classify.evidence.rum.findings import Observed, observe
from session_classify.model import Finding, kind_of
from session_classify.profiles.load import load_profile
from session_classify.vocabulary import Direction
from session_classify.wire.rum.events import read_rum
from session_classify.wire.rum.pages import joined
from tests.conftest import ROOT
from tests.rum_rows import PROFILE, a_rum_session, rum_rows
from tests.situations import load, situations

SITUATIONS = list(situations("rum"))
CHOSEN = load_profile(PROFILE)
PAGE = (ROOT / "references" / "signals.md").read_text(encoding="utf-8")


def loaded(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = load(folder / "situation.yaml")
    return found


def observed(situation: dict[str, Any], rows: list[dict[str, Any]] | None = None) -> Observed:
    """Read a situation's rows as a bundle holds them, and observe its session."""
    lines = [json.dumps(row) for row in (rum_rows(situation) if rows is None else rows)]
    answers = read_rum("\n".join(lines).encode(), "rum.jsonl") if lines else ()
    return observe(a_rum_session(situation), joined(answers), CHOSEN)


def told(finding: Finding) -> str:
    """Return a finding as situations name it."""
    reads = " reads" if finding.needs_reading else ""
    return f"{finding.rule} {finding.tier} {finding.direction} {finding.turn or '-'}{reads}"


@pytest.mark.parametrize("folder", SITUATIONS)
def test_behaviour_gives_the_findings_that_it_should(folder: Path) -> None:
    """Each situation names all the findings that its events give, and no other comes of them."""
    situation = loaded(folder)

    found = observed(situation)

    assert [told(finding) for finding in found.findings] == situation["expect"]
    assert situation.get("says", "") in " ".join(finding.summary for finding in found.findings)
    if "quotes" in situation:
        assert [f.quote for f in found.findings] == [situation["quotes"]]
    if "noise" in situation:
        assert dict(found.behaviour.timeline.noise) == situation["noise"]
    if "by" in situation:
        assert found.owned.by == situation["by"]
    if "coverage" in situation:
        assert found.coverage == situation["coverage"]


@pytest.mark.parametrize("folder", SITUATIONS)
def test_a_situation_is_about_a_rule(folder: Path) -> None:
    """It shows a rule that it expects, or comes near to one that it does not; all is made up."""
    situation = loaded(folder)
    expected = {line.split()[0] for line in situation["expect"]}

    assert "Made up." in situation["about"]
    assert {"shows", "near"} & situation.keys()
    assert "shows" not in situation or situation["shows"] in expected
    assert situation.get("near") not in expected


def test_there_are_enough_situations() -> None:
    """There are forty situations at least."""
    assert len(SITUATIONS) >= 40


def schemas(folder: Path) -> Registry[Any]:
    """Return the official schemas under the names by which they refer to each other."""
    found = []
    for path in sorted((folder / "schemas" / "rum").glob("*.json")):
        resource = DRAFT7.create_resource(json.loads(path.read_text()))
        found += [(f"rum/{path.name}", resource), (path.name, resource)]
    if not found:
        raise LookupError(f"no schemas in {folder}")
    return Registry().with_resources(found)


@pytest.mark.parametrize("folder", SITUATIONS)
def test_events_are_those_of_the_official_schemas(folder: Path, shared_data: Path) -> None:
    """Made-up events look like real ones: the schemas of rum-events-format accept them."""
    place = shared_data / "rum-events-format"
    if not place.is_dir():
        pytest.skip(f"the official schemas are not at {place}")
    registry = schemas(place)

    for row in rum_rows(loaded(folder)):
        event = row["attributes"]["attributes"]
        validator = jsonschema.Draft7Validator(
            {"$ref": f"rum/{event['type']}-schema.json"}, registry=registry
        )
        assert [error.message for error in validator.iter_errors(event)] == []


def test_the_schemas_are_really_asked(shared_data: Path) -> None:
    """An event with a wrong type of action is refused, so the check above can fail."""
    place = shared_data / "rum-events-format"
    if not place.is_dir():
        pytest.skip(f"the official schemas are not at {place}")
    (row,) = rum_rows({"events": [{"at": 1, "action": "assistant.send"}]})
    event = row["attributes"]["attributes"]
    event["action"]["type"] = "shout"
    validator = jsonschema.Draft7Validator(
        {"$ref": "rum/action-schema.json"}, registry=schemas(place)
    )

    assert not validator.is_valid(event)


@given(
    st.lists(st.sampled_from(SITUATIONS), min_size=1, max_size=4), st.randoms(use_true_random=False)
)
def test_order_and_repetition_of_rows_change_nothing(
    chosen: list[Any], order: random.Random
) -> None:
    """Pages that overlap and rows in any order give the same findings."""
    events = [e for param in chosen for e in loaded(param.values[0])["events"] if "at" in e]
    rows = rum_rows({"events": events})
    shuffled = rows + rows[: len(rows) // 2]
    order.shuffle(shuffled)

    once, again = observed({}, rows), observed({}, shuffled)

    assert sorted(map(told, once.findings)) == sorted(map(told, again.findings))
    assert [f.id for f in again.findings] == [f.id for f in once.findings]


NAMES = [rule.name.replace("*", ".x") for rule in CHOSEN.actions] + ["framework.x", "unknown", ""]
URLS = ["/assistant", "/dashboard/abc-123-xyz", "https://docs.example.com/x", "http://[", ""]
TIMES = st.floats(-2000, 4000, allow_nan=False)
ACTS = st.fixed_dictionaries(
    {"at": TIMES, "action": st.sampled_from(NAMES), "url": st.sampled_from(URLS)},
    optional={
        "tab": st.sampled_from("ab"),
        "frustration": st.lists(st.sampled_from(["rage_click", "dead_click", "error_tap"])),
        "context": st.dictionaries(
            st.sampled_from(["status", "tool", "text", "id"]),
            st.sampled_from(["error", "t1", "correct but incomplete", 7, None, [{"status": "x"}]]),
        ),
    },
)
VIEWED = st.fixed_dictionaries(
    {"at": TIMES, "url": st.sampled_from(URLS), "for": st.floats(0, 500, allow_nan=False)},
    optional={"tab": st.sampled_from("ab")},
)


ERRORS = st.fixed_dictionaries(
    {"at": TIMES, "error": st.text(max_size=20), "url": st.sampled_from(URLS)},
    optional={"source": st.sampled_from(["network", "console"])},
)


@given(st.lists(ACTS | VIEWED | ERRORS, max_size=12), st.integers(1, 3))
def test_any_events_give_findings_that_the_page_describes(
    events: list[dict[str, Any]], turns: int
) -> None:
    """Whatever happens in whatever order, ids run from 1, and every rule can be looked up."""
    found = observed({"events": events, "turns": [{}] * turns})

    rum = [f for f in found.findings if kind_of(f.id) == "rum"]
    assert [f.id for f in rum] == [f"rum{n}" for n in range(1, len(rum) + 1)]
    assert [f.instant for f in rum] == sorted(f.instant for f in rum if f.instant)
    assert all(f"### {f.rule}\n" in PAGE for f in found.findings)
    start, end = found.behaviour.timeline.times.start, found.behaviour.timeline.times.end
    for event in found.behaviour.timeline.events:
        assert (event.phase == "pre") is (event.at < start)
        assert (event.phase == "during") is (start <= event.at < end)


@pytest.mark.parametrize("folder", SITUATIONS)
def test_without_events_there_is_no_finding(folder: Path) -> None:
    """Absence of data is never evidence: no rows, no finding, whatever the session is."""
    assert observed(loaded(folder), []).findings == ()


@pytest.mark.parametrize("folder", SITUATIONS)
def test_views_alone_never_speak_of_the_assistant_with_tier_a_against_it(folder: Path) -> None:
    """Where no action was recorded, as without custom actions, nothing of tier A is negative."""
    rows = [
        row for row in rum_rows(loaded(folder)) if row["attributes"]["attributes"]["type"] == "view"
    ]

    found = observed(loaded(folder), rows)

    assert not any(f.tier == "A" and f.direction is Direction.NEGATIVE for f in found.findings)


TABLES = (
    (
        "timestamp\tview_url\t@view.time_spent\n"
        "2026-11-20T05:08:58Z\thttps://app.example.com/assistant\t{spent}\n"
        "2026-11-20T05:09:25Z\thttps://app.example.com/billing\t900000000000\n"
    ),
    (
        "timestamp\t@action.name\tview_url\n"
        "2026-11-20T05:09:05Z\tassistant.render\thttps://app.example.com/assistant\n"
    ),
)


@pytest.mark.parametrize(
    ("spent", "expected"),
    [
        pytest.param("25000000000", ["rum-short-dwell"], id="short"),
        pytest.param("40000000000", [], id="neither"),
        pytest.param("70000000000", ["rum-long-dwell"], id="long"),
        pytest.param("", [], id="not-recorded"),
    ],
)
def test_tables_without_view_ids_are_joined_by_address_and_time(
    spent: str, expected: list[str]
) -> None:
    """The page on which the assistant was used is known; a stay of unknown length is none."""
    answers = [
        answer for text in TABLES for answer in read_rum(text.format(spent=spent).encode(), "table")
    ]

    found = observe(a_rum_session({}), joined(answers), CHOSEN)

    assert [finding.rule for finding in found.findings] == expected


def test_a_table_tells_frustration_and_errors_too() -> None:
    """Columns for them are read as the fields of a search are, whatever form a cell has."""
    clicks = (
        "timestamp\t@action.name\tview_url\t@action.frustration.type\n"
        "2026-11-20T05:09:05Z\tclick on Copy\thttps://app.example.com/assistant\trage_click\n"
        '2026-11-20T05:09:06Z\tclick on Copy\thttps://app.example.com/assistant\t["dead_click"]\n'
    )
    errors = (
        "timestamp\t@error.message\t@error.source\tview_url\n"
        "2026-11-20T05:09:07Z\tScript error.\tsource\thttps://app.example.com/assistant\n"
    )
    answers = [answer for text in (clicks, errors) for answer in read_rum(text.encode(), "table")]

    found = observe(a_rum_session({}), joined(answers), CHOSEN).findings

    assert [f.rule for f in found] == ["rum-frustration", "rum-page-error"]
    assert [f.summary.partition(",")[0] for f in found] == [
        "rage click",
        "errors of the browser on the session's pages (1 of source)",
    ]


def test_a_stay_of_unknown_length_may_have_been_long() -> None:
    """Ten seconds on one page with the assistant are not all where another tells no length."""
    views, actions = (text.format(spent="10000000000") for text in TABLES)
    views += "2026-11-20T05:09:10Z\thttps://app.example.com/other\t\n"
    more = actions + "2026-11-20T05:09:15Z\tassistant.render\thttps://app.example.com/other\n"

    def rules(*texts: str) -> list[str]:
        answers = [answer for text in texts for answer in read_rum(text.encode(), "table")]
        return [f.rule for f in observe(a_rum_session({}), joined(answers), CHOSEN).findings]

    assert rules(views, actions) == ["rum-short-dwell"]
    assert rules(views, more) == []


def test_nothing_sent_is_known_where_messages_are_recorded() -> None:
    """With the times of a session alone, that no message follows a rejection says nothing."""
    session = a_rum_session({})
    timed = replace(session, turns=(replace(session.turns[0], trace_id=""),))
    rows = rum_rows({"events": [{"at": 15, "action": "assistant.reject"}]})
    answers = read_rum("\n".join(map(json.dumps, rows)).encode(), "rum.jsonl")

    known, unknown = (observe(one, joined(answers), CHOSEN).findings for one in (session, timed))

    assert [f.direction for f in known] == [Direction.NEGATIVE]
    assert [f.direction for f in unknown] == [Direction.NEUTRAL]


def test_a_lookup_tells_who_and_is_no_page() -> None:
    """Rows of the lookup lead to the browser session, and stay out of the timeline."""
    lookup = (
        "timestamp\tsession_id\t@view.time_spent\t@usr.email\n"
        "2026-11-20T05:08:58Z\tbrowser-1\t25000000000\tana@example.com\n"
    )
    answers = [a for text in (lookup, *TABLES) for a in read_rum(text.encode(), "table")]

    found = observe(a_rum_session({}), joined(answers[:1] + answers[2:]), CHOSEN)

    assert [item.event.name for item in found.behaviour.timeline.events] == ["assistant.render"]
    assert found.owned.elsewhere is True


def test_feedback_in_spans_and_browser_is_one() -> None:
    """A thumb that an evaluation recorded too keeps the reason that only the browser knows."""
    situation = {
        "events": [
            {"at": 30, "action": "assistant.thumbs.down"},
            {"at": 33, "action": "click on Correct but incomplete"},
            {"at": 200, "action": "assistant.thumbs.up", "context": {"id": "t2"}},
        ],
        "turns": [{}, {"at": 60}],
    }
    mine = Finding(
        "feedback1",
        "feedback-thumbs",
        "explicit",
        Direction.NEGATIVE,
        "thumbs: down",
        1,  # type: ignore[arg-type]
    )
    rows = joined(read_rum("\n".join(map(json.dumps, rum_rows(situation))).encode(), "rum.jsonl"))

    found = observe(a_rum_session(situation), rows, CHOSEN, [mine]).findings

    feedback = [f for f in found if kind_of(f.id) == "feedback"]
    assert [(f.id, f.rule, f.turn, f.quote) for f in feedback] == [
        ("feedback1", "feedback-thumbs", 1, "Correct but incomplete"),
        ("feedback2", "feedback-positive", 2, ""),
    ]
