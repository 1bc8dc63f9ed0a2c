"""Read and write datasets with the real SDK; runs in the SDK's Python.

On stdin: the dataset to read, and a new one with records to write. It prints what it read.
"""

import json
import sys
from typing import Any

from ddtrace.llmobs import LLMObs


def main(read: str, write: str, records: list[dict[str, Any]]) -> None:
    """Pull one dataset, and push the records into the other."""
    LLMObs.enable(
        ml_app="another-app", agentless_enabled=True, api_key="made-up", app_key="made-up"
    )
    pulled = LLMObs.pull_dataset(read)
    LLMObs.create_dataset(write, records=records)  # type: ignore[arg-type]
    print(json.dumps([{key: row[key] for key in _KEYS} for row in pulled]))


_KEYS = ("input_data", "expected_output", "metadata", "tags")

if __name__ == "__main__":
    main(**json.load(sys.stdin))
