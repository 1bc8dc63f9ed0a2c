"""Sessions changed in one known way, so that the right verdict is known: `make changes`.

In go the rows of a session whose model spans hold messages, out come rows in which one thing is
different, everywhere: in the answer of the model, in the history of later calls, in the tool's span
and in later results. Each change says what it did.
"""

import itertools
import json
import sys
import tempfile
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from session_classify.backends.bundle import open_bundle
from session_classify.evidence.findings import Evidence
from session_classify.gathering.gather import gather
from session_classify.model import ToolCall
from session_classify.verdict.reconcile_rules import load_rules
from session_classify.verdict.rules_only import rules_only
from session_classify.vocabulary import Outcome, Satisfaction, Unit
from tests.conftest import ROOT

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Changed:
    """One changed session: what was done, whether `yes` is right, and its rows."""

    kind: str
    what: str
    is_good: bool
    rows: Rows


WANTED = {
    "last write never made": (False, 0.90),
    "go-ahead, nothing follows": (False, 1.0),
    "write with another value": (False, 0.65),
    "write failed": (False, 1.0),
    "a mistyped id, then the good one": (True, 0.90),
    "untouched": (True, 0.92),
    "a failed read, then the good one": (True, 0.92),
    "a curt goodbye": (True, 0.92),
}
"""Each kind of change: whether `yes` is right for it, and the share that should be right."""
ERRORS = (
    "Error: the payment method is not of this user",
    '{"error": {"code": 409, "message": "the record cannot be changed any more"}}',
    "Error: not enough seats on the flight",
)


