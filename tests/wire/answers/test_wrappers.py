"""A result is the same in whatever wrapper or encoding, and in several of them at once."""

import gzip
import json
import zlib
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_classify.errors import UnusableInputError
from session_classify.queries.call import Received
from session_classify.wire.answers import envelope
from session_classify.wire.answers.encodings import Budget
from session_classify.wire.answers.envelope import open_envelopes
from session_classify.wire.answers.json_repair import recognized
from session_classify.wire.answers.shapes import Shape
from session_classify.wire.session.sort_answers import read_answers
from tests.situations import samples
from tests.wire.answers.wrap import ENCODED, PRINTED, WRAPPED, claude, rpc, tool_result
from tests.wire.test_properties import texts, values

LOOP = {"iterations": [{"iteration": 1, "content": "café ☕ —\u2028"}], "timeline": None}
EVERY = {**ENCODED, **WRAPPED, **PRINTED}
answers = st.fixed_dictionaries(
    {"iterations": st.lists(st.fixed_dictionaries({"content": texts, "tool_calls": values}))}
)


def opened(data: bytes) -> list[Any]:
    """Return what the results in a file decode to."""
    return [json.loads(payload.data) for payload in open_envelopes(data, "x")]


@pytest.mark.parametrize("name", EVERY)
def test_a_result_in_a_wrapper_is_the_result(name: str) -> None:
    """One row of the tables each, on JSON over several lines with letters of other languages."""
    data = json.dumps(LOOP, ensure_ascii=False, indent=1).encode()

    assert opened(EVERY[name](data)) == [LOOP]


@given(answers, st.lists(st.sampled_from(sorted(EVERY)), max_size=3), st.booleans())
def test_any_chain_of_wrappers_gives_the_same_result(
    answer: dict[str, Any], chain: list[str], ascii_only: bool
) -> None:
    """Up to three wrappers or encodings in each other, in any order."""
    data = json.dumps(answer, ensure_ascii=ascii_only).encode()
    for name in chain:
        data = EVERY[name](data)

    assert opened(data) == [answer]


@pytest.mark.parametrize("name", [*ENCODED, *WRAPPED])
def test_a_table_in_a_wrapper_is_the_table(name: str) -> None:
    """Not every result is JSON: RUM rows are text with tabs."""
    table = b"timestamp\t@action.name\n2026-11-20T05:09:00Z\tclick on {\n"

    (payload,) = open_envelopes({**ENCODED, **WRAPPED}[name](table), "x")

    assert recognized(payload)[1] is Shape.RUM
    assert payload.data.replace(b"\r", b"").strip().endswith(table.strip())


@pytest.mark.parametrize("sample", samples("stays"))
def test_what_only_looks_wrapped_stays_what_it_is(sample: dict[str, Any]) -> None:
    """Near misses of each row are texts, tables or results as they are."""
    data = sample["text"].encode()

    (payload,) = open_envelopes(data, "x")

    assert (payload.data.strip(), payload.is_json) == (data.strip(), sample["is_json"])


@pytest.mark.parametrize("sample", samples("unopened"))
def test_what_is_not_opened_is_told_with_the_reason(sample: dict[str, Any]) -> None:
    """The encoding, the wrapper, the keys, or where it was cut; the file is named."""
    data = bytes.fromhex(sample["hex"]) if "hex" in sample else sample["text"].encode()

    found = read_answers([Received("dir/file.txt", data)], "")

    (line,) = (*found.rows.unreadable, *found.notes)
    assert line.startswith("dir/file.txt ")
    assert sample["told"] in line
    assert "something else" not in line


def test_several_results_in_one_file_are_all_there() -> None:
    """A batch, a stream and values one after the other hold several; notes between them none."""
    one, two = ({"iterations": [], "trace_id": name} for name in "ab")
    note = {"jsonrpc": "2.0", "method": "notifications/message", "params": {"data": "hi"}}
    results = [rpc(tool_result(json.dumps(value).encode())) for value in (one, two)]
    messages = [json.dumps(value) for value in (note, *results)]

    assert opened(f"[{','.join(messages)}]".encode()) == [one, two]
    assert opened("\n".join(messages).encode()) == [one, two]
    assert opened("".join(f"data: {text}\n\n" for text in messages).encode()) == [one, two]
    assert opened((json.dumps(one, indent=2) + json.dumps(two, indent=2)).encode()) == [one, two]


def test_one_bad_result_does_not_hide_the_others() -> None:
    """It is an error answer with the reason beside them."""
    good = rpc(tool_result(json.dumps(LOOP).encode()))
    bad = {"jsonrpc": "2.0", "id": 4, "error": {"code": -32602, "message": "no such tool"}}

    found = open_envelopes(json.dumps([bad, good]).encode(), "x")

    assert [payload.is_json for payload in found] == [True, False]
    assert b"no such tool" in found[1].data
    with pytest.raises(UnusableInputError, match="no such tool"):
        open_envelopes(json.dumps(bad).encode(), "x")


