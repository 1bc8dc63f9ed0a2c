#!/usr/bin/env python3
"""Summarize persisted agent loops: `python3 extract_loop.py PATH ...`, the verb `extract-loop`."""

import sys

from run import main

if __name__ == "__main__":
    sys.argv.insert(1, "extract-loop")
    main()
