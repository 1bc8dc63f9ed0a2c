"""The query language of search and events."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datadog_standin.bodies import RequestError
from datadog_standin.query import Document, Term, matches, parse

ROW = {
    "type": "action",
    "usr": {"email": "ana@example.com"},
    "session": {"id": "s-1"},
    "http": {"status_code": 403, "url_details": {"path": "/api/v1/dashboard/abc-123"}},
    "action": {"frustration": {"type": ["rage_click", "dead_click"]}, "name": "click on Save"},
    "ok": True,
    "empty": None,
}
DOCUMENT = Document(ROW, {"service": "web"}, ("env:prod", "usr.id:u-42"))


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("", True),
        ("@type:action", True),
        ("@type:view", False),
        ("@type:Action", False),
        ("@type:action @session.id:s-1", True),
        ("@type:action AND @session.id:s-2", False),
        ("@session.id:(s-2 OR s-1)", True),
        ('@session.id:("s-2" OR "s-3")', False),
        ("(@type:view OR @type:action) @ok:true", True),
        ("@type:view OR @type:action @ok:false", False),
        ("-@type:view", True),
        ("-@type:action", False),
        ("NOT @type:action", False),
        ("--@type:action", True),
        ("-(@type:view OR @ok:true)", False),
        ('@action.name:"click on Save"', True),
        ('@action.name:"click*"', False),
        ('@action.name:"click.on.Save"', False),
        ("@action.name:click*", True),
        ("@action.name:cl*Sa\\*", False),
        ("@action.name:click\\ on\\ Save", True),
        ("@action.frustration.type:rage_click", True),
        ("@http.url_details.path:/api/v1/dashboard/abc-123", True),
        ("-@http.url_details.path:/api/ui/query/scalar", True),
        ("@http.url_details.path:*dashboard*", True),
        ("@http.status_code:403", True),
        ("@http.status_code:>=400", True),
        ("@http.status_code:<403", False),
        ("@usr.email:ana@example.com", True),
        ("@usr.id:u-42", True),
        ("@usr:*", True),
        ("@empty:*", False),
        ("@missing:*", False),
        ("env:prod", True),
        ("env:p*", True),
        ("env:test", False),
        ("service:web", True),
        ("type:action", False),
        ("SAVE", True),
        ('"click on"', True),
        ("abc-123", True),
        ("nowhere", False),
    ],
)
def test_a_query_finds_what_it_names(query: str, is_found: bool) -> None:
    """Facets by dotted path, tags, words in any case, and how they are put together."""
    assert matches(parse(query), DOCUMENT) is is_found


@pytest.mark.parametrize(
    "query", ["(@a:b", "@a:b)", "@a:", '"open', "@a:[1 TO 2]", "()", "OR a", "(" * 999]
)
def test_a_query_that_cannot_be_read_is_refused(query: str) -> None:
    """No part of a query is silently ignored."""
    with pytest.raises(RequestError) as caught:
        parse(query)

    assert caught.value.status == 400


@given(st.text(alphabet='@ab:"()-*\\ .>1NOTRAD', max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No query ends in another error."""
    try:
        query = parse(text)
    except RequestError:
        return
    assert matches(query, DOCUMENT) in (True, False)


@given(st.text(alphabet="ab*\\", max_size=8), st.text(alphabet="ab*\\", max_size=10))
def test_a_wildcard_stands_for_anything(value: str, text: str) -> None:
    """A field is matched as a whole, a word anywhere in any case; a backslash takes a letter."""
    pieces = re.findall(r"\\.|.", value, re.DOTALL)
    body = "".join(".*" if one == "*" else re.escape(one[-1]) for one in pieces)
    document = Document({"f": text}, {}, ())

    if value:
        assert matches(Term("f", value, is_facet=True), document) is bool(
            re.fullmatch(body, text, re.DOTALL)
        )
        assert matches(Term("", value), document) is bool(
            re.search(body, text, re.DOTALL | re.IGNORECASE)
        )
