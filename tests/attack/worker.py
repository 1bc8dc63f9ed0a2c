"""A process that does tasks of the attack: a home of its own, everything loaded beforehand."""

import os
import shutil
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from tests.attack.campaign import Result, Task, done
from tests.attack.run import alone, run
from tests.attack.shapes import shapes, write

_stack = ExitStack()
_deadline = [0.0]
"""When this process does nothing more, as `time.time()`."""


def begin(place: str, deadline: float) -> None:
    """Give this process a home below `place`, and load what commands load."""
    _deadline[0] = deadline
    sys.dont_write_bytecode = True
    _stack.enter_context(alone(Path(place, str(os.getpid()))))
    warm_up()


def done_in_time(task: Task) -> Result | None:
    """Do a task; None where it is too late for it."""
    return done(task) if time.time() < _deadline[0] else None


def warm_up() -> None:
    """Run every command once without looking: libraries look around when they are loaded."""
    for shape in shapes():
        write(shape.documents, Path())
        for argv in shape.commands:
            run(*argv, allowed=(Path("/"),), starts=True, port=1)
        shutil.rmtree("cases", ignore_errors=True)