def attributes(row: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = row["attributes"]
    return found


def messages(rows: Rows) -> Iterator[dict[str, Any]]:
    """Yield every message of every model span."""
    for row in rows:
        for side in ("input", "output"):
            yield from (attributes(row).get(side) or {}).get("messages") or ()


def calls_of(rows: Rows, tool_id: str) -> Iterator[dict[str, Any]]:
    for message in messages(rows):
        yield from (c for c in message.get("tool_calls") or () if c.get("tool_id") == tool_id)


def named(rows: Rows) -> Rows:
    """Return rows in which each recorded result has the id of its call: by order, as they came."""
    rows = deepcopy(rows)
    for row in rows:
        open_calls: list[dict[str, Any]] = []
        for message in (attributes(row).get("input") or {}).get("messages") or ():
            for result in message.get("tool_results") or ():
                call = next((c for c in open_calls if c["name"] == result["name"]), None)
                if call is not None:
                    open_calls.remove(call)
                    result["tool_id"] = result.get("tool_id") or call["tool_id"]
            open_calls += message.get("tool_calls") or ()
    return rows


def results_of(rows: Rows, tool_id: str) -> Iterator[dict[str, Any]]:
    for message in messages(rows):
        yield from (r for r in message.get("tool_results") or () if r.get("tool_id") == tool_id)


def tool_row(rows: Rows, tool_id: str) -> dict[str, Any]:
    """Return the row of the tool's span: the first of its name and arguments after the call."""
    call = next(calls_of(rows, tool_id))
    at = next(
        i
        for i, row in enumerate(rows)
        if any(
            c.get("tool_id") == tool_id
            for m in (attributes(row).get("output") or {}).get("messages") or ()
            for c in m.get("tool_calls") or ()
        )
    )
    return next(
        row
        for row in rows[at:]
        if attributes(row)["span_kind"] == "tool"
        and attributes(row)["name"] == call["name"]
        and json.loads(attributes(row)["input"]["value"]) == call["arguments"]
    )


def without(rows: Rows, tool_id: str) -> Rows:
    """Return rows in which a call was never made."""
    rows = deepcopy(rows)
    gone = {attributes(tool_row(rows, tool_id))["span_id"]}
    for row in rows:
        for side in ("input", "output"):
            kept = []
            for message in (attributes(row).get(side) or {}).get("messages") or ():
                for part in ("tool_calls", "tool_results"):
                    if part in message:
                        message[part] = [p for p in message[part] if p.get("tool_id") != tool_id]
                        if not message[part]:
                            del message[part]
                if message.get("content") or "tool_calls" in message or "tool_results" in message:
                    kept.append(message)
            if (attributes(row).get(side) or {}).get("messages"):
                attributes(row)[side]["messages"] = kept
                if side == "output" and not kept:
                    gone.add(attributes(row)["span_id"])
    return [row for row in rows if attributes(row)["span_id"] not in gone]


def with_result(rows: Rows, tool_id: str, result: str, *, is_error: bool = False) -> Rows:
    """Return rows in which a call got another result."""
    rows = deepcopy(rows)
    row = tool_row(rows, tool_id)
    attributes(row)["output"] = {"value": result}
    if is_error:
        attributes(row)["status"] = "error"
    for found in results_of(rows, tool_id):
        found["result"] = result
    return rows


def with_value(rows: Rows, tool_id: str, old: str, new: str) -> Rows:
    """Return rows in which a call was made with another value, which its record and reads show."""
    rows = deepcopy(rows)
    row = tool_row(rows, tool_id)
    at = rows.index(row)
    later = {r["tool_id"] for m in messages(rows[at:]) for r in m.get("tool_results") or ()}
    before = {r["tool_id"] for m in messages(rows[:at]) for r in m.get("tool_results") or ()}
    touched = (later - before) | {tool_id}
    for call in calls_of(rows, tool_id):
        call["arguments"] = replaced(call["arguments"], old, new)
    given = json.loads(attributes(row)["input"]["value"])
    attributes(row)["input"]["value"] = json.dumps(replaced(given, old, new))
    for name in touched:
        for found in results_of(rows, name):
            found["result"] = str(found["result"]).replace(old, new)
    for one in rows[at:]:
        if attributes(one)["span_kind"] == "tool":
            output = attributes(one).get("output") or {}
            if isinstance(output.get("value"), str):
                output["value"] = output["value"].replace(old, new)
    return rows


def replaced(value: Any, old: str, new: str) -> Any:
    if isinstance(value, dict):
        return {key: replaced(inner, old, new) for key, inner in value.items()}
    if isinstance(value, list):
        return [replaced(inner, old, new) for inner in value]
    if str(value) == old:
        return type(value)(new)
    return value


def cut_before(rows: Rows, tool_id: str) -> Rows:
    """Return rows that end with the request of the turn in which a call was made."""
    rows = deepcopy(rows)
    trace = attributes(tool_row(rows, tool_id))["trace_id"]
    roots = [row for row in rows if attributes(row)["parent_id"] == "undefined"]
    at = next(i for i, row in enumerate(roots) if attributes(row)["trace_id"] == trace)
    kept = {attributes(row)["trace_id"] for row in roots[:at]}
    last = deepcopy(roots[at])
    attributes(last)["output"] = {}
    return [*(row for row in rows if attributes(row)["trace_id"] in kept), last]


def with_attempt(rows: Rows, tool_id: str, key: str, mistyped: str) -> Rows:
    """Return rows in which a call was made once before, on a mistyped id, and failed."""
    rows = deepcopy(rows)
    row = tool_row(rows, tool_id)
    call = deepcopy(next(calls_of(rows, tool_id)))
    wrong = {**call, "tool_id": f"{tool_id}_before"}
    wrong["arguments"] = {**call["arguments"], key: mistyped}
    result = {
        "name": call["name"],
        "tool_id": wrong["tool_id"],
        "result": f"Error: {key} not found",
    }
    asks = {"role": "assistant", "content": "", "tool_calls": [wrong]}
    answers = {"role": "user", "content": "", "tool_results": [result]}
    at = next(
        i
        for i, one in enumerate(rows)
        if any(
            c.get("tool_id") == tool_id
            for m in (attributes(one).get("output") or {}).get("messages") or ()
            for c in m.get("tool_calls") or ()
        )
    )
    model, tool = deepcopy(rows[at]), deepcopy(row)
    for number, one in enumerate((model, tool)):
        attributes(one)["span_id"] = f"9{number}{attributes(one)['span_id']}"[:19]
        attributes(one)["start_ns"] = attributes(rows[at])["start_ns"] - 20 + number * 10
        attributes(one)["duration"] = 5
        one["id"] = attributes(one)["span_id"]
    attributes(model)["output"]["messages"] = [asks]
    attributes(tool)["input"]["value"] = json.dumps(wrong["arguments"])
    attributes(tool)["output"] = {"value": result["result"]}
    for later in rows[at:]:
        given = (attributes(later).get("input") or {}).get("messages")
        if not given:
            continue
        place = next(
            (
                i
                for i, m in enumerate(given)
                for c in m.get("tool_calls") or ()
                if c["tool_id"] == tool_id
            ),
            len(given),
        )
        given[place:place] = [deepcopy(asks), deepcopy(answers)]
    return [*rows[:at], model, tool, *rows[at:]]


def with_goodbye(rows: Rows, text: str) -> Rows:
    """Return rows with one more request, to which nothing was said."""
    last = deepcopy([row for row in rows if attributes(row)["parent_id"] == "undefined"][-1])
    fields = attributes(last)
    fields["start_ns"] += 60 * 10**9
    fields["span_id"], fields["trace_id"] = "9" * 18, "9" * 32
    fields["input"], fields["output"] = {"value": text}, {}
    fields["metadata"] = {**fields.get("metadata", {}), "query_string": text}
    last["id"] = fields["span_id"]
    return [*deepcopy(rows), last]


def mistyped(value: str) -> str:
    """Return an id with two characters exchanged, or one doubled."""
    for at in range(len(value) - 1, 0, -1):
        if value[at] != value[at - 1] and value[at].isalnum() and value[at - 1].isalnum():
            return value[: at - 1] + value[at] + value[at - 1] + value[at + 1 :]
    return value + value[-1]


def another(value: str) -> str:
    """Return another value of the same form: a digit or a word differs."""
    digits = [i for i, c in enumerate(value) if c.isdigit()]
    if digits:
        at = digits[-1]
        return value[:at] + str(int(value[at]) % 9 + 1) + value[at + 1 :]
    if value.isupper():
        return value[::-1] if value != value[::-1] else "X" + value[1:]
    return {"economy": "business", "business": "economy", "yes": "no"}.get(value, f"North {value}")


def read(rows: Rows) -> Evidence:
    """Return the evidence of a session's rows."""
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder, "bundle")
        bundle.mkdir()
        (bundle / "spans.jsonl").write_text("\n".join(map(json.dumps, rows)))
        tags = next(attributes(row)["tags"] for row in rows if attributes(row).get("tags"))
        session_id = next(tag[11:] for tag in tags if tag.startswith("session_id:"))
        return gather(open_bundle(bundle), Unit.SESSION, session_id, Path(folder, "case"))[1]


