"""Ids of assets in texts and in the paths of pages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_classify.evidence.asset_paths import asset_of, ids_named, page, segments

TEXT = (
    "See [it](https://app.example.com/dashboard/abc-123-xyz/errors?from=1#top) or monitor 1234567."
)


@pytest.mark.parametrize(
    ("url", "asset"),
    [
        ("https://app.example.com/dashboard/abc-123-xyz", "abc-123-xyz"),
        ("https://other.example.com/d/abc-123-xyz/edit?x=1", "abc-123-xyz"),
        ("https://app.example.com/monitors/1234567", "1234567"),
        ("https://app.example.com/dashboard/abc-123-xyz-2", ""),
        ("https://app.example.com/dashboard/abc-123", ""),
        ("https://app.example.com/dashboard/ABC-123-XYZ", ""),
        ("https://app.example.com/monitors/12345678", ""),
        ("https://app.example.com/?id=abc-123-xyz", ""),
        ("https://app.example.com/a%2Fabc-123-xyz", ""),
        ("https://app.example.com/abc%2D123-xyz", "abc-123-xyz"),
        ("http://[", ""),
        ("", ""),
    ],
)
def test_a_page_is_about_an_asset_by_a_whole_segment(url: str, asset: str) -> None:
    """Neither a prefix, nor another case, nor a query makes a page the one that was named."""
    assert asset_of(url, ids_named(TEXT)) == asset


def test_pages_are_the_same_without_query_and_fragment() -> None:
    """Host in any case, path as it is."""
    assert page("https://Docs.example.com/a/?x#y") == page("https://docs.example.com/a")
    assert page("https://docs.example.com/a") != page("https://docs.example.com/A")


@given(st.text(alphabet="ab/%2fF-1", max_size=30))
def test_a_segment_is_never_part_of_another(path: str) -> None:
    """An id that is longer or shorter than a segment by one character is not found there."""
    url = f"https://app.example.com/{path}"
    for part in segments(url):
        assert asset_of(url, [part]) == part
        assert asset_of(url, [part + "x", "x" + part]) == ""