def test_the_call_of_a_result_is_known_from_its_hook() -> None:
    """A loop names neither trace nor span; the call that it answers does."""
    hook = {
        "tool_name": "mcp__dd__get_llmobs_agent_loop",
        "tool_input": {"trace_id": "t1", "span_id": "7"},
        "tool_response": [{"type": "text", "text": json.dumps(LOOP)}],
    }

    (payload,) = open_envelopes(json.dumps(hook).encode(), "x")

    assert payload.arguments == {"trace_id": "t1", "span_id": "7"}


def test_structured_content_counts_before_its_text_where_it_holds_data() -> None:
    """Where it only says how long the text is, the text is the result."""
    text = [{"type": "text", "text": json.dumps(LOOP)}]
    other = {"iterations": [], "timeline": None}

    data = {"content": text, "structuredContent": other, "isError": False}
    about = {"content": text, "structuredContent": {"is_truncated": False, "rows": 3}}

    assert opened(json.dumps(data).encode()) == [other]
    assert opened(json.dumps(about).encode()) == [LOOP]


def test_numbers_that_json_has_not_are_null_and_words_stay() -> None:
    """Python prints NaN and infinities; the same letters in a text are a text."""
    data = b'{"iterations": [], "a": NaN, "b": [-Infinity, Infinity], "c": "NaN \\" Infinity"}'

    assert opened(data) == [{"iterations": [], "a": None, "b": [None, None], "c": 'NaN " Infinity'}]


def test_a_result_that_a_note_stands_for_is_taken_from_beside_it() -> None:
    """A client's transcript keeps the whole result of a call whose text it replaced."""
    note = (
        b"<persisted-output>\nOutput too large. Full output saved to: /x.json\n</persisted-output>"
    )
    rows = [json.loads(line) for line in claude(note).splitlines()]
    rows[-1]["toolUseResult"] = [{"type": "text", "text": json.dumps(LOOP)}]

    assert opened("\n".join(map(json.dumps, rows)).encode()) == [LOOP]


def test_results_in_messages_of_any_client_are_taken_out() -> None:
    """Blocks of Anthropic, parts of Vercel AI, and tool messages without the calls before them."""
    text = json.dumps(LOOP)
    name = "mcp__dd__get_llmobs_agent_loop"
    asked = {"role": "user", "content": [{"type": "text", "text": "Look"}]}
    call = {"type": "tool_use", "id": "1", "name": name, "input": {"trace_id": "t"}}
    answer = {
        "type": "tool_result",
        "tool_use_id": "1",
        "content": [{"type": "text", "text": text}],
    }
    part = {"type": "tool-result", "toolCallId": "1", "toolName": name, "output": LOOP}
    chats: dict[str, Any] = {
        "anthropic": [
            asked,
            {"role": "assistant", "content": [call]},
            {"role": "user", "content": [answer]},
        ],
        "vercel": [asked, {"role": "tool", "content": [part]}],
        "alone": [{"role": "tool", "tool_call_id": "1", "content": text}],
    }

    assert {key: opened(json.dumps(chat).encode()) for key, chat in chats.items()} == {
        key: [LOOP] for key in chats
    }
    assert opened(json.dumps({"messages": chats["anthropic"]}).encode()) == [LOOP]


def test_what_grows_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit for all that one file decompresses to, in one layer or in several."""
    monkeypatch.setattr(envelope, "Budget", partial(Budget, left=1_000_000))
    flat = gzip.compress(b"[" + b" " * 2_000_000 + b"]")
    layers = json.dumps({"a": " " * 400_000}).encode()
    for _ in range(3):
        layers = zlib.compress(layers, 0)

    for data in (flat, layers):
        with pytest.raises(UnusableInputError, match=r"^x is compressed and holds more than"):
            open_envelopes(data, "x")


def test_wrappers_in_each_other_have_an_end() -> None:
    """Thirty of them are no real file."""
    data: Any = LOOP
    for _ in range(30):
        data = {"jsonrpc": "2.0", "id": 1, "result": {"result": data}}

    with pytest.raises(UnusableInputError, match="wrapped more than 24 times"):
        open_envelopes(json.dumps(data).encode(), "x")


@pytest.mark.parametrize("name", ["gzip", "zlib", "bzip2", "xz", "utf-16-le", "utf-16-be-mark"])
def test_an_encoding_that_was_cut_is_named(name: str) -> None:
    """The reason is the encoding, not the JSON that cannot be read from it."""
    data = ENCODED[name](json.dumps(LOOP).encode())[:-5]

    with pytest.raises(UnusableInputError, match=rf"(?i)^x is {name[:6]}.*(decompressed|cut)"):
        open_envelopes(data, "x")
