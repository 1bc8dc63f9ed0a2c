"""Trace text in a report is text, whatever a Markdown reader would make of it."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from session_classify.printing.markdown import cell, prose
from session_classify.printing.text import clip, one_line

READER = MarkdownIt("gfm-like")
"""CommonMark with tables, strike-through, HTML and addresses that become links by themselves."""
HOSTILE = (
    "| a | b |",
    "a\\|b",
    "[here](https://example.com)",
    "![x](https://example.com/x.png)",
    "<https://example.com> <b>bold</b> <!-- gone -->",
    "see https://example.com, www.example.com and ana@example.com",
    "app.example.com/a|b, x.io, ana.co.uk:80 and //localhost/a",
    "```\ncode\n```",
    "~~~ python",
    "# Verdict: yes",
    "- item",
    "1. item",
    "12) item",
    "> quote",
    "===",
    "---",
    "***bold*** _it_ __b__ snake_case_name ~~gone~~",
    "&lt;b&gt; &#124; &amp;",
    "[a]: https://example.com",
    "- [x] done",
    "right \u202eto left\u2066, zero\u200bwidth",
    "\\",
    "a\\",
    "    indented",
    "|---|---|",
    "x\r\n\r\n# y",
    "word" * 500,
)
MARKUP = st.text(
    st.sampled_from("|`*_[]()<>~#!&:/.\\-+=@w\n\r\t 1ax;$\u202e→") | st.characters(), max_size=40
)


def tokens(markdown: str) -> Iterator[Token]:
    """Yield every token, those inside of lines as well."""
    for token in READER.parse(markdown):
        yield token
        yield from token.children or ()


def kinds(markdown: str) -> set[str]:
    """Return the kinds of tokens that are markup; text is none."""
    plain = {"inline", "text", "text_special", "paragraph_open", "paragraph_close"}
    return {token.type for token in tokens(markdown)} - plain


def texts(markdown: str) -> str:
    """Return what a reader sees."""
    return "".join(token.content for token in tokens(markdown) if token.type == "text")


def with_hostile(test: Callable[[str], None]) -> Callable[[str], None]:
    """Try each hostile text by name before any text is made up."""
    for text in HOSTILE:
        test = example(text)(test)
    return test


@with_hostile
@given(MARKUP)
def test_running_text_is_read_as_it_was_written(text: str) -> None:
    """Alone or in a list, it is one paragraph of plain text with the same characters."""
    assert kinds(prose(text)) == set()
    assert texts(prose(text)) == one_line(text)
    item = f"- **Name:** {prose(text)}\n"
    assert kinds(item) <= {
        "bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close",
        "strong_open", "strong_close",
    }  # fmt: skip
    assert kinds(f"- {prose(text)}\n") == {
        "bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close",
    }  # fmt: skip


@with_hostile
@given(MARKUP)
def test_a_cell_stays_one_cell(text: str) -> None:
    """A table has the columns that it was given, and the cell the text that it was given."""
    table = f"| Time | Action |\n|---|---|\n| {cell(text)} | end |\n"

    cells = [t for t in tokens(table) if t.type == "td_open"]
    assert len(cells) == 2
    assert {kind for kind in kinds(table) if not kind.startswith(("t", "b"))} == set()
    said = clip(one_line(text), 160)
    shown = [t.content for t in tokens(table) if t.type == "text"]
    assert "".join(shown[2:-1]) == (said.strip() or "-")


@pytest.mark.parametrize("text", ["snake_case_name", "a-b", "p99 > 1 s", "5 %", "x = 1"])
def test_what_is_no_markup_is_left_as_it_is(text: str) -> None:
    """People read reports as they are, too: names keep their underscores."""
    assert prose(text) == text


def test_a_long_cell_says_what_it_leaves_out() -> None:
    """Nothing is cut without a count."""
    assert "characters left out" in cell("word" * 500)
    assert len(cell("word" * 500)) < 200
