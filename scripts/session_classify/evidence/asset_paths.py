"""Ids of assets in the paths of URLs: whole segments, so that a prefix of an id is another id."""

from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from session_classify.evidence.conversation.grounding import named_words
from session_classify.evidence.conversation.records import is_id


def segments(url: str) -> tuple[str, ...]:
    """Return the segments of a URL's path, decoded; none for what is no URL."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return ()
    return tuple(unquote(part) for part in path.split("/") if part)


def host(url: str) -> str:
    """Return the host of a URL in lower case; empty for what has none."""
    try:
        return (urlsplit(url).hostname or "").casefold()
    except ValueError:
        return ""


Page = tuple[str, tuple[str, ...]]
"""A page by its host and the segments of its path."""


def page(url: str) -> Page:
    """Return what makes two URLs the same page: host and path, without query and fragment."""
    return host(url), segments(url)


def ids_named(text: str) -> frozenset[str]:
    """Return the ids that a text names: words that look like one, and ids in the paths of URLs."""
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
    """Return which of the ids a page is about: a whole segment of its path; empty for none."""
    known = frozenset(ids)
    return next((part for part in segments(url) if part in known), "")
