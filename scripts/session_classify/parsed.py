"""Shipped profiles in the user's cache: parsing their YAML takes a third of a short command."""

import os
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

import msgspec

from session_classify import __version__
from session_classify.jsontext import UNREADABLE
from session_classify.places import cache_folder
from session_classify.profiles.profile import Profile

_FORMAT = Path(__file__).with_name("profile.py")
"""What the structs are: a profile of another form is parsed anew."""


def kept_at(*sources: bytes) -> Path:
    """Return where the profile that is made of these files is kept."""
    content = blake2b(digest_size=16)
    for part in (_FORMAT.read_bytes(), *sources):
        content.update(len(part).to_bytes(8, "big") + part)
    return cache_folder() / "profiles" / f"{__version__}-{content.hexdigest()}.json"


def kept_profile(path: Path) -> Profile | None:
    """Return the profile that is kept there; None where there is none that can be read."""
    with suppress(OSError, *UNREADABLE):
        return msgspec.json.decode(path.read_bytes(), type=Profile)
    return None


def keep_profile(path: Path, profile: Profile) -> None:
    """Keep a profile, readable by this user alone; where it cannot, each process parses its own."""
    draft = path.with_suffix(f".{os.getpid()}.part")
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.write_bytes(msgspec.json.encode(profile))
        draft.replace(path)
