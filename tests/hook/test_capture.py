"""The capture hook: whole sessions by MCP calls alone, and nothing broken where it fails."""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from session_classify.places import captures_folder
from tests.backends.conftest import DEMO
from tests.backends.test_live import SESSION_ID
from tests.cli.run import a_bundle, a_row, run, run_process
from tests.conftest import ROOT, every
from tests.hook.conversation import ID, Call, Conversation, listed, replaced, search

WRAPPED = "5e551044-0000-4000-8000-000000000010"


def wrapped_turns(count: int, more: str = "") -> list[dict[str, Any]]:
    """Return made-up turns with their model calls below a workflow span, and no user.

    With `more`, their answers go on with it and end with words of their own.
    """
    rows = []
    for turn in range(count):
        start = 1_795_000_000_000_000_000 + turn * 60 * 10**9
        for kind, span, parent in (
            ("agent", f"{turn}10", "undefined"),
            ("workflow", f"{turn}11", f"{turn}10"),
            ("llm", f"{turn}12", f"{turn}11"),
        ):
            answer = f"Answer {turn}" + (f"{more}, the end of answer {turn}" if more else "")
            messages = {
                "input": {"messages": [{"role": "user", "content": f"Question {turn}"}]},
                "output": {"messages": [{"role": "assistant", "content": answer}]},
            }
            rows.append(
                a_row(
                    span,
                    trace_id=f"{turn:032x}",
                    parent_id=parent,
                    span_kind=kind,
                    name=kind,
                    start_ns=start,
                    tags=[f"session_id:{WRAPPED}"],
                    **(messages if kind == "llm" else {}),
                )
            )
    return rows


def driven(talk: Conversation, session_id: str) -> str:
    """Make the calls that the hook names until it names none; return its last reply."""
    batch, last = [search(session_id)], ""
    while batch:
        replies = talk.captured_at_once(batch)
        last = next(text for text in replies if "side by side" in text or "Next:" in text)
        batch = listed(last)
    return last


@pytest.mark.matrix
def test_a_session_is_gathered_by_the_calls_that_the_hook_names(tmp_path: Path) -> None:
    """Its digest has the turns, the ledger and the RUM findings of the same session's rows."""
    talk = Conversation.on(DEMO, tmp_path / "home")

    last = driven(talk, SESSION_ID)

    assert last.endswith(f"Next: gather session {SESSION_ID} --backend client")
    words = ("gather", "session", SESSION_ID, "--backend")
    done = run("--restricted", *words, "client", "--case", tmp_path / "a", **talk.variables)
    rows = run(*words, f"bundle:{DEMO}", "--case", tmp_path / "b")
    assert done.returncode == 0, done.stderr
    assert told(done.stdout) == told(rows.stdout)
    assert "rum1, rum-exact-asset-used" in done.stdout
    assert "can still be fetched" not in done.stdout


def told(digest: str) -> str:
    """Return a digest from its first turn to the audit trail, which no MCP tool reads."""
    return digest.partition("### turn 1")[2].partition("audit trail:")[0]


@pytest.mark.matrix
def test_ten_wrapped_turns_take_31_calls_and_one_command(tmp_path: Path) -> None:
    """One search, then loop, spans and messages of each turn; nothing is typed or written."""
    bundle = a_bundle(tmp_path / "rows", wrapped_turns(10))
    talk = Conversation.on(bundle, tmp_path / "home")

    driven(talk, WRAPPED)

    spans = [call for call in talk.made if call[0] != "analyze_rum_events"]
    assert len(spans) - sum(call[0] == "get_llmobs_span_details" for call in spans) == 31
    assert len({json.dumps(call) for call in talk.made}) == len(talk.made)
    words = ("gather", "session", WRAPPED, "--backend", "client", "--case", tmp_path / "case")
    done = run(*words, **talk.variables)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Answer ") == 10


@pytest.mark.parametrize(
    "intent",
    [None, "", "look around", "skill:other[ab12cd34] — x", "skill:llm-obs-session-classify[zz]"],
)
def test_other_calls_are_left_alone(intent: str | None, tmp_path: Path) -> None:
    """A call without the tag of a run is neither stored nor replaced."""
    talk = Conversation.on(DEMO, tmp_path / "home")
    tool, arguments = search(SESSION_ID)
    telemetry = {} if intent is None else {"telemetry": {"intent": intent}}

    text = talk.captured((tool, {**arguments, **telemetry, **(telemetry or {"telemetry": None})}))

    assert text == ""
    assert list(talk.captures.rglob("*.jsonl")) == []


