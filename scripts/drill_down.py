#!/usr/bin/env python3
"""Find suspicious calls in persisted agent loops: `python3 drill_down.py PATH ...`."""

import sys

from run import main

if __name__ == "__main__":
    sys.argv.insert(1, "drill-down")
    main()
