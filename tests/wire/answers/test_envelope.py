"""Envelopes and the loops inside them."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_classify.errors import UnusableInputError
from session_classify.report.loops import iteration_text, loop_text, summary
from session_classify.wire.answers.envelope import open_envelope
from session_classify.wire.trace.agent_loop import read_loop
from tests.situations import samples
from tests.wire.test_properties import texts, values


@pytest.mark.parametrize("sample", samples("opened"))
def test_the_result_inside_an_envelope_is_found(sample: dict[str, Any]) -> None:
    """The content tells the envelope, and the payload is the result alone."""
    payload = open_envelope(sample["text"].encode(), "file.txt")

    assert payload.envelope == sample["envelope"]
    assert payload.is_json is sample.get("is_json", True)
    if payload.is_json:
        assert json.loads(payload.data) == {"iterations": [], "timeline": None}


@pytest.mark.parametrize("sample", samples("refused"))
def test_what_cannot_be_read_is_refused_with_what_to_do(sample: dict[str, Any]) -> None:
    """Cut results, pasted replacement texts and error results name the cure."""
    with pytest.raises(UnusableInputError, match=r"file\.txt") as caught:
        open_envelope(sample["text"].encode(), "file.txt")

    assert sample["told"] in str(caught.value)


loops = st.fixed_dictionaries(
    {
        "iterations": st.lists(
            st.fixed_dictionaries(
                {
                    "iteration": st.integers(1, 9),
                    "status": st.sampled_from(["ok", "error"]),
                    "content": texts,
                    "error_message": st.none() | texts,
                    "tool_calls": st.lists(
                        st.fixed_dictionaries(
                            {"name": texts, "arguments": values, "result": texts}
                        ),
                        max_size=3,
                    ),
                    "input_tokens": st.integers(0, 10**6),
                }
            ),
            max_size=4,
        ),
        "timeline": st.none()
        | st.lists(
            st.fixed_dictionaries(
                {"role": st.sampled_from(["system", "user", "assistant", ""]), "content": texts}
            ),
            max_size=4,
        ),
    }
)
ENVELOPES = {
    "bare": lambda text: text,
    "blocks": lambda text: json.dumps([{"type": "text", "text": text}], indent=2),
    "metadata": lambda text: json.dumps(
        [{"type": "text", "text": "<METADATA>x</METADATA>"}, {"type": "text", "text": text}]
    ),
    "result": lambda text: json.dumps({"result": text}),
    "pup": lambda text: json.dumps({"data": json.loads(text), "metadata": {}, "status": "success"}),
}


@given(loops, st.booleans())
def test_any_loop_in_any_envelope_gives_the_same_summary(
    document: dict[str, Any], ascii_only: bool
) -> None:
    """What is around a result changes nothing of what is read from it."""
    text = json.dumps(document, ensure_ascii=ascii_only)
    found = []
    for wrap in ENVELOPES.values():
        loop = read_loop(open_envelope(wrap(text).encode(), "x"))
        plain = summary(loop)
        plain.pop("envelope")
        found.append(plain)
        assert len(loop_text([loop], 0)) <= 24_000

    assert all(item == found[0] for item in found)
    assert found[0]["iterations"] == len(document["iterations"])


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_a_loop_or_a_clean_refusal(data: bytes) -> None:
    """Nothing that a client wrote is a traceback."""
    try:
        loop = read_loop(open_envelope(data, "x"))
    except UnusableInputError as error:
        assert str(error)
    else:
        assert loop.turn is not None or loop.state


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b'{"result": "\xf2{"}', id="in-the-wrapper"),
        pytest.param(b'[{"type": "text", "text": "\xf2"}]', id="in-a-block"),
        pytest.param(
            b'{"iterations": [{}], "timeline": [{"role": "user", "content": "\xbb"}]}',
            id="in-the-timeline",
        ),
        pytest.param(b'{"iterations": [{"content": "\xbb"}]}', id="in-an-iteration"),
    ],
)
def test_a_string_that_is_not_utf8_is_refused_wherever_it_is(data: bytes) -> None:
    """Strings are decoded where they are read; each place refuses in the same words."""
    with pytest.raises(UnusableInputError, match=r"^x is not UTF-8"):
        read_loop(open_envelope(data, "x"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param('{"iterations": [], "timeline": null}', "expand_llmobs_spans", id="empty"),
        pytest.param("404: span not found", "404", id="missing"),
        pytest.param(
            '{"iterations": [{"iteration": 1, "content": "<MASKED_STREAMING_RESPONSE>"}]}',
            "content is masked",
            id="masked",
        ),
    ],
)
def test_a_loop_without_content_is_a_state_that_names_the_next_call(text: str, told: str) -> None:
    """Empty, missing and masked loops are no errors: the cascade goes on."""
    assert told in read_loop(open_envelope(text.encode(), "x")).state


def test_the_timeline_gives_prompt_context_and_final_text_alone() -> None:
    """System prompt, the user's message without its context, and the last entry without a role."""
    document = {
        "iterations": [{"iteration": 1, "content": "thinking", "tool_calls": []}],
        "timeline": [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": "<ROUTE_CONTEXT>/dash</ROUTE_CONTEXT>\nWhy slow?"},
            {"role": "assistant", "content": "thinking"},
            {"role": "", "content": "Because."},
        ],
    }

    loop = read_loop(open_envelope(json.dumps(document).encode(), "x"))

    assert loop.turn is not None
    assert [system_prompt.text for system_prompt in loop.system_prompts] == ["Be kind."]
    assert (loop.turn.user_text, loop.turn.final_text) == ("Why slow?", "Because.")
    assert [(block.name, block.text) for block in loop.turn.context] == [("ROUTE_CONTEXT", "/dash")]


