"""A case: the directory with everything of one unit, from raw answers to verdict."""

import errno
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from session_classify.errors import (
    NotFoundError,
    RefusedError,
    UnusableInputError,
    UsageError,
)
from session_classify.events import Events
from session_classify.gathering.case_files import (
    CASES,
    EVENTS,
    FINDINGS,
    INFO,
    RAW,
    READY,
    RUN,
    SESSION,
    VERDICT,
    CaseInfo,
    decoded,
    digest,
    is_case,
    locked,
    put_in_place,
    read_bytes,
    read_file,
    store,
)
from session_classify.model import Finding, Session
from session_classify.places import cases_folder
from session_classify.redaction import redacted
from session_classify.storage import storing
from session_classify.verdicts import Verdict
from session_classify.vocabulary import JudgedBy, Unit

T = TypeVar("T")
_COPY = "copy the case to a directory of your own"


class Case(msgspec.Struct, frozen=True):
    """A case on disk."""

    path: Path
    info: CaseInfo
    contents: Mapping[str, bytes] = msgspec.field(default_factory=dict)
    """The files as they were when the case was opened; others are read when needed."""

    @property
    def raw(self) -> Path:
        """The folder of the raw answers."""
        return self.path / RAW

    def session(self) -> Session:
        """Read the session; raises UnusableInputError when the file is damaged."""
        return self._read(SESSION, Session)

    def findings(self) -> tuple[Finding, ...]:
        """Read the findings; raises UnusableInputError when the file is damaged."""
        return self._read(FINDINGS, tuple[Finding, ...])

    def events(self) -> Events:
        """Read the events around the session; a case of an earlier version has none.

        Raises UnusableInputError when the file is damaged.
        """
        return self._read(EVENTS, Events) if self._has(EVENTS) else Events()

    @property
    def has_verdict(self) -> bool:
        """Whether there is a verdict."""
        return self._has(VERDICT)

    def verdict(self) -> Verdict:
        """Read the verdict; raises NotFoundError when there is none."""
        if not self.has_verdict:
            raise NotFoundError(f"{self.path} has no verdict yet; record one with `verdict`")
        return self._read(VERDICT, Verdict)

    def keep_a_better_verdict(self, judged_by: JudgedBy) -> None:
        """Raise UsageError if the case has a verdict of higher rank than `judged_by`.

        A rules-only verdict does not replace that of a command, nor a command's that of the agent
        or person who read the case.
        """
        better = list(JudgedBy)[: list(JudgedBy).index(judged_by)]
        if better and (self.path / VERDICT).is_file():
            before = read_file(self.path / VERDICT, Verdict).judged_by
            if before in better:
                raise UsageError(
                    f"{self.path} holds a verdict judged by {before}; give --case another directory"
                )

    def save_verdict(self, verdict: Verdict) -> Verdict:
        """Write the verdict, replacing an earlier one, and return it as written.

        Raises RefusedError when the case was gathered again with other data since it was opened,
        UsageError when a verdict of higher rank was recorded in the meantime.
        """
        masked = redacted(verdict)
        with storing(self.path, _COPY), locked(self.path):
            if read_file(self.path / INFO, CaseInfo).nonce != self.info.nonce:
                raise RefusedError(
                    f"the case at {self.path} was gathered again meanwhile, with other data; "
                    "read it again with `show`, then give a verdict on that"
                )
            self.keep_a_better_verdict(verdict.judged_by)
            store(self.path, VERDICT, masked)
        return masked

    def mark_shown(self, turns: frozenset[int]) -> "Case":
        """Record that these turns were shown to a reader; safe for parallel commands.

        Nothing is recorded when the case was gathered again with other data since it was opened, or
        when all of them were shown before.
        """
        if turns.issubset(self.info.shown):
            return self
        with storing(self.path, _COPY), locked(self.path):
            info = read_file(self.path / INFO, CaseInfo)
            if info.nonce != self.info.nonce:
                return self
            info = replace(info, shown=tuple(sorted(turns.union(info.shown))))
            store(self.path, INFO, info)
        return Case(self.path, info, self.contents)

    def _has(self, name: str) -> bool:
        return name in self.contents or (self.path / name).is_file()

    def _read(self, name: str, kind: type[T]) -> T:
        path = self.path / name
        data = self.contents.get(name) or read_bytes(path)
        if name in self.info.files and self.info.files[name] != digest(data):
            raise UnusableInputError(
                f"{path} is damaged: it is not the file that was written with {INFO}; gather the "
                "case again"
            )
        return decoded(data, path, kind)


