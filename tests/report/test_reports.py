"""Reports: nothing is missing from them, nothing in them acts, and they keep their room."""

import fnmatch
import json
import re
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from markdown_it import MarkdownIt
from msgspec.structs import replace

from session_classify.events import Events, RumEvent
from session_classify.evidence.findings import Evidence
from session_classify.model import (
    ContextBlock,
    Coverage,
    Evaluation,
    Identity,
    SpanRef,
    ToolCall,
)
from session_classify.printing.text import one_line
from session_classify.report.verbose import JudgedCase, report_data, report_text
from session_classify.verdicts import Failure, Verdict
from session_classify.vocabulary import (
    ERROR_CODES,
    FAILURE_CODES,
    NOT_ASKED,
    RUM_GAP,
    RUM_NONE,
    Confidence,
    Protocol,
    Satisfaction,
)
from tests.printing.test_markdown import MARKUP, with_hostile
from tests.report.made_up import SESSION, told
from tests.report.rendered import every_text
from tests.situations import load, situation, situations

Lines = Callable[[str], list[str]]
"""Returns the printed lines of the files that a pattern fits."""
COVERAGE = (
    "full", RUM_GAP, RUM_NONE, NOT_ASKED, "partial — auth error on view query",
    "partial — truncated at the limit of rows: action query",
)  # fmt: skip
SESSION_LINES = """
# Classification: 0c5e
## Session metadata
- **Trace ID:** 0
- **Agent span ID:** r-1
- **RUM session ID(s):** 02aad66e
- **RUM session ID(s):** none; no event
- **Start:** 2026-
- **Duration:** 80.0s
- **Turns:** 2
- **User:** `ana@example.com`
- **Product area:** dashboards by the tag
- **Model:** made-up-model
- **Iterations:** 4 (stop reason: end_turn)
- **Tools called:** search_dashboards ×1, update
- **Evaluations:** 2
- **Referrer page:** /dashboard/lists
- **Content source:** every turn: span_content_messages
- **Link:** [the session in the app](https://app.datadoghq.eu/llm/traces?query=session_id:
rum_coverage: full
## User intent
## What the assistant did
## Was the core intent satisfied?
**yes** — The dashboard
## Failure mode
- `other`: platform blocked the write
## RUM behavioral signals
### Assistant panel actions
| Time | Action | Page |
### Post-session navigation
| Time | URL | Dwell |
### RUM verdict
"""
LINES = {
    "llm-obs": SESSION_LINES
    + """
### Pre-session context (from ROUTE_CONTEXT or referrer_path)
## Audit-trail findings
audit_coverage: events
audit_coverage: audit_unavailable
- **Asset:** dashboard abc-123 (Latency)
- **In-session writes:** 1 write (PUT 200)
- **Post-session manual edits:** 1 edit (PUT 200)
- **Asset deleted or torn down:** yes, by the user
- **Asset deleted or torn down:** no
- **Diff signal:** positive
- **Diff signal:** negative
## Revised satisfaction verdict (with RUM + audit)
- yes → no by deleted-by-user
- partial → yes by exact-asset-used
The verdict by the rules is no; the reader's final verdict is partial: It was
tier A findings against each other
""",
    "eval": SESSION_LINES.replace(
        "- `other`: platform blocked the write", "- `wrong_answer`: the"
    ).replace("- **RUM session ID(s):** none; no event\n", "")
    + """
## Why the user gave negative feedback
- feedback1: negative feedback
No negative feedback is recorded.
### Pre-session context (from ROUTE_CONTEXT in agent loop)
### Feature flags (from RUM event on session page)
- dashboards-v2: true
## Revised satisfaction verdict (with RUM)
- yes → no by feedback-incorrect-result
""",
    "trace": """
# Classification: 0000
## Trace metadata
- **Trace ID:** 0000
- **Root span:** investigate (workflow), r-1
- **Agent span:** none
- **Agent span:** assistant (agent), r-1
- **ML app:** made-up-assistant
- **Service:** batch-summary
- **Start:** 2026-
- **Duration:** 20.0s
- **Status:** ok
- **Session/business ID:** session_id 0c5e
- **Org:** 7
- **Models:** made-up-model
- **Evaluations:** 1
- **Evaluations:** none
- **Content source:** turn 1: span_content_io
- **Link:** [the trace in the app](https://app.datadoghq.com/llm/traces?query=trace_id:
- **Confidence:** medium
- **Confidence:** low
## Task / User query
A summary of the investigation.
## What the app produced
- It names a full disk as the cause.
## Was the task completed?
**yes** — The summary
## Failure mode
None: the verdict is yes.
""",
}
"""What the templates of seeds 001 and 002 want, line by line, as the made-up cases fill them."""
FILES = {
    "llm-obs": "report-[!t]*.llm-obs.md",
    "eval": "report-*.eval.md",
    "trace": "report-trace-*.llm-obs.md",
}


