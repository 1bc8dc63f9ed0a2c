"""A process that does tasks of the attack: a home of its own, everything loaded beforehand."""

import os
import shutil
import sys
from contextlib import ExitStack
from pathlib import Path

from tests.attack.run import alone, run
from tests.attack.shapes import shapes, write

_stack = ExitStack()


def begin(place: str) -> None:
    """Give this process a home below `place`, and load what commands load."""
    sys.dont_write_bytecode = True
    _stack.enter_context(alone(Path(place, str(os.getpid()))))
    warm_up()


def warm_up() -> None:
    """Run every command once without looking: libraries look around when they are loaded."""
    for shape in shapes():
        write(shape.documents, Path())
        for argv in shape.commands:
            run(*argv, allowed=(Path("/"),), starts=True, port=1)
        shutil.rmtree("cases", ignore_errors=True)