def default_path(unit: Unit, unit_id: str) -> Path:
    """Return the default directory of a case, in the user's state directory.

    Raises LackingError when the user has no home directory.
    """
    return cases_folder() / case_name(unit, unit_id)


def case_name(unit: Unit, unit_id: str) -> str:
    """Return the name of a unit's case among others; an id may be any text."""
    safe = re.sub(r"[^A-Za-z0-9.-]", "_", unit_id)[:80]
    if safe != unit_id:
        # Ids that differ only in characters not allowed in file names get separate cases.
        safe += "-" + blake2b(unit_id.encode(), digest_size=4).hexdigest()
    return f"{unit}-{safe}"


def located(path: Path) -> Path:
    """Return the absolute path of a case; raises UsageError for an invalid path."""
    try:
        found = path.expanduser().resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise UsageError(f"{str(path)!r} cannot be the path of a case: {error}") from error
    # Since Python 3.13 a link to itself is resolved to itself; other trouble is told by who writes.
    with suppress(OSError):
        if found.is_symlink():
            raise UsageError(f"{str(path)!r} cannot be the path of a case: it is a link to itself")
    return found


def open_case(path: Path) -> Case:
    """Open a case in its current state; raises NotFoundError when there is none at `path`.

    `RUN/ID` is the case of that unit in the directory of a run. If a killed run left complete
    files, they are put in place first.
    """
    path = _in_run(located(path))
    with storing(path, _COPY, "open"):
        if not is_case(path):
            raise NotFoundError(
                f"no case at {path}: expected a directory with {INFO}; make one with `gather`"
            )
        whole = _unlocked(path)
        if whole is not None:
            return whole
        with _readable(path):
            put_in_place(path)
            return Case(path, read_file(path / INFO, CaseInfo), _contents(path))


def _in_run(path: Path) -> Path:
    """Return the case that is named as a unit of a run; any other path as it is."""
    if is_case(path) or not (path.parent / RUN).is_file():
        return path
    named = (path.parent / CASES / case_name(unit, path.name) for unit in Unit)
    return next((one for one in named if is_case(one)), path)


def _contents(path: Path) -> dict[str, bytes]:
    names = (SESSION, FINDINGS, EVENTS, VERDICT)
    return {name: read_bytes(path / name) for name in names if (path / name).is_file()}


def _unlocked(path: Path) -> Case | None:
    """Return a case read without its lock, where its files are known to belong together.

    `case.json` holds their digests, and is the same before and after. None where another process is
    replacing them, or an earlier version wrote none: then the lock decides.
    """
    if (path / READY).exists():
        return None
    try:
        before = read_bytes(path / INFO)
        info, contents = decoded(before, path / INFO, CaseInfo), _contents(path)
        same = before == read_bytes(path / INFO) and not (path / READY).exists()
    except (OSError, UnusableInputError):
        return None
    known = {name for name in contents if name in info.files}
    is_whole = SESSION in known and {SESSION, FINDINGS} <= contents.keys()
    fits = all(info.files[name] == digest(contents[name]) for name in known)
    missing = [name for name in info.files if name not in contents]
    return Case(path, info, contents) if same and is_whole and fits and not missing else None


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Lock the files of a case, unless this user can only read it."""
    with ExitStack() as stack:
        try:
            stack.enter_context(locked(path))
        except OSError as error:
            if error.errno not in (errno.EROFS, errno.EACCES, errno.EPERM):
                raise
        yield
