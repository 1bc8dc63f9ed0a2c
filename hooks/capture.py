#!/usr/bin/env python3
"""Store one tool result of an agent client: `python3 capture.py < event.json`."""

import os
import sys

sys.dont_write_bytecode = True  # no byte code beside the scripts
here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(here), "scripts"))

if __name__ == "__main__" and sys.version_info >= (3, 8):
    from hook.capture import capture

    capture()