@pytest.fixture(scope="session")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Lines:
    """Render every situation once, and return what finds lines by file; no file is an error."""
    texts = every_text(tmp_path_factory.mktemp("rendered"))

    def fitting(pattern: str) -> list[str]:
        files = fnmatch.filter(sorted(texts), pattern)
        assert files, pattern
        return [line for file in files for line in texts[file].splitlines()]

    return fitting


def wanted() -> list[Any]:
    """Return each line of each template as a test parameter."""
    return [
        pytest.param(kind, line, id=f"{kind}-{number}")
        for kind, text in LINES.items()
        for number, line in enumerate(filter(None, text.splitlines()))
    ]


@pytest.mark.parametrize(("kind", "line"), wanted())
def test_a_report_shows_every_line_of_the_seeds(lines: Lines, kind: str, line: str) -> None:
    """Each line of each template stands in a report, with something in it."""
    assert any(text.startswith(line) for text in lines(FILES[kind]))


@pytest.mark.parametrize("name", ["whole", "feedback", "hostile"])
@pytest.mark.parametrize("protocol", Protocol)
def test_the_sections_come_in_the_order_of_the_seeds(
    lines: Lines, name: str, protocol: Protocol
) -> None:
    """Every section is there, whatever it has to say, and none more than once."""
    asked = [line for line in LINES[protocol].splitlines() if line.startswith("##")]
    asked = [line for line in asked if line != "## Why the user gave negative feedback"]
    found = [line for line in lines(f"report-{name}.{protocol}.md") if line.startswith("##")]

    assert sorted(set(found) - {"## Why the user gave negative feedback"}) == sorted(asked)
    assert len(found) == len(set(found))


@pytest.mark.parametrize("state", COVERAGE)
def test_a_report_shows_every_state_of_coverage(lines: Lines, state: str) -> None:
    """To the letter, and in the short form wherever something is missing."""
    assert f"rum_coverage: {state}" in lines("report-*.llm-obs.md")
    is_told = f"rum_coverage: {state}" in lines("report-*.txt")
    assert is_told == state.startswith(("partial", "unavailable"))


@pytest.mark.parametrize("code", FAILURE_CODES)
def test_a_report_shows_every_failure_code(lines: Lines, code: str) -> None:
    """With what it means in that case, or in general."""
    assert any(re.match(rf"- `{code}`: \w", line) for line in lines("report-*.md"))


@pytest.mark.parametrize("code", ERROR_CODES)
def test_a_error_shows_every_error_code(lines: Lines, code: str) -> None:
    """By the error schema of `llm-obs`; a situation of another name may not stand in for it."""
    found = [json.loads(line) for line in lines("error-*.txt") if line.startswith("{")]
    assert code in {one["error"].partition(":")[0] for one in found}


