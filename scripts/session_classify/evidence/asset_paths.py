"""Ids of assets in URL paths. Only whole path segments count: a prefix of an id is another id."""

from collections.abc import Iterable
from urllib.parse import unquote

from session_classify.evidence.conversation.grounding import named_words
from session_classify.evidence.conversation.records import is_id
from session_classify.page_urls import page_url


def segments(url: str) -> tuple[str, ...]:
    """Return the segments of a URL's path and route, decoded; none for what is no URL.

    `#` stands between the two: `/a/#/b` is neither `/a/b` nor `/a`.
    """
    found = page_url(url)
    if found is None:
        return ()
    path = _parts(found.path)
    return (*path, "#", *_parts(found.route)) if found.route else path


def _parts(path: str) -> tuple[str, ...]:
    return tuple(unquote(part) for part in path.split("/") if part)


def host(url: str) -> str:
    """Return the host of a URL in lower case; empty for what has none."""
    found = page_url(url)
    return found.host if found else ""


Page = tuple[str, tuple[str, ...]]
"""A page by its host and the segments of its path and route."""


def page(url: str) -> Page:
    """Return what makes two URLs the same page: host, path and route.

    Queries are none of it, nor is a fragment that holds no route.
    """
    return host(url), segments(url)


def ids_named(text: str) -> frozenset[str]:
    """Return the ids in a text: words that look like an id, and ids in the paths of URLs."""
    found: set[str] = set()
    for word in named_words(text):
        if "://" in word:
            found.update(part for part in segments(word) if is_id(part))
        else:
            found.add(word.lstrip("#"))
    return frozenset(found)


def urls_named(text: str) -> tuple[str, ...]:
    """Return the URLs of a text, in order."""
    return tuple(word for word in named_words(text) if "://" in word)


def asset_of(url: str, ids: Iterable[str]) -> str:
    """Return which of `ids` is a whole segment of a page's path; empty for none."""
    known = frozenset(ids)
    return next((part for part in segments(url) if part in known), "")