def changes(rows: Rows, *, is_good: bool) -> Iterator[Changed]:
    """Yield every change of a session; the harmless ones only of a session that was good."""
    evidence = read(rows)
    known = {c.get("tool_id") for m in messages(rows) for c in m.get("tool_calls") or ()}
    made = [
        write.call
        for write in evidence.writes
        if write.outcome is Outcome.CONFIRMED
        and write.call.tool_id in known
        and not write.call.name.startswith("transfer")
    ]
    yield from harmful(rows, evidence, made)
    if is_good:
        yield Changed("untouched", "", True, rows)
        for text in ("bye", "Thanks!", "ok thx, that is all"):
            yield Changed("a curt goodbye", text, True, with_goodbye(rows, text))
        yield from retried(rows, evidence, made, known)


def harmful(rows: Rows, evidence: Evidence, made: list[ToolCall]) -> Iterator[Changed]:
    """Yield the changes after which the session is not good."""
    for call in made[-1:]:
        if claims_of(evidence, call.id):
            yield Changed("last write never made", call.name, False, without(rows, call.tool_id))
    for call in made:
        for error in ERRORS if claims_of(evidence, call.id) else ():
            changed = with_result(rows, call.tool_id, error, is_error=error == ERRORS[0])
            yield Changed("write failed", call.name, False, changed)
    for call in made[:1]:
        changed = cut_before(rows, call.tool_id)
        yield Changed("go-ahead, nothing follows", call.name, False, changed)
    texts = [turn.final_text or "" for turn in evidence.session.turns]
    texts += [turn.user_text or "" for turn in evidence.session.turns]
    stated = " ".join(texts)
    for call in made:
        for key, value in scalars(call.arguments):
            if value in stated:
                changed = with_value(rows, call.tool_id, value, another(value))
                what = f"{call.name}: {key} {value} → {another(value)}"
                yield Changed("write with another value", what, False, changed)


