"""Count what an agent reads for a session of ten turns, in o200k tokens: `make tokens`.

The counter is the npm package in the folder that `SESSION_CLASSIFY_TOKENS` names.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from session_classify.backends.bundle import open_bundle
from session_classify.cli.digests import digest_of
from session_classify.gathering.gather import gather
from session_classify.report.verdicts import compact
from session_classify.verdict.reconcile_rules import load_rules
from session_classify.verdict.rules_only import rules_only
from session_classify.vocabulary import Unit
from tests.cli.run import a_bundle, a_row
from tests.conftest import ROOT

SKILL = ROOT / "skills" / "llm-obs-session-classify" / "SKILL.md"
LIMITS = {"SKILL.md": 3_000, "the whole path": 12_000}
COUNT = """
import { encode } from "gpt-tokenizer/encoding/o200k_base";
import { readFileSync } from "node:fs";
const texts = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(texts.map((text) => encode(text).length)));
"""
RULES = "You are a shop's assistant. " + "Change an order only when it is pending. " * 40
TURNS = 10


def ten_turns(folder: Path) -> tuple[str, str]:
    """Return digest and verdict of a made-up session of ten turns, one of which writes."""
    rows = []
    for number in range(1, TURNS + 1):
        root, at = f"r{number}", 1_795_000_000_000_000_000 + number * 60 * 10**9
        asked = f"And what about order W{number}1117? It should have come on Monday already."
        told = f"Order W{number}1117 is on its way and arrives by Friday. " * 3
        record = {
            "order_id": f"W{number}1117",
            "status": "shipped",
            "items": [{"sku": n} for n in range(6)],
        }
        row = {"trace_id": f"t{number}", "start_ns": at}
        system = {"role": "system", "content": RULES}
        call = {
            "name": "get_order",
            "tool_id": f"c{number}",
            "arguments": {"order_id": f"W{number}1117"},
        }
        messages = [system, {"role": "user", "content": asked}]
        answer = {"role": "assistant", "content": told, "tool_calls": [call]}
        rows += [
            a_row(root, **row, input={"value": asked}, output={"value": told}),
            a_row(
                f"m{number}", **row, parent_id=root, span_kind="llm",
                input={"messages": messages}, output={"messages": [answer]},
            ),
            a_row(
                f"c{number}", **row, parent_id=root, span_kind="tool", name="get_order",
                input={"value": json.dumps(call["arguments"])},
                output={"value": json.dumps(record)},
            ),
        ]  # fmt: skip
    bundle = open_bundle(a_bundle(folder / "bundle", rows))
    case, evidence = gather(bundle, Unit.SESSION, "s-1", folder / "case")
    verdict = compact(rules_only(evidence, load_rules(None)), "CASE")
    return digest_of(case, evidence).text, verdict


def main() -> None:
    """Print the counts, and fail where one is over its limit."""
    with tempfile.TemporaryDirectory() as folder:
        digest, verdict = ten_turns(Path(folder))
    texts = {
        "SKILL.md": SKILL.read_text(encoding="utf-8"),
        "references/verdicts.md": (ROOT / "references" / "verdicts.md").read_text(encoding="utf-8"),
        "digest of ten turns": digest,
        "verdict": verdict,
    }
    counted = subprocess.run(
        ["node", "--input-type=module", "-e", COUNT],
        input=json.dumps(list(texts.values())),
        cwd=os.environ["SESSION_CLASSIFY_TOKENS"],
        capture_output=True,
        text=True,
        check=True,
    )
    sizes = dict(zip(texts, json.loads(counted.stdout), strict=True))
    sizes["the whole path"] = sum(sizes.values())
    for name, size in sizes.items():
        limit = f" of at most {LIMITS[name]:,}" if name in LIMITS else ""
        print(f"{name:24}{size:7,}{limit}")
    over = [name for name, limit in LIMITS.items() if sizes[name] > limit]
    if over:
        sys.exit(f"too long: {', '.join(over)}")


if __name__ == "__main__":
    main()
