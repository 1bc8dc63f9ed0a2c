"""Threads that whoever ends the command does not wait for."""

from collections.abc import Callable, Iterable, Iterator
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def side_by_side(work: Callable[[T], R], tasks: Iterable[T], jobs: int) -> Iterator[R]:
    """Yield what `work` returns for each task, as it is done; raises the first error of any.

    After an error, or where the caller stops, no further task is begun. Tasks under way are not
    waited for: a call may take a minute, and an executor's threads would hold the process.
    """
    waiting: SimpleQueue[T] = SimpleQueue()
    done: SimpleQueue[tuple[R] | BaseException] = SimpleQueue()
    stopped = Event()

    def run() -> None:
        while not stopped.is_set():
            try:
                task = waiting.get_nowait()
            except Empty:
                return
            try:
                done.put((work(task),))
            except BaseException as error:  # noqa: BLE001  raised again where it is waited for
                done.put(error)

    count = 0
    for task in tasks:
        waiting.put(task)
        count += 1
    for _ in range(min(jobs, count)):
        Thread(target=run, daemon=True).start()
    try:
        for _ in range(count):
            found = done.get()
            if isinstance(found, BaseException):
                raise found
            yield found[0]
    finally:
        stopped.set()
