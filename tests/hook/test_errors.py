"""The capture hook where calls fail, are repeated, or are more than fit one batch."""

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from hook.event import read_event
from hook.store import Run
from tests.backends.conftest import DEMO
from tests.backends.test_live import SESSION_ID
from tests.cli.run import a_bundle, run
from tests.hook.conversation import Call, Conversation, listed, replaced, search
from tests.hook.test_capture import WRAPPED, wrapped_turns

PASSING = "Error: 504 upstream timeout"
GATHER = ("gather", "session", SESSION_ID, "--backend", "client", "--case")


def after_batch(talk: Conversation, calls: list[Call], failing: dict[str, str]) -> str:
    """Make calls one after another; return the reply to the last. A tool of `failing` fails."""
    reply = ""
    for call in calls:
        error = failing.get(call[0])
        answer = [{"type": "text", "text": error}] if error else None
        if error:
            talk.made.append(call)  # ids of uses are counted by it
        reply = talk.captured(call, answer)
    return reply


@pytest.mark.parametrize(
    "response",
    [
        "Error: 401 Unauthorized: log in again",
        [{"type": "text", "text": "MCP error -32603: Internal error"}],
        {"isError": True, "content": [{"type": "text", "text": "no"}]},
        [{"type": "text", "text": '{"error": "upstream"}'}],
        [],
    ],
)
def test_an_error_stays_visible(response: Any, tmp_path: Path) -> None:
    """The agent keeps it, and is told beside it what to do."""
    talk = Conversation.on(DEMO, tmp_path / "home")

    done = talk.hooked(json.dumps(talk.event(search(SESSION_ID), response)))

    output = json.loads(done.stdout)["hookSpecificOutput"]
    assert "updatedMCPToolOutput" not in output
    assert output["additionalContext"].startswith("session-classify: this result is an error.")


def test_a_first_call_that_failed_is_told_again(tmp_path: Path) -> None:
    """After an error that may pass, the next batch is the same call, and goes on from there."""
    talk = Conversation.on(DEMO, tmp_path / "home")
    talk.made.append(search(SESSION_ID))

    again = listed(talk.captured(search(SESSION_ID), PASSING))

    assert [call[0] for call in again] == ["search_llmobs_spans"]
    assert len(listed(talk.captured(again[0]))) > 1


def test_calls_that_failed_are_in_the_next_batch(tmp_path: Path) -> None:
    """They are told again with their arguments until they are answered."""
    talk = Conversation.on(DEMO, tmp_path / "home")
    batch = listed(talk.captured(search(SESSION_ID)))
    failed = [call for call in batch if call[0] == "get_llmobs_agent_loop"]

    again = listed(after_batch(talk, batch, {"get_llmobs_agent_loop": PASSING}))

    assert [call for call in again if call in failed] == failed
    assert "get_llmobs_agent_loop" not in dict(listed(after_batch(talk, again, {})))


def test_after_three_failures_the_error_is_the_answer(tmp_path: Path) -> None:
    """The digest then tells the error; nothing is asked for ever."""
    talk = Conversation.on(DEMO, tmp_path / "home")
    batch, rounds = listed(talk.captured(search(SESSION_ID))), 0
    while batch and rounds < 9:
        batch = listed(after_batch(talk, batch, {"get_llmobs_span_details": PASSING}))
        rounds += 1

    done = run(*GATHER, tmp_path / "case", **talk.variables)

    made = [call for call in talk.made if call[0] == "get_llmobs_span_details"]
    assert rounds < 9
    assert len(made) == 3 * len({json.dumps(call) for call in made})
    assert "can still be fetched" not in done.stdout


def test_a_later_error_replaces_no_answer(tmp_path: Path) -> None:
    """The list of spans came; the same call that fails afterwards takes nothing away."""
    talk = Conversation.on(DEMO, tmp_path / "home")
    first = listed(talk.captured(search(SESSION_ID)))
    talk.made.append(search(SESSION_ID))

    told = talk.captured(search(SESSION_ID), "Error: 429 Too Many Requests")

    assert f"0 of the {len(first)} calls of this batch" in told
    assert run(*GATHER, tmp_path / "case", **talk.variables).returncode == 0


@pytest.mark.parametrize(
    "nothing",
    [
        [],
        "",
        {},
        [{"type": "text", "text": '{"spans": []}'}],
        [{"type": "text", "text": "null"}],
        {"isError": True, "content": None},
    ],
)
def test_an_empty_result_replaces_no_answer(nothing: Any, tmp_path: Path) -> None:
    """The same call that brings nothing at another time takes nothing away."""
    talk = Conversation.on(DEMO, tmp_path / "home")
    first = listed(talk.captured(search(SESSION_ID)))
    talk.made.append(search(SESSION_ID))

    talk.captured(search(SESSION_ID), nothing)

    after_batch(talk, first, {})
    done = run(*GATHER, tmp_path / "case", **talk.variables)
    assert done.returncode == 0, done.stderr
    assert "### turn 2" in done.stdout


@pytest.mark.parametrize("response", [None, "", "Error: 504 timeout"])
def test_what_brings_nothing_is_asked_for_three_times(response: Any, tmp_path: Path) -> None:
    """Then the agent is led to the command, which tells what is wrong."""
    talk = Conversation.on(DEMO, tmp_path / "home")
    told = []
    for _ in range(4):
        talk.made.append(search(SESSION_ID))
        event = {**talk.event(search(SESSION_ID), "x"), "tool_response": response}
        told.append(replaced(talk.hooked(json.dumps(event))))

    assert [len(listed(text)) for text in told] == [1, 1, 0, 0]
    assert "gather" in told[2]


