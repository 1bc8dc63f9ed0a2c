"""The process that runs one command: `session-classify`, or `python -m session_classify`."""

import gc
import sys
from collections.abc import Callable


def main(again: Callable[[Exception], None] | None = None) -> None:
    """Run the command line in a process that does nothing else.

    `again` is called first with every error; it does not return if it restarts the process.
    """
    # A command is short-lived: garbage collection costs a tenth of its time, mostly during imports.
    gc.disable()
    try:
        from session_classify.cli import main as run

        run(again)
    except KeyboardInterrupt:  # before a command line can handle it
        sys.exit(130)
    finally:
        gc.freeze()  # nor is anything collected when the process ends


if __name__ == "__main__":
    main()
