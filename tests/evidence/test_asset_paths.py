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
        ("https://app.example.com/#/dashboard/abc-123-xyz", "abc-123-xyz"),
        ("https://app.example.com/shop/#!/monitors/1234567/edit?tab=2", "1234567"),
        ("/#/abc-123-xyz", "abc-123-xyz"),
        ("https://app.example.com/#abc-123-xyz", ""),
        ("https://app.example.com/#id=abc-123-xyz", ""),
        ("https://app.example.com/#/list?id=abc-123-xyz", ""),
        ("https://app.example.com/#/dashboard/abc-123-xyz-2", ""),
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


SPA = "https://spa.example.com"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("/#/home", "/#/board", False),
        ("/#!/home", "/#!/board", False),
        ("/shop/#/home", "/#/home", False),
        ("/home", "/#/home", False),
        ("/#/board/1", "/#/board", False),
        ("/#/home", "/#!/home", True),
        ("/#/home?tab=2", "/#/home", True),
        ("/#/home/", "/#/home", True),
        ("/#/home#top", "/#/home", True),
        ("/#/", "/", True),
        ("/#", "/", True),
        ("/a#step-2", "/a", True),
        ("/a#section", "/a#L20", True),
        ("/a#access_token=1/2", "/a", True),
        ("/a#:~:text=/b", "/a", True),
        ("/a#home/board", "/a", True),
    ],
)
def test_a_route_in_the_fragment_is_part_of_the_page(one: str, other: str, same: bool) -> None:
    """A fragment counts when it begins like a path; a step, an anchor or a token does not."""
    assert (page(SPA + one) == page(SPA + other)) is same


@given(
    route=st.lists(st.text(alphabet="ab-1", min_size=1, max_size=5), min_size=1, max_size=4),
    mark=st.sampled_from(["#/", "#!/"]),
)
def test_a_route_tells_pages_apart_as_a_path_does(route: list[str], mark: str) -> None:
    """Its segments are found, and any other route is another page."""
    url = f"{SPA}/{mark}{'/'.join(route)}"

    assert segments(url) == ("#", *route)
    assert page(url) != page(f"{url}x")
    assert page(url) == page(f"{url}?q=1")


@given(st.text(alphabet="ab/%2fF-1", max_size=30))
def test_a_segment_is_never_part_of_another(path: str) -> None:
    """An id that is longer or shorter than a segment by one character is not found there."""
    url = f"https://app.example.com/{path}"
    for part in segments(url):
        assert asset_of(url, [part]) == part
        assert asset_of(url, [part + "x", "x" + part]) == ""
