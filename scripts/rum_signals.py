#!/usr/bin/env python3
"""Print what a user did around a session: `python3 rum_signals.py PATH ... --case DIR`."""

import sys

from run import main

if __name__ == "__main__":
    sys.argv.insert(1, "rum-signals")
    main()