def test_an_answer_after_errors_is_followed(tmp_path: Path) -> None:
    """However often the call failed before: the next batch is told."""
    talk = Conversation.on(DEMO, tmp_path / "home")
    for _ in range(3):
        talk.made.append(search(SESSION_ID))
        talk.captured(search(SESSION_ID), PASSING)

    assert len(listed(talk.captured(search(SESSION_ID)))) > 1


def test_a_claim_of_a_hook_that_was_killed_ends(tmp_path: Path) -> None:
    """Another one takes it over, once the client has ended the first."""
    talk = Conversation.on(DEMO, tmp_path / "home")
    event = read_event(json.dumps(talk.event(search(SESSION_ID))))
    assert event is not None
    run_of = Run(event)
    run_of.folder = str(tmp_path)

    assert [run_of.claim("done-x"), run_of.claim("done-x")] == [True, False]
    os.utime(tmp_path / "done-x", (0, 0))
    assert [run_of.claim("done-x"), run_of.claim("done-x")] == [True, False]
    run_of.give_back("done-x")
    assert run_of.claim("done-x")


def test_a_narrower_search_takes_no_turn_away(tmp_path: Path) -> None:
    """A second look at the last minutes adds nothing, and removes nothing."""
    bundle = a_bundle(tmp_path / "rows", wrapped_turns(3))
    talk = Conversation.on(bundle, tmp_path / "home")
    tool, wide = search(WRAPPED)
    talk.recorded([(tool, wide), (tool, {**wide, "from": "now-90s", "limit": 1})])

    done = run("gather", "session", WRAPPED, *GATHER[3:], tmp_path / "case", **talk.variables)

    assert "3 turns" in done.stdout


def test_a_narrow_search_alone_asks_for_the_whole_one(tmp_path: Path) -> None:
    """A window of minutes may leave turns out: the first call is listed as missing."""
    bundle = a_bundle(tmp_path / "rows", wrapped_turns(3))
    talk = Conversation.on(bundle, tmp_path / "home")
    tool, wide = search(WRAPPED)

    batch = listed(talk.captured((tool, {**wide, "from": "now-90s"})))

    assert (tool, "now-90d") in [(call[0], call[1]["from"]) for call in batch]


def test_a_batch_has_at_most_thirty_calls(tmp_path: Path) -> None:
    """The rest follows, batch by batch, until all are made."""
    bundle = a_bundle(tmp_path / "rows", wrapped_turns(40))
    talk = Conversation.on(bundle, tmp_path / "home")

    told = talk.captured(search(WRAPPED))

    assert len(listed(told)) == 30
    assert "more follow" in told
    rest = listed(after_batch(talk, listed(told), {}))
    assert 0 < len(rest) <= 30
    assert not {json.dumps(call) for call in rest} & {json.dumps(call) for call in listed(told)}


def test_a_reply_of_the_hook_is_no_answer(tmp_path: Path) -> None:
    """Where captures were purged, the calls are listed again, not read as unknown texts."""
    talk = Conversation.on(DEMO, tmp_path / "home")
    reply = talk.captured(search(SESSION_ID))
    talk.answer = lambda _: [{"type": "text", "text": reply}]  # type: ignore[method-assign]
    talk.recorded([search(SESSION_ID)])
    for path in talk.captures.rglob("*.json*"):
        path.unlink()

    done = run(*GATHER, tmp_path / "case", **talk.variables)

    assert "make this call" in done.stderr
    assert "search_llmobs_spans" in done.stderr


@pytest.mark.parametrize("tag", ["start[AB12CD34]", "[Ab12cD34]"])
def test_a_tag_may_have_capitals(tag: str, tmp_path: Path) -> None:
    """Hex digits are the same in either case."""
    talk = Conversation.on(DEMO, tmp_path / "home")
    tool, arguments = search(SESSION_ID)
    intent = f" skill:llm-obs-session-classify{':' * tag.startswith('s')}{tag} — x"

    talk.captured((tool, {**arguments, "telemetry": {"intent": intent}}))

    assert [path.name for path in talk.captures.glob("*/*") if path.is_dir()] == ["ab12cd34"]


def test_what_is_stored_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Folders and log included."""
    talk = Conversation.on(DEMO, tmp_path / "home")
    talk.captured(search(SESSION_ID))
    talk.hooked("{")

    modes = {stat.S_IMODE(path.stat().st_mode) for path in talk.captures.rglob("*")}
    assert modes <= {0o600, 0o700}
    assert stat.S_IMODE(talk.captures.stat().st_mode) == 0o700
    assert (talk.captures / "capture.log").exists()


@pytest.mark.parametrize("home", ["", "a-folder"])
def test_a_home_that_is_no_folder_stores_nothing(
    home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The result stays as it is."""
    monkeypatch.chdir(tmp_path)
    talk = Conversation.on(DEMO, Path(home))
    monkeypatch.setattr(Conversation, "variables", {**talk.variables, "HOME": home})

    done = talk.hooked(json.dumps(talk.event(search(SESSION_ID))))

    assert replaced(done) == ""
    assert list(tmp_path.iterdir()) == []
