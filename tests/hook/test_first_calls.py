"""The first calls that pages give to agents: they are those of the code, and they begin a run."""

import json
from pathlib import Path

import pytest

from session_classify.queries import trace
from session_classify.queries.intents import invocation_of
from session_classify.vocabulary import Unit
from tests.backends.conftest import DEMO
from tests.backends.test_live import SESSION_ID
from tests.cli.run import run
from tests.conftest import ROOT, every
from tests.hook.conversation import Call, Conversation, listed

PAGES = {
    "skills/llm-obs-session-classify/SKILL.md": (Unit.SESSION, Unit.TRACE),
    "references/mcp-route.md": (Unit.SESSION, Unit.TRACE),
    "skills/eval-session-classify/SKILL.md": (Unit.SESSION,),
}
"""The pages that give first calls in full, and for what."""


def given(page: str) -> list[Call]:
    """Return the calls of a page in their order."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return listed("\n".join(line.strip() for line in text.splitlines()))


@pytest.mark.parametrize("page", PAGES)
def test_the_first_calls_of_a_page_are_those_of_the_code(page: str) -> None:
    """Tool, arguments and window; the tag marks the first call of a run."""
    calls = given(page)

    assert len(calls) == len(PAGES[page])
    for unit, (tool, arguments) in zip(PAGES[page], calls, strict=True):
        expected = trace.search(unit, "ID")
        telemetry = arguments.pop("telemetry")
        assert (tool, arguments) == (expected.tool, expected.arguments)
        assert ":start[" in telemetry["intent"]
        assert invocation_of({"telemetry": telemetry}) == "1a2b3c4d"


@pytest.mark.parametrize(
    ("page", "number"),
    every(
        [(page, n) for page, units in PAGES.items() for n in range(len(units))],
        kept=[("skills/llm-obs-session-classify/SKILL.md", 1)],
    ),
)
def test_a_first_call_leads_to_a_digest(page: str, number: int, tmp_path: Path) -> None:
    """From the call as it stands there, by the batches that the hook names, to the command."""
    row = json.loads((DEMO / "spans.jsonl").read_text().splitlines()[0])["attributes"]
    unit = PAGES[page][number]
    name = SESSION_ID if unit is Unit.SESSION else row["trace_id"]
    talk = Conversation.on(DEMO, tmp_path / "home")
    tool, arguments = given(page)[number]
    filled = json.loads(
        json.dumps(arguments).replace('"ID"', f'"{name}"').replace(":ID", f":{name}")
    )

    batch, last = [(tool, filled)], ""
    while batch:
        replies = talk.captured_at_once(batch)
        last = next(text for text in replies if "side by side" in text or "Next:" in text)
        batch = listed(last)

    assert last.endswith(f"Next: gather {unit} {name} --backend client")
    words = ("--restricted", "gather", unit, name, "--backend", "client", "--case", tmp_path / "c")
    done = run(*words, **talk.variables)
    assert f"# Digest of {unit} {name}" in done.stdout, done.stderr
