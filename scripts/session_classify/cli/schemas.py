"""Generate the JSON schemas of the package's input and output files."""

import sys
from pathlib import Path
from typing import Any

import msgspec

from session_classify.verdict.answer import Answer
from session_classify.verdicts import Verdict

_SCHEMAS: dict[str, Any] = {"answer.json": Answer, "verdict.json": Verdict}


def schemas() -> dict[str, str]:
    """Return each schema's file name and text."""
    return {
        name: msgspec.json.format(msgspec.json.encode(msgspec.json.schema(kind)), indent=2).decode()
        + "\n"
        for name, kind in _SCHEMAS.items()
    }


if __name__ == "__main__":
    for file, text in schemas().items():
        (Path(sys.argv[1]) / file).write_text(text, encoding="utf-8")
