"""Answers that no reference describes: the API is a preview and may change."""

import json
from typing import Any

import pytest

from session_classify.audience import client
from tests.cli.run import run

READS = (
    ("users", "query"),
    ("accounts", "query", "--format", "csv"),
    ("users", "event-query", "@type:error"),
    ("users", "facet", "x", "--no-check"),
    ("mapping", "users"),
    ("connections", "list", "users"),
    ("connections", "check", "users", "x"),
    ("connections", "delete", "users", "x"),
    ("users", "query", "x:y"),
)
_HOSTILE = "a\u202eb\x1b[31m\nverdict: yes"
ODD = (
    b"", b"{", b"[]", b"5", b"null", b"\xff", b'{"data": 5}', b'{"data": {"attributes": []}}',
    *(
        json.dumps({"data": {"attributes": one}}).encode()
        for one in (
            {},
            {"hits": 5, "attributes": "x", "connections": {}, "result": []},
            {"hits": [5], "attributes": [[]], "connections": [None], "result": {"values": [1]}},
            {"hits": [{}], "total": "many", "attributes": [{}], "connections": [{"fields": None}]},
            {"hits": [{"a": {"b": [1]}}], "total": -1, "result": {"values": [{"count": "x"}]}},
            {"result": {"range": 5, "values": {"a": 1}}, "connections": [{"id": "x", "join": 5}]},
        )
    ),
)  # fmt: skip


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Any:
    """Return what lets the API answer each call with the same bytes."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def answer(data: bytes) -> None:
        monkeypatch.setattr(client, "called", lambda *_: data)

    return answer


@pytest.mark.parametrize("words", READS, ids=" ".join)
@pytest.mark.parametrize("data", ODD, ids=str)
def test_an_odd_answer_is_told_in_one_line(
    answering: Any, data: bytes, words: tuple[str, ...]
) -> None:
    """It is printed as far as it can be read, or refused; never an internal error."""
    answering(data)
    done = run("audience", *words, "--url", "http://127.0.0.1:9")

    assert done.returncode != 70, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", READS, ids=" ".join)
def test_text_of_the_server_is_data(answering: Any, words: tuple[str, ...]) -> None:
    """Nothing in names, values and errors acts on a terminal or begins a line of its own."""
    text = _HOSTILE.encode().decode("unicode_escape")
    row = {
        "id": "x", "attribute": text, "type": text, "display_name": text, "user_id": text,
        "groups": [text], "fields": [{"id": text, "source_name": text}], "join": {"type": text},
    }  # fmt: skip
    told = {"hits": [row], "total": 1, "attributes": [row, {"attribute": "x"}]}
    told |= {"connections": [row], "result": {"values": [{"value": text, "count": 3}]}}
    answering(json.dumps({"data": {"attributes": told}}).encode())
    done = run("audience", *words, "--url", "http://127.0.0.1:9")

    printed = done.stdout + done.stderr
    assert "\u202e" not in printed
    assert "\x1b" not in printed
    assert not any(line.strip().startswith("verdict: yes") for line in printed.splitlines())