@pytest.mark.parametrize("folder", situations("error"))
def test_an_error_has_the_code_and_the_schema_of_its_protocol(lines: Lines, folder: Path) -> None:
    """`llm-obs`: mode, id, error, detail. `eval`: id, the word error, code and detail in one."""
    situation = load(folder / "situation.yaml")
    for protocol in situation["protocols"]:
        text = lines(f"{folder.name}.{protocol}.txt")
        told_as = json.loads(text[1])
        if protocol == "eval":
            assert list(told_as) == ["session_id", "classification_with_rum", "error"]
            assert told_as["classification_with_rum"] == "error"
            assert told_as["error"].startswith(f"{situation['code']}: ")
        else:
            about = [] if situation["code"] == "missing_input" else ["mode", "id"]
            assert list(told_as) == [*about, "error", "detail"]
            assert told_as["error"] == situation["code"]
        assert len(text) == 3
        assert text[2].startswith("session-classify: ")


@pytest.mark.parametrize("word", [*Satisfaction, *Confidence])
def test_reports_show_every_verdict_and_confidence(lines: Lines, word: str) -> None:
    """Each word of both lists."""
    assert {f"**{word}**", f"- **Confidence:** {word}"} & set(lines("report-*.md"))


@pytest.mark.parametrize("protocol", Protocol)
def test_no_trace_text_is_markup_of_a_report(lines: Lines, protocol: Protocol) -> None:
    """Of hostile texts nothing becomes a link, an image, HTML, code, a heading or a column."""
    text = "\n".join(lines(f"report-hostile.{protocol}.md"))
    found = MarkdownIt("gfm-like").parse(text)
    inside = [child for token in found for child in token.children or ()]

    links = [token.attrGet("href") for token in inside if token.type == "link_open"]
    assert links == [f"https://app.datadoghq.com/llm/traces?query=session_id:{SESSION}"]
    assert not {"image", "html_inline"} & {token.type for token in inside}
    assert not {"html_block", "fence", "code_block"} & {token.type for token in found}
    headings = [b.content for a, b in pairwise(found) if a.type[:4] == "head"]
    assert not [line for line in headings if "Verdict: yes" in line]
    rows = [token.type for token in found if token.type in ("tr_open", "td_open")]
    assert rows.count("td_open") == 3 * (rows.count("tr_open") - 2)


@pytest.fixture(scope="module", params=["whole", "trace-medium"])
def saying(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], JudgedCase]:
    """Gather a made-up unit once, and return what puts a text into it everywhere."""
    data = load(situation(f"report-{request.param}") / "situation.yaml")
    case = told(data, Protocol.LLM_OBS, tmp_path_factory.mktemp("case"))
    return lambda text: with_text(case, text)


@with_hostile
@given(MARKUP.filter(one_line))
def test_any_text_anywhere_leaves_a_report_its_shape(
    saying: Callable[[str], JudgedCase], text: str
) -> None:
    """Whatever spans, events and readers say, headings, columns and links are the template's."""
    plain, found = shape(report_text(saying("x"))), shape(report_text(saying(text)))

    assert found["headings"] == plain["headings"]
    assert found["links"] == plain["links"]
    assert found["columns"] <= {3}
    assert found["blank"] == plain["blank"]
    assert found["kinds"] <= plain["kinds"]


def with_text(case: JudgedCase, text: str) -> JudgedCase:
    """Return a case in which a text stands wherever a trace or a reader may put one."""
    turn = case.evidence.session.turns[0]
    judge = Evaluation(text, text, "r-1", reasoning=text)
    call = ToolCall("tool1", text or "x", {}, text)
    step = replace(turn.iterations[0], tool_calls=(call,), stop_reason=text)
    turn = replace(
        turn, user_text=text, final_text=text, status=text, error=text or None, models=(text,),
        root=SpanRef(text, text, text), agent=SpanRef(text, text, text), trace_id=text or "x",
        evaluations=(judge,), iterations=(step,), tags=(f"service:{text}", f"session_id:{text}"),
        context=(ContextBlock(f"ROUTE{text}", f"a{text}"),), why=text,
    )  # fmt: skip
    session = replace(
        case.evidence.session, turns=(turn,), product_area=f"a{text}", ml_app=text,
        identity=Identity(user_handle=f"a{text}", org_id=text),
    )  # fmt: skip
    finding = replace(case.evidence.findings[0], id="rum1", summary=text, quote=f"a{text}")
    at = turn.end + timedelta(seconds=5)
    rum = (
        RumEvent("1", at, "action", f"assistant.reveal.a{text}", url=f"https://{text}"),
        RumEvent(
            "2", at + timedelta(seconds=1), "action", f"assistant.reveal.b{text}", action_type=text
        ),
        RumEvent("3", at, "view", url=f"https://example.com/{text}", rum_session=text),
    )
    said = Verdict(
        Satisfaction.NO, f"a{text}", Satisfaction.NO, Satisfaction.NO, notes=(text,),
        failures=(Failure(text or "x", f"a{text}"),), cited=(text,), dismissed={"tool1": text},
        intent=f"a{text}", did=(text,), rum_says=f"a{text}", feedback_why=f"a{text}",
    )  # fmt: skip
    evidence = Evidence(session, (), (), (finding,))
    coverage = Coverage(rum=text, rum_by="a", audit=text)
    return replace(case, evidence=evidence, events=Events(rum), coverage=coverage, verdict=said)


