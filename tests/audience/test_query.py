"""The query language: what is parsed is sent as it was written."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_classify.audience.query import check_event_query, parse_query
from session_classify.errors import UsageError

NOW = datetime(2026, 11, 26, tzinfo=UTC)

names = st.from_regex(r"@?[a-z]{1,5}[_.][a-z]{1,5}", fullmatch=True)
numbers = st.from_regex(r"(>|<|>=|<=)?-?[0-9]{1,4}(\.[0-9]{1,2})?", fullmatch=True)
words = st.from_regex(r"\*?[A-Za-z/@é][a-z/.-]{2,7}[a-z]\*?|\*", fullmatch=True)
phrases = st.from_regex(r"\"[a-z:/ ()-]{1,9}\"", fullmatch=True)
ranges = st.builds(
    "[{} TO {}]".format, st.integers(-9, 99), st.one_of(st.integers(0, 9), st.just("*"))
)
groups = st.builds("({} OR {})".format, words, phrases)
leaves = st.builds("{}:{}".format, names, st.one_of(numbers, words, phrases, ranges, groups))
queries = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds("({} AND {})".format, inner, inner),
        st.builds("({} OR {})".format, inner, inner),
        st.builds("({} {})".format, inner, inner),
        st.builds("NOT {}".format, inner),
        st.builds("-{}".format, leaves),
    ),
    max_leaves=6,
)


@given(queries)
def test_a_query_is_sent_as_it_was_written(query: str) -> None:
    """Without relative times, parsing and printing give the same text, at once and again."""
    once = parse_query(query, NOW).text

    assert once == query
    assert parse_query(once, NOW).text == once
    assert check_event_query(query) == query


@given(queries)
def test_each_field_is_found_where_it_is(query: str) -> None:
    """Each field is listed once, with its first place in the text."""
    fields = parse_query(query, NOW).fields

    assert fields
    assert len({one.text for one in fields}) == len(fields)
    for one in fields:
        assert one.at == query.index(f"{one.text}:", one.at)
        assert query[: one.at].count(f" {one.text}:") == 0


@given(st.text(max_size=60))
def test_any_text_is_parsed_or_refused_in_one_way(text: str) -> None:
    """No input ends in another error than UsageError, which names a place."""
    try:
        parse_query(text, NOW)
    except UsageError as error:
        assert "character" in str(error)


@given(st.sampled_from("smhdw"), st.integers(0, 500), st.sampled_from(["<", ">", "<=", ">="]))
def test_a_relative_time_is_the_instant_that_long_ago(unit: str, count: int, sign: str) -> None:
    """It is sent as unix seconds, and told as a time before or since which is meant."""
    seconds = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}[unit] * count
    parsed = parse_query(f"last_seen:{sign}{count}{unit} AND a_b:1", NOW)

    assert parsed.text == f"last_seen:{sign}{int(NOW.timestamp()) - seconds} AND a_b:1"
    assert len(parsed.meanings) == 1
    assert parsed.meanings[0].startswith(f"last_seen {'before' if '<' in sign else 'since'} ")


def test_a_range_of_relative_times_has_both_meanings() -> None:
    """Both ends are instants."""
    parsed = parse_query("last_seen:[30d TO 7d]", NOW)

    assert parsed.text == "last_seen:[1793059200 TO 1795046400]"
    assert [one.split(" ")[1] for one in parsed.meanings] == ["since", "before"]


@pytest.mark.parametrize("text", ["a_b:" + "x" * 5_000, "(" * 60 + "a:b" + ")" * 60, "a:\ue000"])
def test_a_query_that_no_person_writes_is_refused(text: str) -> None:
    """The parser's depth and the marks that stand for characters are limited."""
    with pytest.raises(UsageError, match="character"):
        parse_query(text, NOW)
