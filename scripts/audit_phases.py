#!/usr/bin/env python3
"""Show what became of a session's assets by audit rows: `python3 audit_phases.py PATH ...`."""

import sys

from run import main

if __name__ == "__main__":
    sys.argv.insert(1, "audit-phases")
    main()