def test_a_text_as_long_as_the_limit_is_called_cut() -> None:
    """A content of just 2,000 characters, or with a cut mark, is not the whole content."""
    document = {
        "iterations": [
            {"iteration": 1, "content": "x" * 2_000, "tool_calls": []},
            {"iteration": 2, "content": "y" * 1_999, "tool_calls": []},
            {
                "iteration": 3,
                "content": "",
                "tool_calls": [{"name": "t", "result": "z… [truncated]"}],
            },
        ]
    }

    loop = read_loop(open_envelope(json.dumps(document).encode(), "x"))

    assert loop.cut == ("iteration 1, content", "iteration 3, tool1 result")
    assert "max_content_length" in loop_text([loop], 0)


def test_many_iterations_are_continued() -> None:
    """What does not fit is counted, with the option that prints it."""
    document = {"iterations": [{"iteration": n, "content": "x" * 400} for n in range(1, 2_001)]}
    loop = read_loop(open_envelope(json.dumps(document).encode(), "x"))

    first = loop_text([loop], 0)
    at = int(first.rsplit("--at ", 1)[1])
    second = loop_text([loop], at)

    assert len(first) <= 24_000
    assert f"  {at} [ok" in first
    assert f"  {at + 1} [ok" not in first
    assert f"  {at + 1} [ok" in second


def test_an_iteration_is_shown_in_full_in_pages() -> None:
    """Long results go on with `--at`."""
    result = "".join(f"{n:05d} " for n in range(8_000))
    document = {"iterations": [{"iteration": 7, "tool_calls": [{"name": "t", "result": result}]}]}
    loop = read_loop(open_envelope(json.dumps(document).encode(), "x"))

    pages, at = [], 0
    while True:
        page = iteration_text(loop, 7, at)
        assert page is not None
        assert len(page) <= 24_000
        pages.append(page.partition("\n… ")[0])
        if "--at " not in page:
            break
        at = int(page.rsplit("--at ", 1)[1])

    assert len(pages) > 1
    assert result.strip() in "".join(pages)
    assert iteration_text(loop, 8, 0) is None


GROUPS = (
    ("A-one-text-block--*", "B-*", "C-structured-content--*", "C-structured-result-string--*"),
    ("A-one-text-block-100kB*", "D-*", "E-*"),
)


@pytest.mark.parametrize("patterns", GROUPS, ids=["700kB", "100kB"])
def test_files_that_a_real_client_wrote_read_the_same(
    patterns: tuple[str, ...], shared_data: Path
) -> None:
    """The same result, persisted in different ways, gives the same summary to the last field."""
    found = []
    for pattern in patterns:
        (path,) = (shared_data / "persisted").glob(pattern)
        plain = summary(read_loop(open_envelope(path.read_bytes(), "x")))
        plain.pop("envelope")
        found.append(plain)

    assert found[0]["iterations"] > 20
    assert all(item == found[0] for item in found)


def test_a_result_that_the_client_cut_is_refused(shared_data: Path) -> None:
    """The real file X is useless, and that is said."""
    (path,) = (shared_data / "persisted").glob("X-*")

    with pytest.raises(UnusableInputError, match="cut by the agent client"):
        open_envelope(path.read_bytes(), "x")


def test_the_text_that_a_model_sees_names_the_file_to_pass(shared_data: Path) -> None:
    """Pasted instead of the file, it is recognised, and the path is taken out of it."""
    for path in sorted((shared_data / "persisted").glob("model-sees--mcp*")):
        with pytest.raises(UnusableInputError, match=r"pass that file instead: ~/.claude/\S+[^.]$"):
            open_envelope(path.read_bytes(), path.name)
