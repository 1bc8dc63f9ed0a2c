"""Bundles: exported search results as files, one JSON object a line."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from session_classify.backends import CompleteBackend, RawAnswer
from session_classify.errors import UnusableInputError, UsageError
from session_classify.inputs import as_text, check_inside
from session_classify.jsontext import UNREADABLE, mended
from session_classify.lazy import lazy_pattern
from session_classify.vocabulary import DEFAULT_SITE, Unit

_CHUNK = 1 << 20
_HOST = lazy_pattern(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")


class _BundleFile(msgspec.Struct):
    site: str = DEFAULT_SITE
    captured_at: str = ""


@dataclass(frozen=True, slots=True)
class Bundle(CompleteBackend):
    """A folder with `spans.jsonl` and optionally `rum.jsonl` and `audit.jsonl`."""

    folder: Path
    spans: Path
    site: str

    @property
    def name(self) -> str:
        """The backend as the case records it."""
        where = self.spans.parent if self.spans.name == "spans.jsonl" else self.spans
        return as_text(f"bundle:{where}")

    def answers(self, unit: Unit, unit_id: str) -> Iterator[RawAnswer]:  # noqa: ARG002
        """Yield each file of the bundle unchanged; its rows are filtered later."""
        yield RawAnswer("spans.jsonl", "spans", _chunks(self.spans))
        for shape in ("rum", "audit"):
            path = self.folder / f"{shape}.jsonl"
            if path.is_file() and path.stat().st_size:
                yield RawAnswer(path.name, shape, _chunks(path))


def open_bundle(path: Path) -> Bundle:
    """Find the files of a bundle; `path` is its folder, or a file of span rows alone.

    Raises UsageError when there is no such bundle, UnusableInputError when its `bundle.json` is
    not JSON or names a site that is not Datadog's.
    """
    folder = path.parent if path.is_file() else path
    for name in ("spans.jsonl", "rum.jsonl", "audit.jsonl", "bundle.json"):
        check_inside(folder, folder / name)
    if path.is_file():
        return Bundle(path.parent, path, _site(path.parent))
    spans = path / "spans.jsonl"
    if not spans.is_file():
        what = "has no spans.jsonl" if path.is_dir() else "does not exist"
        raise UsageError(f"bundle {path} {what}; expected a folder with spans.jsonl, or a .jsonl")
    return Bundle(path, spans, _site(path))


def _site(folder: Path) -> str:
    path = folder / "bundle.json"
    if not path.is_file():
        return _BundleFile().site
    try:
        site = msgspec.json.decode(mended(path.read_bytes()), type=_BundleFile).site
    except UNREADABLE as error:
        raise UnusableInputError(f"{path}: {error}; expected an object with `site`") from error
    from session_classify.backends.addresses import is_datadog

    # Reports link to it, so the author of a bundle must not be able to choose any host.
    if not _HOST.fullmatch(site) or not is_datadog(f"https://{site}"):
        raise UnusableInputError(
            f"{path}: site {site[:80]!r} is not a Datadog site; expected one such as {DEFAULT_SITE}"
        )
    return site


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