def retried(
    rows: Rows, evidence: Evidence, made: list[ToolCall], known: set[Any]
) -> Iterator[Changed]:
    """Yield the changes that add a failed attempt on a mistyped id before a call that worked."""
    for call in made:
        named_ids = ((k, v) for k, v in texts_of(call) if k.endswith("_id"))
        for key, value in itertools.islice(named_ids, 1):
            changed = with_attempt(rows, call.tool_id, key, mistyped(value))
            yield Changed("a mistyped id, then the good one", call.name, True, changed)
    written = {write.call.id for write in evidence.writes}
    reads = (r.call for r in evidence.readings if r.call.id not in written)
    asked = (call for call in reads if call.tool_id in known and texts_of(call)[:1])
    for call in itertools.islice(asked, 1):
        key, value = texts_of(call)[0]
        changed = with_attempt(rows, call.tool_id, key, mistyped(value))
        yield Changed("a failed read, then the good one", call.name, True, changed)


def texts_of(call: ToolCall) -> list[tuple[str, str]]:
    """Return the arguments of a call that are texts."""
    given = call.arguments if isinstance(call.arguments, dict) else {}
    return [(key, value) for key, value in given.items() if isinstance(value, str)]


def claims_of(evidence: Evidence, call_id: str) -> bool:
    """Tell whether an answer claims the effect of a write."""
    writes = {write.id for write in evidence.writes if write.call.id == call_id}
    return any(writes & set(claim.by) for claim in evidence.said.claims)


def scalars(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield the values that a person could tell: numbers, dates, codes and words, but no flags."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from scalars(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from scalars(inner, key)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        text = str(value)
        if len(text) > 2 and not key.endswith(("order_id", "user_id", "reservation_id", "reason")):
            yield key, text


def load(bundle: Path) -> Rows:
    """Return the rows of a bundle, with an id on each recorded result."""
    lines = (bundle / "spans.jsonl").read_text().splitlines()
    return named([json.loads(line) for line in lines])


def sessions(shared: Path) -> Iterator[tuple[str, Rows, bool]]:
    """Yield the shop and airline sessions: name, rows, and whether they were good."""
    labels = json.loads((shared / "bundles" / "labels.json").read_text())
    for name, label in sorted(labels.items()):
        if name.startswith("tau"):
            good = label["label"]["reward"] == 1.0
            yield name, load(shared / "bundles" / name), good


def judged(shared: Path) -> dict[str, list[bool]]:
    """Return for each kind of change whether the rules alone were right about each session."""
    rules = load_rules(None)
    right: dict[str, list[bool]] = {kind: [] for kind in WANTED}
    for name, rows, good in sessions(shared):
        for one in changes(rows, is_good=good):
            verdict = rules_only(read(one.rows), rules)
            is_yes = verdict.verdict is Satisfaction.YES
            right[one.kind].append(is_yes == one.is_good)
            if is_yes != one.is_good and "-v" in sys.argv:
                print(f"{name}: {one.kind}: {one.what}: {verdict.verdict}: {verdict.reason}")
    return right


def main() -> None:
    """Print for each kind of change how many are right by the rules alone, and what is wanted."""
    shared = ROOT.parent / "shared" / "data"
    if not (shared / "bundles").is_dir():
        sys.exit(f"no sessions at {shared / 'bundles'}; nothing to change")
    right = judged(shared)
    print(f"{'change':36}{'n':>5}{'right':>8}{'want':>7}")
    for kind, found in right.items():
        share = f"{sum(found) / len(found):.0%}" if found else "-"
        print(f"{kind:36}{len(found):5}{share:>8}{WANTED[kind][1]:7.0%}")


if __name__ == "__main__":
    main()