def shape(markdown: str) -> dict[str, Any]:
    """Return what a report is made of: its headings, links and columns, and kinds of tokens."""
    found = MarkdownIt("gfm-like").parse(markdown)
    inside = [child for token in found for child in token.children or ()]
    rows = "".join(t.type[:3] for t in found if t.type in ("tr_open", "td_open")).split("tr_")
    plain = ("text", "text_special", "softbreak")
    return {
        "headings": [b.content for a, b in pairwise(found) if a.type == "heading_open"][1:],
        "links": [child.attrGet("href") for child in inside if child.type == "link_open"],
        "blank": sum(b.content == "-" for a, b in pairwise(found) if a.type == "td_open"),
        "columns": {row.count("td_") for row in rows if row},
        "kinds": {token.type for token in (*found, *inside)} - {*plain},
    }


def test_a_long_report_keeps_its_room_and_counts_the_rest(tmp_path: Path) -> None:
    """At most so many characters; rows that are left out are counted, and --json has them all."""
    case = told(
        load(situation("report-thirty-turns") / "situation.yaml"), Protocol.LLM_OBS, tmp_path
    )
    whole = report_data(case)["report"]

    for limit in (24_000, 9_000, 5_000):
        text = report_text(case, limit)
        assert len(text) <= limit
        for noun, seen, rows in (
            ("action", "assistant", whole["panel"]),
            ("view", "hosts", whole["visits"]),
        ):
            shown = len(
                re.findall(rf"^\| 20[^|]*\| `?[\w.]*{seen}|^\| 20.*/{seen}/", text, re.MULTILINE)
            )
            left = re.search(rf"… (\d+) {noun}s left out here; `.* --verbose --json`", text)
            assert shown + int(left.group(1) if left else 0) == len(rows)
    assert len(whole["visits"]) == 90
    assert "left out" in report_text(case, 9_000)


def test_texts_without_end_keep_the_room_as_well(tmp_path: Path) -> None:
    """Whatever trace and reader say, a report has at most 24,000 characters."""
    long = "`*[|]<" * 400
    loud = load(situation("report-whole") / "situation.yaml")
    loud["tags"] = dict.fromkeys(("product_area", "service", "org_id"), long)
    for turn in loud["turns"]:
        turn.update(user=long, answer=long)
        turn["evaluations"] = {
            f"{long}{n}": {"value": long, "status": "OK", "reasoning": long} for n in range(40)
        }
    loud["rum"] += [{"at": n, "action": f"assistant.reveal{long}", "tab": str(n)} for n in range(9)]
    loud["answer"] = {
        "verdict": "no", "reason": "`" * 300, "intent": long, "did": [long] * 40,
        "rum_says": long, "feedback_why": long, "note": [long] * 40, "cite": ["turn1"],
        "failures": [{"code": "other", "why": long}] * 30, "dismiss": {"rum1": long},
    }  # fmt: skip

    for protocol in Protocol:
        assert len(report_text(told(loud, protocol, tmp_path / protocol))) <= 24_000
