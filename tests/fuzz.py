"""`make fuzz`: coverage-guided search for input that a verb on persisted results cannot take.

Any bytes are a loop, a state, or a refusal of one line; every other exception is a find, and so is
an input that takes more than five seconds or a gigabyte. Finds are printed by the fuzzer and, once
understood, kept as situations. The first inputs are the situations, in every envelope.
"""

import json
import sys
import tempfile
from pathlib import Path

import atheris
import msgspec
from msgspec.structs import replace

with atheris.instrument_imports(include=["session_classify"]):
    from session_classify.cli.output import as_json
    from session_classify.errors import ClassifyError, UnusableInputError
    from session_classify.evidence.conversation.drill_down import drill
    from session_classify.evidence.conversation.tool_results import read_results
    from session_classify.evidence.findings import collect
    from session_classify.evidence.rum.findings import observe
    from session_classify.jsontext import UNREADABLE
    from session_classify.model import ToolCall
    from session_classify.profiles.kinds import with_kinds
    from session_classify.profiles.load import generic_profile, load_profile
    from session_classify.queries.call import Received
    from session_classify.report.loops import drill_text, loop_text, summary
    from session_classify.report.rum import RumOrigin, behaviour_data, behaviour_text
    from session_classify.vocabulary import BAD_OUTCOMES, DIGEST_LIMIT, ToolKind, Unit
    from session_classify.wire.answers.envelope import open_envelope
    from session_classify.wire.messages.decode import MessageStore
    from session_classify.wire.rum.events import read_rum
    from session_classify.wire.rum.pages import joined
    from session_classify.wire.session.from_answers import session_of_answers
    from session_classify.wire.session.from_rows import build_session
    from session_classify.wire.session.next_calls import next_calls
    from session_classify.wire.session.sort_answers import read_answers
    from session_classify.wire.trace.agent_loop import read_loop, session_of
    from session_classify.wire.trace.spans import read_spans

from tests.evidence.build import a_session, a_turn
from tests.rum_rows import PROFILE, a_rum_session, rum_rows
from tests.situations import load, samples, situations
from tests.wire.answers.test_envelope import ENVELOPES
from tests.wire.answers.wrap import ENCODED, PRINTED, WRAPPED

LOOP = """{"iterations": [{"iteration": 1, "status": "error", "error_message": "429",
"content": "I look.", "stop_reason": "tool_use", "input_tokens": 9, "output_tokens": 2,
"tool_calls": [{"name": "cancel_order", "arguments": "{\\"id\\": \\"A-1\\"}", "result": "RESULT"},
{"name": "get_order", "arguments": {"id": "A-1"}, "result": {"id": "A-1", "rows": []}}]}],
"timeline": [{"role": "system", "content": "Be kind."}, {"role": "user", "content":
"<PAGE_CONTEXT>/cart</PAGE_CONTEXT> Cancel A-1"}, {"role": "", "content": "I cancelled it."}]}"""


def seeds() -> list[str]:
    """Return the first inputs: labelled texts as they are, and as results inside a loop."""
    found = [p.values[0]["text"] for kind in ("opened", "refused") for p in samples(kind)]
    results = [str(p.values[0]["result"] or "") for p in samples("outcome")]
    escaped = [text.replace("\\", "").replace('"', '\\"').replace("\n", " ") for text in results]
    found += results
    found += [LOOP.replace("RESULT", text) for text in escaped[::6]]
    found += [wrap(LOOP) for wrap in ENVELOPES.values()]
    for folder in (param.values[0] for param in situations("answers")):
        answers = load(folder / "situation.yaml")["answers"]
        texts = [text if isinstance(text, str) else json.dumps(text) for text in answers]
        found += [*texts, "\n\n".join(texts[:2])]
    for folder in (param.values[0] for param in situations("shape")):
        recorded = [one["recorded"] for one in load(folder / "situation.yaml")["messages"]]
        found += [json.dumps(recorded), *map(json.dumps, recorded)]
    for folder in (param.values[0] for param in situations("rum")):
        rows = rum_rows(load(folder / "situation.yaml"))
        found += ["\n".join(map(json.dumps, rows)), json.dumps({"data": rows})]
    return found


