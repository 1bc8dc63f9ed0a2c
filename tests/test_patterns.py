"""No text makes a search hang: every pattern of the package is attacked, and what uses them.

Beside patterns alone, functions are attacked as a whole: several patterns in a row, or a search
for each thing that another search found, can be slow where no pattern is.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from datadog_standin.bodies import RequestError
from datadog_standin.query import Document, matches, parse
from session_classify.digest.system_prompt import fold, new_lines
from session_classify.errors import ClassifyError
from session_classify.evidence.conversation.grounding import named_words
from session_classify.evidence.findings import collect
from session_classify.evidence.results.printed_objects import printed_object
from session_classify.evidence.results.text import denied_text, judge_text
from session_classify.evidence.results.wrappers import unwrapped
from session_classify.instants import any_instant
from session_classify.jsontext import parsed
from session_classify.printing.markdown import cell, prose
from session_classify.printing.text import block, clip, code, one_line, visible
from session_classify.profiles.assets import asset_of_url, assets_named
from session_classify.profiles.id_patterns import id_pattern
from session_classify.profiles.kinds import name_words
from session_classify.profiles.load import generic_profile
from session_classify.profiles.patterns import fits, literal
from session_classify.queries.rum_filters import as_query, where_clause
from session_classify.redaction import redacted, without_secrets
from session_classify.verdict.judge import NoAnswerError, read_answer
from session_classify.verdict.sentence import is_one_sentence
from session_classify.wire.answers.envelope import open_envelopes
from session_classify.wire.answers.json_repair import mended
from session_classify.wire.rum.table import read_table
from session_classify.wire.session.preview_match import fit, preview, said
from session_classify.wire.trace.context import split_context
from tests.evidence.build import a_call, a_session, a_turn
from tests.inventory import (
    ELSEWHERE,
    Found,
    has_source_of_patterns,
    imports_of,
    misuses,
    module_of,
    modules,
    patterns,
    reachable,
)
from tests.linearity import Attack, attacks, confirmed, findings

PATTERNS = patterns()


def searches(pattern: "re.Pattern[Any]", way: str) -> Callable[[str], object]:
    """Return what runs a pattern on a text; `finditer` tries all places."""
    is_bytes = isinstance(pattern.pattern, bytes)
    search = getattr(pattern, way)

    def run(text: str) -> None:
        found = search(text.encode() if is_bytes else text)
        for _ in found if way == "finditer" else ():
            pass

    return run


def test_patterns_are_made_by_plain_calls_alone() -> None:
    """Otherwise one could be missed: `re` is neither renamed nor handed on."""
    assert list(misuses()) == []
    assert len(PATTERNS) > 150


def test_every_pattern_in_memory_is_attacked() -> None:
    """What a module holds, in whatever container, is one of those that were found in its source.

    A module that cannot be imported here, for want of a library of another environment, makes none.
    """
    known = {(one.pattern.pattern, one.pattern.flags) for one in PATTERNS}
    unknown = {}
    for path in modules():
        if path.name != "__main__.py":
            held = held_by(path)
            unknown[path] = [one.pattern for one in held if (one.pattern, one.flags) not in known]

    assert len(unknown) > 300
    assert {path: patterns for path, patterns in unknown.items() if patterns} == {}


def held_by(path: Path) -> list["re.Pattern[Any]"]:
    """Return the patterns that are in the memory of a module."""
    try:
        module = module_of(path)
    except ModuleNotFoundError as error:
        assert (error.name or "").partition(".")[0] in ELSEWHERE
        assert not has_source_of_patterns(path)
        return []
    return [
        pattern
        for value in list(vars(module).values())
        if not isinstance(value, ModuleType)
        for pattern in reachable(value, set())
    ]


def test_other_languages_of_patterns_have_one_place_each() -> None:
    """Who uses them is known, and attacked below."""
    imported = imports_of()
    used = {
        name: {str(path) for path, names in imported.items() if name in names}
        for name in ("fnmatch", "glob", "sqlite3", "jsonpath_ng", "regex", "string")
    }

    assert used == {
        "fnmatch": {"profiles/load.py", "profiles/patterns.py"},
        "glob": {
            "backends/files.py",
            "profiles/patterns.py",
            "sweeping/sources.py",
        },  # of what the command line says
        "sqlite3": {"datadog_standin/rum_sql.py"},  # ended after so many steps
        "jsonpath_ng": {
            "profiles/kinds.py",
            "profiles/load.py",
            "datadog_standin/contents.py",
        },
        "regex": set(),
        "string": set(),
    }


@pytest.mark.slow
@pytest.mark.parametrize("found", PATTERNS, ids=lambda found: found.place)
def test_a_pattern_is_linear(found: Found) -> None:
    """Twice the text takes at most 2.5 times as long, up to 200 KB, whatever the text."""
    made = attacks(found.pattern)

    for way in sorted(found.runs):
        slow = confirmed(searches(found.pattern, way), made)
        assert not slow, f"{found.place} {way} {found.pattern.pattern!r}: {slow[0]}"


OLD_PRIVATE_KEY = (
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----"
    r"(?:(?:\s|\\n|\\r|\|){1,12}[A-Za-z][\w-]{2,20}: ?[\w ,.-]{1,80})*"
    r"(?:(?:\s|\\n|\\r|\|){1,12}[A-Za-z0-9+/=]{16,4096}(?![\w+/=]))+"
)
BAD = {
    "private-key": OLD_PRIVATE_KEY,
    "nested": r"(a+)+$",
    "alternatives": r"(a|a)*b",
    "words": r"^(\w+\s?)*$",
    "counted": r"(a?){30}a{30}",
    "three-in-a-row": r"(\d+)(\d+)(\d+)x",
    "optional-between": r"\A\s*[:=]?\s*x",
    "blanks-at-the-end": r"\s*(?:…|\.\.\.|\[truncated\])\s*\Z",
    "up-to-a-tag": r"<(X)\b[^>]*>(.*?)</\1>",
    "up-to-a-quote": r"“[^”]*”",
    "up-to-a-bracket": r"\[!?+\]?+[^\]]*\]|.",
    "from-every-letter": r"(?:[a-z]+\.)*[a-z]+@",
    "login": r"://[^{}\s]+:([^{}\s]+)@",
    "from-every-beginning": r"eyJ[\w-]{10,}\.[\w-]{4,}",
    "far-apart": r"-----BEGIN KEY-----(?:\s{1,12}+[a-z]{2,20}: ?[^\r\n]{1,99}+)*+[A-Z]{16}",
}


@pytest.mark.slow
@pytest.mark.parametrize("source", BAD.values(), ids=list(BAD))
def test_the_attack_finds_what_is_slow(source: str) -> None:
    """Patterns that are known to be exponential or of a power do not pass."""
    pattern = re.compile(source, re.DOTALL)

    assert findings(searches(pattern, "finditer"), attacks(pattern))


@pytest.mark.slow
def test_the_attack_finds_a_slow_function() -> None:
    """A linear search for each of many places is as slow as a slow pattern."""

    def run(text: str) -> None:
        for found in re.finditer("b", text):
            re.search("c", text[: found.end()])

    assert findings(run, [Attack("", ("ab",), "")])


GOOD = {
    "possessive": r"(?<![a-z ])[a-z ]++!",
    "one-place": r"(?<![\w-])eyJ[\w-]{10,}+\.[\w-]{4,}+",
    "bounded": r"[a-z]{1,30}@[a-z]{1,30}",
    "fixed": r"-----BEGIN [A-Z ]{0,30}KEY-----",
    "atomic": r"(?>a+|b+)*c?",
}


@pytest.mark.slow
@pytest.mark.parametrize("source", GOOD.values(), ids=list(GOOD))
def test_the_attack_lets_what_is_linear_pass(source: str) -> None:
    """It raises no false alarm, on a busy machine either."""
    pattern = re.compile(source)

    assert not findings(searches(pattern, "finditer"), attacks(pattern))


def collected(text: str) -> None:
    """Look for findings in a session whose every text is hostile."""
    calls = (
        a_call("get_order", "read", text, id=text),
        a_call("cancel_order", "write", text, text, id=text),
    )
    collect(a_session(a_turn(text, text, *calls), a_turn(text, text), rules=text))


def looked_up(text: str) -> None:
    """Read a query and hold a document against it."""
    matches(parse(text), Document({"a": "b c"}, {"service": "d"}, ("e:f",)))


def looked_for(text: str) -> None:
    """Look for hard queries in a document."""
    for query in ("*a*a*a*a*b", "a:*0*0*0*x", '"a a a a"', "-*b* OR (a:*!)"):
        matches(parse(query), Document({"a": text}, {"service": text}, (f"a:{text}",)))


def named_by_profile(text: str) -> None:
    """Use a text as what a profile is held against."""
    profile = generic_profile()
    assets_named(text, profile)
    asset_of_url(f"https://app.example.com/dashboard/{text}", profile)
    for pattern in ("*a*a*a*b", "[a-z]*?*[!0]", "*" + "?" * 40 + "b"):
        fits(text, pattern)
    for expression in ("(a+)+", "(a|a)*b", "(?:[a-z]+-?)+", r"\w+\w+\w+!", ".*.*.*x"):
        id_pattern(expression).fits(text)


def as_name_pattern(text: str) -> None:
    """Use a text as a pattern of a profile."""
    literal(text)
    as_query(text)
    where_clause((text,), ())


FUNCTIONS: dict[str, Callable[[str], object]] = {
    "without_secrets": without_secrets,
    "redacted": lambda text: redacted({"password": text, "a": [text, {"name": text}]}),
    "visible": visible,
    "one_line": one_line,
    "code": code,
    "clip": lambda text: clip(text, 600),
    "block": block,
    "prose": prose,
    "cell": cell,
    "fold": lambda text: fold(text, frozenset({"order"}), 600),
    "new_lines": lambda text: new_lines(text, {"a"}),
    "is_one_sentence": is_one_sentence,
    "read_answer": read_answer,
    "judge_text": lambda text: judge_text(text, strict=True),
    "unwrapped": unwrapped,
    "printed_object": printed_object,
    "denied_text": denied_text,
    "named_words": named_words,
    "name_words": name_words,
    "findings": collected,
    "split_context": split_context,
    "likeness": lambda text: fit(preview(text), said(text)),
    "envelopes": lambda text: open_envelopes(text.encode(), "a"),
    "mended": lambda text: mended(text.encode()),
    "table": lambda text: read_table(text, "a"),
    "parsed": parsed,
    "any_instant": any_instant,
    "query": looked_up,
    "documents": looked_for,
    "profile": named_by_profile,
    "name-pattern": as_name_pattern,
}
UNITS = (
    *"a0 \n\t\"'`“[(<{:/\\-_.#…*=,&%@|$",
    "a ",
    "A:\n",
    "# a\n",
    "a, ",
    ". A",
    "\\u0041",
    "%41",
    "\\/",
    "<A_CONTEXT>",
    "</A_CONTEXT>",
    "<A_CONTEXT></B_CONTEXT>",
    "A_CONTEXT\n",
    "CONTEXT",
    "-----BEGIN PRIVATE KEY-----\n",
    "a-b: c\n",
    "eyJ",
    "eyJ-",
    "sk-",
    "://a:",
    "http://",
    "http://a.b/1 ",
    "/dashboard/abc-def-ghi ",
    "password=",
    'password="',
    "token=a1",
    '"api_key":"',
    "Authorization: Bearer a1",
    "cookie: a=b;",
    "curl -u ",
    "I booked it and ",
    "your flight is booked, ",
    "not ",
    "the order #1a2b3c4 ",
    "a1b-2c3-4d5 ",
    '{"a":',
    '{"verdict": ',
    "[{",
    "{'a': ",
    "\u202e",
    "a:b ",
    "NOT ",
    "(a OR ",
    "*a",
    "[!",
    "saved to: ",
    "status ",
    "error: ",
    "$1,",
    "a\tb\n",
    "a(b=",
    "X(a=1, ",
    "a=1 ",
    "[A(",
    "\x1b[0",
    '{"result":',
    '{"a":1}\n',
    "```\n",
    "<error>",
)


HARD = [
    Attack("-----BEGIN PRIVATE KEY-----\n", ("a-b: c d\n",), "!"),
    Attack('{"a": "-----BEGIN PRIVATE KEY-----\\n', ("a-b: c d\\n",), '"}'),
    Attack("-----BEGIN PRIVATE KEY-----\n", ("A" * 64 + "\n",), "!"),
    Attack("I ", ("now ",), "!"),
    Attack("saved to: a", (" ",), "b"),
    Attack("...", (" ",), "b"),
    Attack("status", (" ",), "b"),
    Attack("no data", (" ",), "\nb"),
    Attack("", ("<A_CONTEXT>", "</B_CONTEXT>"), ""),
    Attack("", ("http://", "a"), ""),
    Attack("", ("I booked it, ", "I may "), ""),
]


@pytest.mark.slow
@pytest.mark.parametrize("run", FUNCTIONS.values(), ids=list(FUNCTIONS))
def test_a_function_is_linear(run: Callable[[str], object]) -> None:
    """Twice the hostile text takes at most 2.5 times as long, whether it can be read or not."""

    def tried(text: str) -> None:
        # A refusal is an answer, too.
        with suppress(ClassifyError, RequestError, NoAnswerError, ValueError, OverflowError):
            run(text)

    ends = (("", ""), ("", "!"), ("<persisted-output> saved to: ", "!"), ('{"a": "', '"}'))
    inputs = [Attack(head, (unit,), tail) for unit in UNITS for head, tail in ends]
    inputs += HARD
    slow = confirmed(tried, inputs)

    assert not slow, slow[0]
