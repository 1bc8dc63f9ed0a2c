"""What the capture hook adds to a tool call: `make bench` prints it.

Two kinds of results: one among others of its batch, and one after which the hook finds the next
batch. The goal holds for both, on an idle machine.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.cli.run import a_bundle
from tests.hook.conversation import Conversation, listed, search
from tests.hook.test_capture import WRAPPED, wrapped_turns

GOAL, ROUNDS = 150, 15
"""Milliseconds, and how often each is measured."""


def milliseconds() -> dict[str, list[float]]:
    """Return how long the hook took for two kinds of results, and a bare interpreter beside it."""
    found: dict[str, list[float]] = {"the last of a batch": [], "amid a batch": []}
    bare = []
    with tempfile.TemporaryDirectory() as folder:
        bundle = a_bundle(Path(folder) / "rows", wrapped_turns(10))
        talk = Conversation.on(bundle, Path(folder) / "home")
        for number in range(ROUNDS + 1):
            shutil.rmtree(talk.captures, ignore_errors=True)
            call = search(WRAPPED)
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", "pass"], check=True)
            bare.append((time.perf_counter() - start) * 1_000)
            for times in found.values():
                answered = talk.answer(call)
                start = time.perf_counter()
                text = talk.captured(call, answered)
                if number:  # the first round compiles modules, into the home's cache
                    times.append((time.perf_counter() - start) * 1_000)
                call = (listed(text) or [call])[0]
    return {**found, "a bare interpreter": bare}


def main() -> None:
    """Print the medians."""
    print(f"\nthe capture hook, milliseconds a result; goal: at most {GOAL}")
    for name, times in milliseconds().items():
        print(f"{statistics.median(times):5.0f}  {name} (least {min(times):.0f})")


if __name__ == "__main__":
    main()
