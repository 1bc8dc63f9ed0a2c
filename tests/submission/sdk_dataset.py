"""Read and write datasets with the real SDK; runs in the SDK's Python.

On stdin: the dataset to read, and a new one with records to write. It prints what it read, and
makes an experiment of that as `references/submitting.md` shows, without running it.
"""

import json
import sys
from typing import Any

from ddtrace.llmobs import LLMObs


def task(input_data: Any, config: Any) -> str:  # noqa: ARG001
    """Stand for an app."""
    return str(input_data["messages"][-1]["content"])


def satisfied(input_data: Any, output_data: Any, expected_output: Any) -> bool:  # noqa: ARG001
    """Stand for a judge."""
    return bool(output_data)


def main(read: str, write: str, records: list[dict[str, Any]]) -> None:
    """Pull one dataset, and push the records into the other."""
    LLMObs.enable(
        ml_app="another-app", agentless_enabled=True, api_key="made-up", app_key="made-up"
    )
    pulled = LLMObs.pull_dataset(read)
    LLMObs.create_dataset(write, records=records)  # type: ignore[arg-type]
    LLMObs.experiment("made-up", task, pulled, [satisfied])
    print(json.dumps([{key: row[key] for key in _KEYS} for row in pulled]))


_KEYS = ("input_data", "expected_output", "metadata", "tags")

if __name__ == "__main__":
    main(**json.load(sys.stdin))