def take(data: bytes) -> None:
    """Do with one input what the verbs on persisted results do."""
    take_result(data)
    take_loop(data)
    take_answers(data)
    take_rum(data)
    take_messages(data)


def take_messages(data: bytes) -> None:
    """Read the input as a message, and as what a model span was given and answered."""
    if is_json(data):
        MessageStore().decode(data)
    text = data.decode("utf-8", "replace")
    span = {"span_id": "l", "trace_id": "t", "start_ns": 1, "span_kind": "llm"}
    sides = {"input": {"value": text}, "output": {"messages": text}}
    row = json.dumps({"attributes": {**span, **sides, "tags": ["session_id:s-1"]}}).encode()
    session, _ = build_session(read_spans([row], "-"), Unit.SESSION, "s-1")
    as_json(session)
    collect(with_kinds(session, generic_profile()))


def is_json(data: bytes) -> bool:
    """Tell whether bytes are JSON, which each message of a span row is."""
    try:
        msgspec.json.decode(data)
    except UNREADABLE:
        return False
    return True


def take_result(data: bytes) -> None:
    """Read how calls ended whose results are one input: each has an outcome and a reason."""
    text = data.decode("utf-8", "replace")
    for kind in ToolKind:
        call = ToolCall("", "cancel_order", {"id": "A-1"}, text, None, kind)
        (reading,) = read_results(a_session(a_turn("Go", "Done", call)))
        assert reading.why
        as_json(reading.data)
        failed = reading.outcome in BAD_OUTCOMES
        wrapped = replace(call, result=json.dumps({"result": text}))
        (again,) = read_results(a_session(a_turn("Go", "Done", wrapped)))
        assert not failed or again.outcome is reading.outcome, (reading, again)


def take_rum(data: bytes) -> None:
    """Do with one input what `rum-signals` does."""
    try:
        rows = joined(read_rum(data, "-"))
    except UnusableInputError as error:
        assert "\n" not in str(error), error
        return
    found = observe(a_rum_session({}), rows, load_profile(PROFILE), everyone=True)
    told = (found.behaviour, found.findings, found.coverage)
    seen = RumOrigin(*told, "", rows.notes, rows.unreadable)
    assert len(behaviour_text(seen)) <= DIGEST_LIMIT
    as_json(behaviour_data(seen))


def take_answers(data: bytes) -> None:
    """Do what `gather` does with one file, and with two: the input's halves at a blank line."""
    for files in ([data], data.split(b"\n\n", 1)):
        named = [Received(f"file{n}", part) for n, part in enumerate(files)]
        for unit, unit_id in ((Unit.SESSION, "s-1"), (Unit.TRACE, "t1")):
            try:
                answers = read_answers(named, unit_id if unit is Unit.TRACE else "")
                gathered = session_of_answers(answers, unit, unit_id)
            except ClassifyError as error:
                assert "\n" not in str(error), error
                continue
            as_json([str(call) for call in next_calls(gathered, answers)])
            as_json(gathered.session)


def take_loop(data: bytes) -> None:
    """Do with one input what `extract-loop` and `drill-down` do."""
    try:
        loop = read_loop(open_envelope(data, "-"))
    except UnusableInputError as error:
        assert "\n" not in str(error), error
        return
    assert len(loop_text([loop], 0)) <= DIGEST_LIMIT
    as_json(summary(loop))
    session = with_kinds(session_of([loop]), generic_profile())
    found = drill(session)
    as_json(found)
    assert len(drill_text([loop], session, found)) <= DIGEST_LIMIT


def main() -> None:
    """Fuzz for the seconds named on the command line."""
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(seeds()):
            Path(folder, f"seed{number}").write_text(text, encoding="utf-8")
        for name, wrap in {**ENCODED, **WRAPPED, **PRINTED}.items():
            Path(folder, f"wrapped-{name}").write_bytes(wrap(LOOP.encode()))
        limits = [f"-max_total_time={sys.argv[1]}", "-timeout=5", "-rss_limit_mb=1024"]
        quiet = ["-max_len=20000", "-print_final_stats=1", "-verbosity=0"]
        atheris.Setup([sys.argv[0], *limits, *quiet, f"-artifact_prefix={folder}/", folder], take)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
