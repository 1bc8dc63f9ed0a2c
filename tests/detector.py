"""`make detector`: every miss and false alarm of the failure detector on labelled results.

The labels are the situations `outcome-*`, written by hand; beside ours stands the filter that
looks for words anywhere in a result. Of the real sessions, where nobody labelled each result, both
say how many results they call failures.
"""

import json
from pathlib import Path
from typing import Any

import yaml

from session_classify.backends.bundle import open_bundle
from session_classify.evidence.conversation.tool_results import ToolResult, read_results
from session_classify.profiles.kinds import with_kinds
from session_classify.profiles.load import generic_profile
from session_classify.vocabulary import BAD_OUTCOMES, Unit
from session_classify.wire.session.from_rows import build_session
from session_classify.wire.trace.spans import read_spans
from tests.evidence.build import a_sampled_call, a_session, a_turn

NAIVE = ("403", "404", "500", "not allowlisted", "not found", "session not found", "error")
HERE = Path(__file__).parent


def naive(result: str | None) -> bool:
    """Look for the words anywhere, as the workflow that this package replaces does."""
    return any(word in (result or "").lower() for word in NAIVE)


def labelled() -> list[tuple[dict[str, Any], ToolResult]]:
    """Return every labelled sample with our reading of it."""
    found = []
    for path in sorted((HERE / "situations").glob("outcome-*/situation.yaml")):
        for sample in yaml.safe_load(path.read_text(encoding="utf-8"))["samples"]:
            (reading,) = read_results(a_session(a_turn("Go", "Done", a_sampled_call(sample))))
            found.append((sample, reading))
    return found


def main() -> None:
    """Print the report."""
    rows = labelled()
    bad = [sample["outcome"] in BAD_OUTCOMES for sample, _ in rows]
    print(f"{len(rows)} labelled results, {sum(bad)} of them failures")
    for name, calls in (
        ("ours", [reading.outcome in BAD_OUTCOMES for _, reading in rows]),
        ("words anywhere", [naive(sample["result"]) for sample, _ in rows]),
    ):
        wrong = [
            ("miss" if is_bad else "false alarm", sample["result"])
            for (sample, _), is_bad, said in zip(rows, bad, calls, strict=True)
            if is_bad != said
        ]
        misses = sum(kind == "miss" for kind, _ in wrong)
        print(f"{name}: {misses} misses, {len(wrong) - misses} false alarms")
        for kind, result in wrong if name == "ours" else ():
            print(f"  {kind}: {result!r}")
    bundles = HERE.parent.parent / "shared" / "data" / "bundles"
    for folder in sorted(bundles.glob("*/")) if bundles.is_dir() else ():
        _real(folder)


def _real(folder: Path) -> None:
    with open_bundle(folder).spans.open("rb") as file:
        rows = read_spans(file, folder.name)
    label = json.loads((folder.parent / "labels.json").read_bytes())[folder.name]
    session, _ = build_session(rows, Unit.SESSION, label["session_id"])
    readings = read_results(with_kinds(session, generic_profile()))
    ours = sum(reading.outcome in BAD_OUTCOMES for reading in readings)
    words = sum(naive(reading.call.result) for reading in readings)
    print(f"{folder.name}: {len(readings)} results, failures by ours {ours}, by words {words}")


if __name__ == "__main__":
    main()
