"""Names of keys that may be shown: what looks like somebody's data is a star."""

from session_classify.lazy import lazy_pattern

_NAME = lazy_pattern(r"@?[A-Za-z_][\w.]{0,40}")
_DATA = lazy_pattern(r"\d{4,}")


def plain(key: str) -> str:
    """Return a key that is the wire's own; one that looks like data is a star."""
    return key if _NAME.fullmatch(key) and not _DATA.search(key) else "*"
