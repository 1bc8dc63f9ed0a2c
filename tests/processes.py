"""What tests ask of processes that something else started."""

import time
from pathlib import Path


def ends(pid: str) -> bool:
    """Tell whether a process ends within seconds: a signal takes its time to arrive."""
    stat = Path(f"/proc/{pid}/stat")
    for _ in range(200):
        try:
            if stat.read_text().split()[2] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False
