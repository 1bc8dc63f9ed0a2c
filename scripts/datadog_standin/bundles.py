"""Bundles as the stand-in reads them: files, ids, tags and times."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Row = dict[str, Any]

ROOT_PARENTS = frozenset({"", "undefined", "0"})
"""Values of a root's parent id."""
_NAMES = ("spans.jsonl", "rum.jsonl", "audit.jsonl")
_UNITS = ((10**11, 10**9), (10**14, 10**6), (10**17, 10**3))
"""Upper bounds of seconds, milliseconds and microseconds since 1970, with the factor."""


class StartError(Exception):
    """An unusable argument of the stand-in; the message says what was expected."""


def bundle_files(path: Path) -> tuple[Path, Path, Path]:
    """Return the files of spans, RUM and audit rows of a bundle: a folder, or a file of spans.

    The last two need not exist. Raises StartError for a path that is not a bundle, and for a file
    that is a link out of the bundle: otherwise the bundle's author could choose what is read.
    """
    folder = path.parent if path.is_file() else path
    spans, rum, audit = (folder / name for name in _NAMES)
    if path.is_file():
        spans = path
    elif not spans.is_file():
        what = "has no spans.jsonl" if path.is_dir() else "does not exist"
        raise StartError(f"bundle {path} {what}; expected a folder with spans.jsonl, or a .jsonl")
    for file in (spans, rum, audit):
        if file.is_symlink() and _real(folder) not in _real(file).parents:
            raise StartError(f"{file} is a link out of its folder; name the file that it leads to")
    return spans, rum, audit


def _real(path: Path) -> Path:
    # `Path.resolve` raises for a link that leads to itself.
    return Path(os.path.realpath(path))


def read_rows(path: Path, unreadable: list[str]) -> Iterator[Row]:
    """Yield the JSON objects of a file, one a line; nothing for a missing file.

    An invalid line is reported in `unreadable`. Raises StartError for an unreadable file.
    """
    if not path.is_file():
        return
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise StartError(f"cannot read {path}: {error.strerror}") from error
    for number, line in enumerate(lines, start=1):
        text = line.decode("utf-8-sig" if number == 1 else "utf-8", "replace").strip()
        if not text:
            continue
        try:
            row = _whole(json.loads(text))
        except (ValueError, RecursionError) as error:
            unreadable.append(f"{path}:{number} is left out: not JSON: {error}")
            continue
        if isinstance(row, dict):
            yield row
        else:
            unreadable.append(f"{path}:{number} is left out: no object")


def _whole(value: Any) -> Any:
    """Return a value without lone surrogates, which cannot be encoded in an answer."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        text = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
        return json.loads(text)
    return value


def trace_key(trace_id: str) -> str:
    """Return the comparable form of a trace id, which is written in hex or in decimal.

    An id of 32 digits is hex.
    """
    if len(trace_id) != 32 and len(trace_id) < 40 and trace_id.isdecimal():
        return f"{int(trace_id):032x}"
    return trace_id.lower()


def tag(tags: tuple[str, ...], key: str) -> str:
    """Return the value of the first `key:value` tag, or an empty string."""
    return next((text.partition(":")[2] for text in tags if text.startswith(f"{key}:")), "")


def nanoseconds(count: float | str) -> int:
    """Return a timestamp as nanoseconds since 1970; its magnitude determines its unit.

    Raises ValueError or OverflowError for anything but a finite number.
    """
    number = count if isinstance(count, int) else float(count)
    if isinstance(count, str) and count.strip().isdecimal():
        number = int(count)
    factor = next((by for bound, by in _UNITS if -bound < number < bound), 1)
    return int(number * factor)


def milliseconds(stamp: str | float) -> int:
    """Return an ISO 8601 time or a number as milliseconds since 1970.

    A time without an offset is UTC. Raises ValueError or OverflowError for anything else.
    """
    if not isinstance(stamp, str):
        return nanoseconds(stamp) // 1_000_000
    moment = datetime.fromisoformat(stamp)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)
