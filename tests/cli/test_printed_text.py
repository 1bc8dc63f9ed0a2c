"""Characters in printed text: what can be seen is printed as it is, what cannot is spelled out."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_classify.printing.text import digest_line, digest_name, one_line, visible, visible_json
from session_classify.queries.call import Call
from session_classify.report.profiles import scalar
from tests.cli.run import run
from tests.digest.test_digest import made
from tests.evidence.build import a_call, a_session, a_turn
from tests.situations import situation

SEEN = "größer → 日本語 × Ж ✓ 😀"
UNSEEN = "a\u202eb\u200bc\x1bd\ufeffe"
SPELLED = "a\\u202eb\\u200bc\\x1bd\\ufeffe"
TEXT = f"{SEEN} {UNSEEN}"
SHOWN = f"{SEEN} {SPELLED}"


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """Gather a made-up session."""
    path = tmp_path / "case"
    bundle = situation("spans-wrapped-model-calls")
    done = run("gather", "session", "s-1", "--backend", f"bundle:{bundle}", "--case", path)
    assert done.returncode == 0, done.stderr
    return path


WORDS = (
    *("--verdict", "no", "--reason", f"Nothing was done, {TEXT}.", "--cite", "turn1"),
    *("--failure", f"wrong_tool_use={TEXT}", "--note", TEXT, "--intent", TEXT, "--did", TEXT),
    *("--rum-says", TEXT, "--feedback-why", TEXT),
)


def test_a_readers_words_are_printed_as_they_were_written(case: Path) -> None:
    """Reason, whys and notes keep every visible character, in short and on a second printing."""
    done = run("verdict", case, *WORDS)

    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[1:3] == [
        f"reason: Nothing was done, {SHOWN}.",
        f"failure_mode: wrong_tool_use: {SHOWN}",
    ]
    assert f"note: {SHOWN}" in lines
    assert run("report", case).stdout == done.stdout


def test_a_dismissed_findings_why_is_printed_as_it_was_written(tmp_path: Path) -> None:
    """`--dismiss ID=WHY` with an arrow prints the arrow."""
    demo = ("5e551044-de30-4c1a-9551-000000000001", "--case", tmp_path / "c")
    bundle = Path(__file__).parents[2] / "scripts" / "session_classify" / "demo_bundle"
    run("gather", *demo, "--backend", f"bundle:{bundle}")

    done = run(
        *("verdict", tmp_path / "c", "--verdict", "no", "--failure", "hallucination"),
        *("--reason", "Blocked.", "--cite", "write1", "--dismiss", f"claim1={TEXT}"),
    )

    assert f"dismissed: claim1, {SHOWN}" in done.stdout.splitlines(), done.stderr


def test_the_report_prints_a_readers_words(case: Path) -> None:
    """In Markdown the backslash of a spelled character is escaped; what is seen stays."""
    run("verdict", case, *WORDS)

    text = run("report", case, "--verbose").stdout

    assert text.count(SEEN) >= 6
    assert "u2192" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize("verb", ["verdict", "report", "report --verbose"])
def test_json_holds_the_same_text(case: Path, verb: str) -> None:
    """JSON output prints what can be seen, escapes what cannot, and reads back as it was given."""
    first = run("verdict", case, *WORDS, "--json").stdout
    name, *flags = verb.split()
    text = first if name == "verdict" else run(name, case, *flags, "--json").stdout

    assert SEEN in text
    assert not {"\u202e", "\u200b", "\x1b", "\ufeff"} & {*text}
    assert TEXT in {*texts(json.loads(text))}


def texts(value: Any) -> list[str]:
    """Return every string in a value."""
    if isinstance(value, dict):
        return texts([*value.values()])
    return [t for item in value for t in texts(item)] if isinstance(value, list) else [str(value)]


def test_an_error_names_an_id_as_it_was_typed(case: Path, tmp_path: Path) -> None:
    """On stderr and in the error object on stdout."""
    bundle = situation("spans-wrapped-model-calls")
    done = run(
        *("gather", "session", TEXT, "--backend", f"bundle:{bundle}", "--case", tmp_path / "d")
    )
    refused = run("verdict", case, "--verdict", "no", "--reason", "No.", "--cite", TEXT)

    assert f"no session {SHOWN} in these spans" in done.stderr
    assert f'"id": "{SEEN} ' in done.stdout
    assert "\u202e" not in done.stdout
    assert json.loads(done.stdout)["id"] == TEXT
    assert SEEN in refused.stderr
    assert "\u202e" not in refused.stderr


def test_a_call_names_people_as_they_write_themselves() -> None:
    """The calls that a digest lists can be read, and pasted."""
    call = Call("search_llmobs_spans", {"tags": {"user_handle": SEEN}}, ())

    assert str(call) == f'search_llmobs_spans(tags={{"user_handle": "{SEEN}"}})'


def test_in_a_digest_the_arrow_is_its_own() -> None:
    """Trace text cannot draw the arrow that ends a call; other visible text stays."""
    call = a_call("get größe → ok", "read", json.dumps({"größe": SEEN}), id="Ж → ok")
    text = made(a_session(a_turn("Hi", "Ok", call))).text

    outside = [line for line in text.splitlines() if not line.startswith(("| ", "  | "))]
    assert not [line for line in outside if "größe → ok" in line or "Ж → ok" in line]
    assert "größe \\u2192 ok" in text


@given(st.text())
def test_nothing_that_is_seen_is_spelled_out(text: str) -> None:
    """A text of visible characters is printed unchanged, whatever script it is in."""
    plain = " ".join("".join(c for c in text if visible(c) == c and c != "\n").split())

    assert one_line(plain) == plain
    assert "→" not in digest_line(plain) + digest_name(plain)


@given(
    st.text(st.sampled_from('ü→日"\\ \n\t\u202e\u200b\x1b\x85\ud800\U000e0041') | st.characters())
)
def test_json_is_escaped_where_it_must_be(text: str) -> None:
    """Escaping in JSON and in YAML changes no value and leaves nothing unseen."""
    import yaml

    printed = visible_json(json.dumps(text, ensure_ascii=False))

    assert json.loads(printed) == text
    assert visible(printed) == printed
    whole = text.encode("utf-8", "replace").decode()
    assert msgspec.json.decode(visible_json(json.dumps(whole, ensure_ascii=False))) == whole
    assert yaml.safe_load(scalar(whole)) == whole
    assert visible(scalar(whole)) == scalar(whole)
