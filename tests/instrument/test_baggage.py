"""The header of the RUM browser SDK: which ids are read, and what is no id."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_classify.instrument.baggage import KEYS, of_header


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            "session.id=s,user.id=u,account.id=a",
            {"session.id": "s", "user.id": "u", "account.id": "a"},
        ),
        (" session.id = s , other=x", {"session.id": "s"}),
        ("session.id=s;of=rum;secret", {"session.id": "s"}),
        ("session.id=a=b", {"session.id": "a=b"}),
        ("user.id=ana%40example.com", {"user.id": "ana@example.com"}),
        ("user.id=%C3%A9lan", {"user.id": "élan"}),
        ("session.id=s,", {"session.id": "s"}),
        ("session.id=s,broken", {}),
        ("session.id", {}),
        ("session.id=", {}),
        ("session.id=%FF,user.id=u", {"user.id": "u"}),
        ("session.id=a%0Ab,user.id=u", {"user.id": "u"}),
        (f"session.id={'x' * 201},user.id=u", {"user.id": "u"}),
        ("Session.Id=s", {}),
        ("", {}),
    ],
)
def test_ids_are_read_as_the_standard_says(header: str, expected: dict[str, str]) -> None:
    """Blanks, properties and escapes; nothing of a malformed header, and no value that is no id."""
    assert of_header(header) == expected


@given(st.text())
def test_no_header_breaks_a_request(header: str) -> None:
    """Whatever a browser sends: printable ids of the three keys, or nothing."""
    found = of_header(header)

    assert found.keys() <= set(KEYS)
    assert all(value.isprintable() and 0 < len(value) <= 200 for value in found.values())
