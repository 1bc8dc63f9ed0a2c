#!/usr/bin/env python3
"""Find suspicious calls in persisted agent loops: `python3 drill_down.py PATH ...`."""

import os
import sys

sys.dont_write_bytecode = True  # no byte code beside this file
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from run import main  # noqa: E402

if __name__ == "__main__":
    main("drill-down")
