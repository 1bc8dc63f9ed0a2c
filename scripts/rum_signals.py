#!/usr/bin/env python3
"""Print what a user did around a session: `python3 rum_signals.py PATH ... --case DIR`."""

import os
import sys

sys.dont_write_bytecode = True  # no byte code beside this file
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from run import main  # noqa: E402

if __name__ == "__main__":
    main("rum-signals")
