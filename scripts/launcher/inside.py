"""Continue in a private environment: `python -I inside.py EXTRAS TRIES SCRIPT ARGUMENT ...`."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
sys.pycache_prefix = os.path.join(sys.prefix, "bytecode")  # no byte code beside this file
from launcher.start import go_on  # noqa: E402

# Write no byte code of the launcher: its folder must stay unchanged.
sys.dont_write_bytecode, sys.pycache_prefix = True, None

if __name__ == "__main__":
    go_on(*sys.argv[1:])
