"""`make attack`: plant every text and bomb in every place, run every command, tell what was found.

It ends with exit code 1 when anything was found. The first argument bounds the seconds; what was
not tried for that is counted.
"""

import os
import sys
import tempfile
import time
from collections import defaultdict
from multiprocessing import get_context
from pathlib import Path

from tests.attack.by_right import reasons
from tests.attack.campaign import Result, few, grouped, tasks
from tests.attack.names import unmade
from tests.attack.worker import begin, done_in_time


def main() -> int:
    """Run the attack and print what was tried and found."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 86_400.0
    begun, all_tasks = time.monotonic(), tasks()
    with tempfile.TemporaryDirectory() as place:
        # Past the deadline the workers do nothing more, and end by themselves.
        with get_context("spawn").Pool(
            os.cpu_count(), begin, (place, time.time() + seconds)
        ) as pool:
            came = pool.imap_unordered(done_in_time, all_tasks, chunksize=4)
            results: list[Result] = [result for result in came if result is not None]
            pool.close()
            pool.join()
        made = unmade(Path(place))
    _tell(results, len(all_tasks), time.monotonic() - begun)
    found = [one for result in results for one in result.found]
    for name in made:
        print(f"a planted command made the file {name}")
    return 1 if found or made else 0


def _tell(results: list[Result], planned: int, seconds: float) -> None:
    table: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for result in results:
        kind = result.task.kind if result.task.kind in ("text", "bomb") else "set"
        places = {one.place for one in result.found}
        row = (1, result.tries, result.commands, len(places))
        key = (result.shape, kind)
        table[key] = [old + new for old, new in zip(table[key], row, strict=True)]
    print(f"{'what':<18}{'kind':<6}{'tasks':>8}{'planted':>9}{'commands':>10}{'found':>7}")
    for (shape, kind), row in sorted(table.items()):
        print(f"{shape:<18}{kind:<6}{row[0]:>8}{row[1]:>9}{row[2]:>10}{row[3]:>7}")
    totals = [sum(column) for column in zip(*table.values(), strict=True)]
    print(f"{'all':<24}{totals[0]:>8}{totals[1]:>9}{totals[2]:>10}{totals[3]:>7}")
    left = planned - len(results)
    print(
        f"{seconds:.0f} s; {left:,} of {planned:,} tasks not tried" if left else f"{seconds:.0f} s"
    )
    print("places that may change outcomes by right:")
    for why in reasons():
        print(f"  {why}")
    found = grouped(one for result in results for one in result.found)
    print(f"found: {sum(map(len, found.values())):,} in {len(found):,} groups")
    for (shape, command, problem), group in found.items():
        print(f"  {len(group):>5}  {shape}, {command}: {problem}\n         {few(group)}")


if __name__ == "__main__":
    sys.exit(main())