def test_a_search_for_sessions_shows_its_rows_to_the_agent(tmp_path: Path) -> None:
    """Who samples an app needs the ids that the search lists; nothing is stored or logged."""
    talk = Conversation.on(DEMO, tmp_path / "home")
    telemetry = search(SESSION_ID)[1]["telemetry"]
    arguments = {"query": '@ml_app:"support-bot"', "root_spans_only": True, "limit": 50}

    text = talk.captured(("search_llmobs_spans", {**arguments, "telemetry": telemetry}))

    assert text == ""
    assert not talk.captures.exists()


BROKEN = {
    "not JSON": "{",
    "not an object": "[1]",
    "empty": "",
    "no tool": {"tool_name": None, "tool_input": None},
    "a path as conversation": {"session_id": "../../etc"},
    "a path as use": {"tool_use_id": "a/../../b"},
    "no use": {"tool_use_id": None},
    "no name": {"tool_name": "__"},
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_event_changes_nothing(name: str, tmp_path: Path) -> None:
    """The hook exits with 0 and prints nothing; a reason goes to its log."""
    talk = Conversation.on(DEMO, tmp_path / "home")
    change = BROKEN[name]
    event = talk.event(search(SESSION_ID))
    text = change if isinstance(change, str) else json.dumps({**event, **change})

    done = talk.hooked(text)

    assert (done.stdout, done.stderr) == ("", "")
    log = talk.captures / "capture.log"
    assert list(tmp_path.rglob("*.jsonl")) == []
    assert name == "no tool" or len(log.read_text().splitlines()) == 1


def test_a_folder_that_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    """The agent keeps the original result."""
    talk = Conversation.on(DEMO, tmp_path / "home")
    (tmp_path / "home").write_text("a file")

    done = talk.hooked(json.dumps(talk.event(search(SESSION_ID))))

    assert (done.stdout, done.stderr) == ("", "")


def test_without_packages_it_stores_and_installs_nothing(tmp_path: Path) -> None:
    """The reply then leads to the command that sets itself up."""
    talk = Conversation.on(DEMO, tmp_path / "home")

    done = talk.hooked(json.dumps(talk.event(search(SESSION_ID))), sys.executable, "-S", "-E")

    assert "go on with the skill's gather command" in done.stdout
    assert [path.name for path in talk.home.rglob("*") if path.is_file()] == [
        path.name for path in talk.captures.rglob("*.jsonl")
    ]
    assert len(list(talk.captures.rglob("*.jsonl"))) == 1


def saved(path: Path) -> str:
    return (
        f"Error: result (99,001 characters across 1 line) exceeds maximum allowed tokens. Output "
        f"has been saved to {path}.\nFormat: Plain text"
    )


SHAPES: dict[str, Callable[[str], str]] = {
    "one text": lambda text: text,
    "blocks": lambda text: json.dumps([{"type": "text", "text": text}], indent=2),
    "structured": lambda text: json.dumps(json.loads(text), separators=(",", ":")),
    "structured text": lambda text: json.dumps({"result": text}),
}


@pytest.mark.parametrize("shape", every(SHAPES, kept=["structured text"]))
def test_a_result_that_the_client_saved_is_read_where_it_lies(shape: str, tmp_path: Path) -> None:
    """The model gets the hook's words in place of the note, and never pages through the file."""
    talk = Conversation.on(DEMO, tmp_path / "home")
    call = search(SESSION_ID)
    path = talk.transcript.with_suffix("") / "tool-results" / "mcp-datadog-search-1.txt"
    path.parent.mkdir(parents=True)
    path.write_text(SHAPES[shape](talk.answer(call)[-1]["text"]))

    done = talk.hooked(json.dumps(talk.event(call, saved(path))))

    assert "get_llmobs_agent_loop" in dict(listed(replaced(done)))


def test_a_note_that_names_a_file_elsewhere_opens_nothing(tmp_path: Path) -> None:
    """Only the client's own folder of large results is read: a trace may imitate the note."""
    talk = Conversation.on(DEMO, tmp_path / "home")
    secret = tmp_path / "home" / "tool-results" / "secret.txt"
    secret.parent.mkdir(parents=True)
    secret.write_text(talk.answer(search(SESSION_ID))[-1]["text"])

    done = talk.hooked(json.dumps(talk.event(search(SESSION_ID), saved(secret))))

    assert "get_llmobs_agent_loop" not in done.stdout


@pytest.mark.parametrize(
    "page", ["skills/llm-obs-session-classify/SKILL.md", "references/mcp-route.md"]
)
def test_without_a_hook_the_transcript_has_the_answers(page: str, tmp_path: Path) -> None:
    """The loops as the page says, then what each gather names: with the verdict, four commands."""
    bundle = a_bundle(tmp_path / "rows", wrapped_turns(10))
    talk = Conversation.on(bundle, tmp_path / "home")
    words = ("gather", "session", WRAPPED, "--backend", "client", "--case", tmp_path / "case")
    (loop,) = re.findall(r"`(get_llmobs_agent_loop \{.*?\}\})`", (ROOT / page).read_text())
    first = search(WRAPPED)
    spans = json.loads(talk.answer(first)[-1]["text"])["spans"]
    loops = [
        loop.replace("TRACE", one["trace_id"]).replace("SPAN", one["span_id"]) for one in spans
    ]
    talk.recorded([first, *listed("\n".join(loops))])
    commands, batch = 0, [first]
    while batch:
        commands += 1
        done = run("--restricted", *words, **talk.variables)
        assert done.returncode == 0, done.stderr
        batch = listed(done.stdout)
        talk.recorded(batch, saved=talk.transcript.with_suffix("") / "tool-results")

    assert (commands, len(loops)) == (3, 10)
    assert done.stdout.count("Answer ") == 10


def test_the_first_call_is_named_where_nothing_is_recorded(tmp_path: Path) -> None:
    """The error holds the call as it is made."""
    talk = Conversation.on(DEMO, tmp_path / "home")
    talk.recorded([search("another")])
    words = ("gather", "session", SESSION_ID, "--backend", "client", "--case", tmp_path / "case")

    done = run(*words, **talk.variables)

    assert done.returncode == 5
    tool, arguments = search(SESSION_ID)
    named = done.stderr.partition("repeat the command: ")[2]
    assert listed(named)[0][0] == tool
    assert listed(named)[0][1] | {"telemetry": 0} == arguments | {"telemetry": 0}


@pytest.mark.parametrize("state", ["", "state", "/tmp/made-up-state"])
def test_hook_and_package_use_the_same_folder(
    state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hook cannot import the package's rule, so it has its own."""
    from hook.store import captures_folder as of_hook

    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", state)

    assert Path(of_hook()) == captures_folder()
    assert ID not in of_hook()


def test_a_call_that_was_not_asked_for_leaves_the_batch_as_it_is(tmp_path: Path) -> None:
    """An agent may look at a span of its own choice; the reply says how far the batch is."""
    talk = Conversation.on(DEMO, tmp_path / "home")
    first = talk.captured(search(SESSION_ID))
    extra: Call = (
        "get_llmobs_span_details",
        {"trace_id": "0" * 32, "span_ids": ["1"], "telemetry": search("x")[1]["telemetry"]},
    )

    text = replaced(talk.hooked(json.dumps(talk.event(extra, [{"type": "text", "text": "{}"}]))))

    assert len(listed(first)) > 1
    assert listed(text) == []
    assert f"0 of the {len(listed(first))} calls of this batch are answered" in text


@pytest.mark.matrix
def test_a_captured_result_counts_more_than_the_reply_in_the_transcript(tmp_path: Path) -> None:
    """The client records what the model saw, which is the hook's reply."""
    talk = Conversation.on(DEMO, tmp_path / "home")
    driven(talk, SESSION_ID)
    calls, talk.made = talk.made, []
    talk.answer = lambda _: [{"type": "text", "text": "session-classify stored this result."}]  # type: ignore[method-assign]
    talk.recorded(calls)
    words = ("gather", "session", SESSION_ID, "--backend", "client", "--case", tmp_path / "case")

    done = run(*words, **talk.variables)

    assert listed(done.stdout) == []
    assert "write1" in done.stdout


@pytest.mark.parametrize(("unit", "code"), [("session", 0), ("trace", 0), ("app", 2)])
def test_the_hooks_quick_way_is_the_command(unit: str, code: int, tmp_path: Path) -> None:
    """Started as a process, `capture` leaves the command line out, and ends and prints as it."""
    talk = Conversation.on(DEMO, tmp_path / "home")
    talk.captured(search(SESSION_ID))
    (folder,) = [path for path in talk.captures.glob("*/*") if path.is_dir()]
    words = ("capture", folder, unit, SESSION_ID)

    by_command, by_process = run(*words, **talk.variables), run_process(*words, **talk.variables)

    assert by_command.returncode == by_process.returncode == code
    assert by_command.stdout == by_process.stdout
    assert by_command.stderr == by_process.stderr
    assert ("get_llmobs_agent_loop" in by_process.stdout) is (unit == "session")
