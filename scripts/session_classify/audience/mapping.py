"""The mapping of an entity, kept for each site and login so that queries are checked at once."""

import time
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec

from session_classify.audience.client import call
from session_classify.audience.names import known_names, refusal, unknown_names
from session_classify.audience.operations import Request
from session_classify.audience.query import Name
from session_classify.backends.api import open_api
from session_classify.places import cache_folder
from session_classify.storage import keep_cached

FOLDER = "mappings"
OLDEST = 24 * 3_600
"""Seconds that a mapping is kept; a name that it lacks is looked up anew before that, too."""


class Mapping(msgspec.Struct, frozen=True):
    """The attributes of users or accounts, as the API lists them."""

    attributes: tuple[dict[str, Any], ...]
    is_kept: bool = False
    """Whether it comes from an earlier command."""


def mapping_of(entity: str, url: str, *, anew: bool = False) -> Mapping:
    """Return the mapping of an entity, the kept one unless `anew`; raises what `call` raises."""
    path = _place(entity, url)
    if not anew:
        with suppress(OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            if 0 <= time.time() - path.stat().st_mtime <= OLDEST:
                kept = msgspec.json.decode(path.read_bytes(), type=tuple[dict[str, Any], ...])
                return Mapping(kept, is_kept=True)
    answer = call(Request("get_mapping", entity=entity), url)
    found = tuple(answer["data"]["attributes"].get("attributes") or ())
    keep_cached(path, msgspec.json.encode(found))
    return Mapping(found)


def forget_mapping(entity: str, url: str) -> None:
    """Drop the kept mapping: a connection was changed."""
    with suppress(OSError):
        _place(entity, url).unlink()


def check_names(names: tuple[Name, ...], entity: str, url: str, *, anew: bool) -> None:
    """Raise UsageError for names that the mapping lacks, with the nearest ones.

    A kept mapping refuses nothing: the name may have come since.
    """
    if not names:
        return
    mapping = mapping_of(entity, url, anew=anew)
    unknown = unknown_names(names, known_names(mapping.attributes))
    if unknown and mapping.is_kept:
        mapping = mapping_of(entity, url, anew=True)
        unknown = unknown_names(names, known_names(mapping.attributes))
    if unknown:
        raise refusal(unknown, known_names(mapping.attributes), entity)


def _place(entity: str, url: str) -> Path:
    whose = blake2b(open_api(url).identity.encode("utf-8", "surrogatepass"), digest_size=12)
    return cache_folder() / FOLDER / f"{entity}-{whose.hexdigest()}.json"
