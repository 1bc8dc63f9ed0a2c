"""How long a sweep takes beside `json.loads` of its lines, and how that grows."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

from tests.sweeping.sessions import lines

_SIZES = (20, 500, 2_000)
"""Sessions of ten turns; the first run is what starting costs."""


def main() -> None:
    """Print a row for each size: net seconds, the ratio on one core, and the memory of all."""
    if find_spec("daft") is None:
        print("sweep: skipped, the extra `sweep` is not installed")
        return
    cores = os.cpu_count() or 1
    print(f"\nsweeps on {cores} cores, net of one of {_SIZES[0]} sessions; goal: ratio at most 4")
    print("sessions  MB     sweep s  loads s  ratio a core  MiB of the largest process")
    with tempfile.TemporaryDirectory() as folder:
        found = [_measured(Path(folder), count) for count in _SIZES]
    start = found[0][0]
    for count, (took, loads, size, memory) in zip(_SIZES[1:], found[1:], strict=True):
        net = took - start
        print(
            f"{count:8}  {size:5.1f}  {net:7.1f}  {loads:7.2f}  "
            f"{net * cores / loads:12.1f}  {memory:.0f}"
        )
    per = [(took - start) / count for count, (took, *_) in zip(_SIZES, found, strict=True)][1:]
    print(f"{per[1] / per[0]:5.2f}  time a session, {_SIZES[2]:,} beside {_SIZES[1]}; goal: 1.3")


def _measured(folder: Path, count: int) -> tuple[float, float, float, float]:
    """Return the seconds of a sweep and of `json.loads`, the megabytes, and the peak memory."""
    rows = list(lines(count))
    source = folder / f"{count}.jsonl"
    source.write_text("\n".join(rows) + "\n")
    start = time.perf_counter()
    for row in rows:
        json.loads(row)
    loads = time.perf_counter() - start
    command = [sys.executable, "-m", "session_classify", "sweep", str(source)]
    start = time.perf_counter()
    subprocess.run(
        [*command, "--out", str(folder / f"out{count}")], check=True, capture_output=True
    )
    took = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return took, loads, source.stat().st_size / 1e6, memory


if __name__ == "__main__":
    main()
