"""An export: slots side by side, each a part that is written whole or not at all."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from session_classify.backends.caller import Caller
from session_classify.backends.meter import Meter
from session_classify.errors import UnreachableError
from session_classify.exporting.manifest import (
    FILE,
    LOCK,
    Manifest,
    Part,
    ends,
    file_name,
    remove_drafts,
    started,
    written,
)
from session_classify.exporting.packing import Packer, check_format, unpacked
from session_classify.exporting.paging import all_rows
from session_classify.exporting.rows import Users, users
from session_classify.exporting.settling import settled
from session_classify.exporting.slots import Slot, milliseconds, slots
from session_classify.exporting.sources import (
    AUDIT,
    RUM,
    SPANS,
    Query,
    Task,
    around,
    audit_task,
    is_near,
    rum_task,
    span_task,
)
from session_classify.exporting.workers import side_by_side
from session_classify.instants import stamp, utc_now
from session_classify.population.listing import no_traces
from session_classify.population.threads import prepare_for_threads
from session_classify.storage import held, storing

_DOWN = 2
"""Parts that fail in a row where the server is down, at least; or as many as there are jobs."""
_FIX = "name another directory with --out"


@dataclass(slots=True)
class Export:
    """An export into a folder; `run` does the work."""

    folder: Path
    caller: Caller
    manifest: Manifest
    """What is wanted; then also what is there."""
    whole: Slot
    step: int
    """Milliseconds of a slot."""
    around: tuple[str, ...]
    """What is exported besides spans: `rum`, `audit`."""
    jobs: int
    say: Callable[[str], None]
    meter: Meter = field(default_factory=Meter)
    _parts: dict[tuple[str, str], Part] = field(default_factory=dict)
    _next_save: float = 0

    def run(self) -> Manifest:
        """Fetch each part that is not there whole, and return the manifest of all of them.

        Raises NotFoundError where the app has no span in the range, UsageError for a folder of
        something else, StorageError, and what the caller raises. What was fetched before an error
        stays, and the same command goes on from there.
        """
        check_format(self.manifest.format)
        prepare_for_threads()
        with storing(self.folder, _FIX):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.manifest = started(self.folder, self.manifest)
            busy = f"another export writes to {self.folder}; wait for it, or {_FIX}"
            with held(self.folder / LOCK, 1.0, busy):
                remove_drafts(self.folder)
                self._parts = {part.place: part for part in self.manifest.parts}
                self._save(complete=False)
                self._all()
        return self.manifest

    def _all(self) -> None:
        whole, step = self.whole, self.step
        tasks = [span_task(self.manifest.app, whole, slot) for slot in slots(whole, step)]
        self._fetch(tasks)
        if not any(part.rows for part in self._parts.values() if part.source == SPANS):
            (self.folder / FILE).unlink()
            raise no_traces(self.manifest.app, "Check the app name, --from and --to.")
        latest = milliseconds(utc_now())
        if RUM in self.around:
            found = [(task.slot, self._users(task)) for task in tasks]
            others = around(whole, RUM, latest)
            self._fetch([rum_task(_near(found, s), others, s) for s in slots(others, step)])
        if AUDIT in self.around:
            others = around(whole, AUDIT, latest)
            self._fetch([audit_task(others, slot) for slot in slots(others, step)])
        for part in settled(self.folder, self.manifest.format, self._parts.values()):
            self._parts[part.place] = part
        self._save(complete=True)

    def _fetch(self, tasks: list[Task]) -> None:
        """Fetch the parts of a source that are not there; a slot that fails costs no other one.

        Raises UnreachableError once the others are there, and at once where the server is down.
        """
        source = tasks[0].source
        left = [task for task in tasks if not self._is_there(task)]
        done = len(tasks) - len(left)
        if done:
            self.say(f"{source}: {done} of {len(tasks)} parts are there already")
        failed: list[UnreachableError] = []
        in_a_row = 0
        rows = sum(part.rows for part in self._parts.values() if part.source == source)
        try:
            for part in side_by_side(self._part_or_error, left, self.jobs):
                if isinstance(part, UnreachableError):
                    failed.append(part)
                    self.say(str(part))
                    in_a_row += 1
                    if in_a_row >= max(_DOWN, self.jobs):
                        raise UnreachableError(f"{part}; run the same command again to go on")
                    continue
                in_a_row = 0
                before = self._parts.get(part.place)
                self._parts[part.place] = part
                self._save_now_and_then()
                done, rows = done + 1, rows + part.rows - (before.rows if before else 0)
                self.say(
                    f"{source} from {part.start}: {part.rows:,} rows; "
                    f"{done} of {len(tasks)} parts, {rows:,} rows"
                )
        except BaseException:
            self.caller.close()  # waits end at once
            raise
        finally:
            self._save(complete=False)
        if failed:
            raise UnreachableError(
                f"{len(failed)} of {len(tasks)} parts of {source} failed: {failed[0]}; run the "
                "same command again to fetch these alone"
            ) from failed[0]

    def _is_there(self, task: Task) -> bool:
        part = self._parts.get((task.source, ends(task.slot)[0]))
        if part is None or part.asked != task.asked:
            return False
        named = file_name(task.source, task.slot, self.manifest.format)
        return part.file in ("", named) and part.is_whole(self.folder)

    def _part_or_error(self, task: Task) -> Part | UnreachableError:
        """Fetch the rows of a slot and write them; runs in a thread."""
        try:
            return self._part(task)
        except UnreachableError as error:
            start, end = ends(task.slot)
            return UnreachableError(f"the {task.source} from {start} to {end}: {error}")

    def _part(self, task: Task) -> Part:
        form, slot = self.manifest.format, task.slot
        packer = Packer(form)
        known: set[str] = set()
        rows = strays = foreign = 0
        for raw in self._rows(task):
            row = task.read(raw)
            if row.key in known:
                continue
            known.add(row.key)
            if row.apps and self.manifest.app not in row.apps:
                foreign += 1
                continue
            if row.at is not None and not task.whole.holds(row.at):
                continue
            is_own = row.at is not None and slot.holds(row.at)
            rows += 1
            strays += not is_own
            packer.add(row.line)
        start, end = ends(slot)
        part = Part(
            task.source, start, end, rows, task.asked, strays=strays, foreign=foreign,
            fetched=stamp(utc_now()),
        )  # fmt: skip
        path = self.folder / file_name(task.source, slot, form)
        return written(part, path, packer.finish())

    def _rows(self, task: Task) -> Iterator[bytes]:
        for query in task.queries:

            def ask(cursor: str, limit: int, query: Query = query) -> bytes:
                data = self.caller.ask(query(cursor, limit), self.meter)
                self.meter.count(calls=1, size=len(data))
                return data

            yield from all_rows(ask, task.limit)

    def _users(self, task: Task) -> Users:
        part = self._parts[SPANS, ends(task.slot)[0]]
        if not part.file:
            return Users()
        return users(unpacked(self.folder / part.file, self.manifest.format))

    def _save_now_and_then(self) -> None:
        """Save the manifest; a long one not at each part, so that saving takes a tenth at most.

        A killed run fetches again what the manifest does not list.
        """
        begun = time.monotonic()
        if begun >= self._next_save:
            self._save(complete=False)
            ended = time.monotonic()
            self._next_save = ended + 10 * (ended - begun)

    def _save(self, *, complete: bool) -> None:
        self.manifest = self.manifest.with_parts(self._parts, complete=complete)
        self.manifest.save(self.folder)


def _near(found: list[tuple[Slot, Users]], slot: Slot) -> Users:
    """Return the users of spans around a slot."""
    near = [named for spans, named in found if is_near(spans, slot)]
    ids = sorted({one for named in near for one in named.ids})
    emails = sorted({one for named in near for one in named.emails})
    return Users(tuple(ids), tuple(emails))
