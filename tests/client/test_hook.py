"""A classification over the MCP server of the real client: with the hook, and without.

`make client` installs the client and runs these; SESSION_CLASSIFY_CLIENT names its program.
"""

import json
import os
import re
from pathlib import Path

import pytest

from tests.backends.conftest import DEMO
from tests.backends.test_live import SESSION_ID
from tests.cli.run import a_bundle, run
from tests.client.classification import Classification, Way
from tests.client.client import by_folder, by_git, by_marketplace, by_npx, by_project
from tests.client.server import FORMS
from tests.hook.test_capture import WRAPPED, told, wrapped_turns

pytestmark = pytest.mark.client
OF_DEMO = (
    "--verdict no --reason 'The write was blocked.' --failure hallucination --cite write1 "
    "--confirm claim1"
)
OF_WRAPPED = "--verdict partial --reason 'Cut.' --failure incomplete_answer=cut --cite turn1"
HOOKLESS = (by_project, by_npx)
SPAN_TOOLS = r"search_llmobs|loop|expand|content"


@pytest.mark.parametrize(
    ("way", "place"),
    [
        pytest.param(by_folder, "some place", id="folder"),
        pytest.param(by_marketplace, "place", id="marketplace", marks=pytest.mark.long),
        pytest.param(by_git, "some place", id="git", marks=pytest.mark.long),
        pytest.param(by_project, "some place", id="without the hook"),
        pytest.param(by_npx, "place", id="npx, without the hook", marks=pytest.mark.long),
    ],
)
def test_a_session_is_classified_by_mcp_alone(way: Way, place: str, tmp_path: Path) -> None:
    """No tool use needs an approval, nothing is written by the model, and the verdict stands.

    With the hook each result is replaced, also of calls made at once, and one gather follows.
    """
    install = way(os.environ["SESSION_CLASSIFY_CLIENT"], tmp_path / place)
    made = Classification(install, SESSION_ID, OF_DEMO)
    made.run(["-m", "session_classify", "serve", "--demo", "--mcp", "stdio"])

    assert [outcome.text for outcome in made.outcomes if outcome.is_error] == []
    case = tmp_path / "by rows"
    rows = run("gather", "session", SESSION_ID, "--backend", f"bundle:{DEMO}", "--case", case)
    assert told(made.digest) == told(rows.stdout)
    assert made.verdict is not None
    assert "verdict: no" in made.verdict.text
    with_hook = way not in HOOKLESS
    assert len(made.replaced) == (len(made.uses) - 1 if with_hook else 0)
    assert len(made.commands) == 1 if with_hook else len(made.commands) <= 5
    typed = [json.dumps(use["input"]) for use in made.commands]
    assert sum(map(len, typed)) < 2_000
    assert not re.search(r"Write|Edit", str([use["name"] for use in made.uses]))


COUNTS = {"over the limit of tokens": 30_000, "over 50,000 characters": 20_000}
"""What the client is told that a large result counts; up to 25,000 it only shortens it."""


@pytest.mark.parametrize(
    ("form", "count"),
    [
        pytest.param(form, count, marks=() if (form, i) == ("text", 0) else pytest.mark.long)
        for form in FORMS
        for i, count in enumerate(COUNTS)
    ],
)
def test_large_results_of_every_form_are_captured(form: str, count: str, tmp_path: Path) -> None:
    """Ten turns of a wrapped app: 31 calls, ten large results at once, one gather, no reading.

    Each result is replaced by the hook's words, and the case has the end of each text.
    """
    install = by_folder(os.environ["SESSION_CLASSIFY_CLIENT"], tmp_path / "some place")
    rows = wrapped_turns(10, " and so on" * 6_000)
    bundle = a_bundle(tmp_path / "rows", rows)
    made = Classification(install, WRAPPED, OF_WRAPPED)

    made.run(["-m", "tests.client.server", form, str(bundle)], tokens=COUNTS[count])

    assert [outcome.text for outcome in made.outcomes if outcome.is_error] == []
    assert len(made.replaced) == len(made.uses) - 1
    assert len(made.commands) == 1
    names = [use["name"] for use in made.uses]
    assert len([name for name in names if re.search(SPAN_TOOLS, name)]) == 31
    assert not re.search(r"Write|Edit|Read", str(names))
    assert sum(len(use["input"]["command"]) for use in made.commands) < 1_000
    session = (made.case / "session.json").read_text()
    assert [n for n in range(10) if f"the end of answer {n}" not in session] == []
    assert made.verdict is not None
    assert "verdict: partial" in made.verdict.text
    saved = list((install.home / ".claude").rglob("tool-results/*"))
    assert (len(saved) >= 10) == (count == "over the limit of tokens")


@pytest.mark.long
def test_ten_turns_without_the_hook(tmp_path: Path) -> None:
    """31 calls for the spans as well, nothing saved or typed again, the verdict stands.

    A gather after each batch lists the next one, and the last prints the digest.
    """
    install = by_project(os.environ["SESSION_CLASSIFY_CLIENT"], tmp_path / "some place")
    bundle = a_bundle(tmp_path / "rows", wrapped_turns(10, " and so on" * 6_000))
    made = Classification(install, WRAPPED, OF_WRAPPED)

    made.run(["-m", "tests.client.server", "text", str(bundle)], tokens=30_000)

    assert [outcome.text for outcome in made.outcomes if outcome.is_error] == []
    names = [use["name"] for use in made.uses]
    assert len([name for name in names if re.search(SPAN_TOOLS, name)]) == 31
    assert len(made.commands) == 4
    assert sum(len(use["input"]["command"]) for use in made.commands) < 2_000
    assert not re.search(r"Write|Edit|Read", str(names))
    assert made.verdict is not None
    assert "verdict: partial" in made.verdict.text


@pytest.mark.parametrize(
    "way", [by_folder, pytest.param(by_project, id="without the hook", marks=pytest.mark.long)]
)
def test_calls_that_fail_are_made_again(way: Way, tmp_path: Path) -> None:
    """The model sees the error, is told of the call once more, and the digest has everything."""
    install = way(os.environ["SESSION_CLASSIFY_CLIENT"], tmp_path / "some place")
    faults = [{"endpoint": "get-agent-loop", "call": 1, "times": 2, "fault": "503"}]
    (tmp_path / "faults.json").write_text(json.dumps(faults))
    made = Classification(install, SESSION_ID, OF_DEMO)

    plan = ["--faults", str(tmp_path / "faults.json")]
    made.run(["-m", "session_classify", "serve", "--demo", "--mcp", "stdio", *plan])

    failed = [one.text for one in made.outcomes if one.is_error]
    assert len(failed) == 2
    assert all("503" in text for text in failed)
    calls = [json.dumps(use["input"]) for use in made.uses if "loop" in use["name"]]
    assert len(calls) == 4
    assert len(set(calls)) == 2
    rows = run(
        "gather", "session", SESSION_ID, "--backend", f"bundle:{DEMO}", "--case", tmp_path / "rows"
    )
    assert told(made.digest) == told(rows.stdout)
    assert made.verdict is not None
    assert "verdict: no" in made.verdict.text
