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
        _answer_hook(sys.argv[1:])
        from session_classify.cli import main as run

        run(again)
    except KeyboardInterrupt:  # before a command line can handle it
        sys.exit(130)
    finally:
        gc.freeze()  # nor is anything collected when the process ends


def _answer_hook(words: list[str]) -> None:
    """Run the hook's command without the command line, whose import takes a fifth of its time.

    Returns for another command, and where it fails: then the command line tells why.
    """
    if len(words) == 4 and words[0] == "capture" and not any(word[:1] == "-" for word in words):
        from session_classify.errors import ClassifyError
        from session_classify.gathering.captured import calls_lacking

        try:
            sys.stdout.write(calls_lacking(words[1], words[2], words[3]) + "\n")
        except (ClassifyError, ValueError):
            return
        sys.exit(0)


if __name__ == "__main__":
    main()
