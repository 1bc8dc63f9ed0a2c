"""The process that runs one command: `session-classify`, or `python -m session_classify`."""

import gc
import sys
from collections.abc import Callable


def main(again: Callable[[Exception], None] | None = None) -> None:
    """Run the command line in a process that does nothing else.

    `again` is given every error first; it does not return where it starts the process again.
    """
    # A command builds its structs once and ends: looking for cycles costs a tenth of the time, and
    # most of that while the libraries are imported.
    gc.disable()
    try:
        from session_classify.cli import main as run

        run(again)
    except KeyboardInterrupt:  # before there is a command line that answers it
        sys.exit(130)


if __name__ == "__main__":
    main()
