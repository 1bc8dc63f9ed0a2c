"""A draft: a new case that is filled in its own folder, then put in place at once."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path

import msgspec
from msgspec.structs import replace

from session_classify.errors import StorageError, UsageError
from session_classify.events import Events
from session_classify.gathering.case import Case
from session_classify.gathering.case_files import (
    EVENTS,
    FINDINGS,
    GATHER,
    GATHER_LOCK,
    INFO,
    LOCKS,
    RAW,
    READY,
    SESSION,
    CaseInfo,
    current_info,
    digest,
    encoded,
    is_case,
    locked,
    put_in_place,
    remove_partial,
)
from session_classify.model import Finding, Session
from session_classify.storage import ELSEWHERE, held, storing, sync_tree
from session_classify.vocabulary import Unit

_OURS = {GATHER, READY, *LOCKS}
"""Files of killed runs in a directory that are not part of a case."""
_PATIENCE = 600.0
"""Seconds to wait for another gathering run; each of its calls takes less."""


class Draft(msgspec.Struct, frozen=True):
    """A private folder to fill, and the final directory."""

    folder: Path
    path: Path

    @property
    def raw(self) -> Path:
        """The folder for raw answers."""
        return self.folder / RAW

    def keep(
        self, info: CaseInfo, session: Session, findings: tuple[Finding, ...], events: Events
    ) -> Case:
        """Make the case of the draft and return it; until then an earlier case stays.

        For the same data, shown turns and the verdict are kept. Raises StorageError.
        """
        files = {SESSION: session, FINDINGS: findings, EVENTS: events}
        data = {name: encoded(value) for name, value in files.items()}
        with storing(self.path, ELSEWHERE), locked(self.path):
            before = current_info(self.path)
            info = replace(
                info,
                shown=before.shown if before and before.nonce == info.nonce else (),
                files={name: digest(content) for name, content in data.items()},
            )
            for name, content in {**data, INFO: encoded(info)}.items():
                (self.folder / name).write_bytes(content)
            sync_tree(self.folder)
            remove_partial(self.path)
            self.folder.rename(self.path / READY)
            put_in_place(self.path)
        return Case(self.path, info)


@contextmanager
def new_case(path: Path) -> Iterator[Draft]:
    """Yield a draft to fill; without `keep` nothing remains and nothing else is changed.

    The case is locked for gathering. Raises StorageError when nothing can be written there.
    """
    draft = Draft(path / GATHER, path)
    try:
        with storing(path, ELSEWHERE):
            draft.raw.mkdir(mode=0o700, parents=True)
        yield draft
    finally:
        shutil.rmtree(draft.folder, ignore_errors=True)


@contextmanager
def gathering(
    path: Path, unit: Unit, unit_id: str, say: Callable[[str], None] | None = None
) -> Iterator[None]:
    """Lock a case for gathering; if another run holds it, wait and report that with `say`.

    What killed runs left is finished or removed. Raises UsageError for a case of another unit and
    for a directory that is not a case, StorageError when nothing can be written there or the other
    run takes too long.
    """
    busy = (
        f"another run has been gathering into {path} for {_PATIENCE / 60:g} minutes; end it, or "
        "give --case another directory"
    )
    message = f"waiting for another run that is gathering into {path}"
    with ExitStack() as stack:
        with storing(path, ELSEWHERE):
            _check_place(path, unit, unit_id)
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                # Before there is a folder: a signal can end this run at any moment from here on.
                stack.callback(_remove_if_empty, path)
            waiting = partial(say, message) if say else None
            stack.enter_context(held(path / GATHER_LOCK, _PATIENCE, busy, waiting))
            _check_place(path, unit, unit_id)
            if (path / READY).exists():
                with locked(path):
                    put_in_place(path)
            if (path / GATHER).exists():
                shutil.rmtree(path / GATHER)
        yield


def _remove_if_empty(path: Path) -> None:
    """Remove a directory with nothing but lock files, unless another run has locked it."""
    with suppress(OSError, StorageError), held(path / GATHER_LOCK, 0, ""):
        if {inside.name for inside in path.iterdir()} <= set(LOCKS):
            for name in LOCKS:
                (path / name).unlink(missing_ok=True)
            path.rmdir()


def _check_place(path: Path, unit: Unit, unit_id: str) -> None:
    """Raise UsageError unless a case of this unit is at `path` or can be made there."""
    if not is_case(path):
        others = path.is_dir() and any(inside.name not in _OURS for inside in path.iterdir())
        if others or (path.exists() and not path.is_dir()):
            raise UsageError(
                f"{path} is not a case directory; give --case an empty or new directory"
            )
        return
    info = current_info(path)  # gathering again repairs a damaged case
    if info is not None and (info.unit, info.id) != (unit, unit_id):
        raise UsageError(f"{path} holds the case of {info.unit} {info.id}; give another --case")
