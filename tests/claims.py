"""`make claims`: how well claims are found on 180 real answers, and on copies that are changed.

A third of the answers is held back: its errors are printed only with `--all`.
"""

import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from session_classify.evidence.conversation.claims.claim import Backing
from session_classify.evidence.findings import collect
from session_classify.model import Session
from tests.claim_changes import dropped, failed, revalued
from tests.claim_corpus import Sample, samples, sentence_hash

TURNS = Path(__file__).parent.parent.parent / "shared" / "data" / "claims" / "turns.jsonl"
TRUTHS = {"backed": Backing.WHOLE, "half": Backing.HALF, "nothing": Backing.NOTHING}


def measure(sample: Sample) -> tuple[Counter[str], list[str]]:
    """Return what was found of one answer, by name, and a line for each error.

    `found`, `false` and `missed` count sentences that state an effect, `right` those whose backing
    is as labelled, `by` those for which the same calls were named; `compared` counts told values,
    `wrong values` those that are told otherwise, `false values` those of them that are not so.
    """
    evidence = collect(sample.session)
    last = sample.session.turns[-1].number
    claims = {sentence_hash(c.sentence): c for c in evidence.said.claims if c.turn == last}
    calls = {write.id: write.call.id for write in evidence.writes}
    count: Counter[str] = Counter()
    errors: list[str] = []
    for name, label in sample.effects.items():
        claim = claims.pop(name, None)
        if label["truth"] == "maybe":
            continue
        if claim is None:
            count["missed"] += 1
            errors.append(f"missed: {name}")
            continue
        count["found"] += 1
        is_right = claim.backing is TRUTHS[label["truth"]]
        count["right"] += is_right
        count["by"] += {calls.get(by, by) for by in claim.by} == set(label["by"])
        if not is_right:
            errors.append(f"labelled {label['truth']}, {claim.backing.value}: {claim.sentence}")
    count["false"] += len(claims)
    errors += [f"no effect: {claim.sentence}" for claim in claims.values()]
    wrong = {value["hash"] for value in sample.values if value["truth"] == "mismatch"}
    for value in evidence.said.values:
        count["compared"] += 1
        count["wrong values"] += not value.matches
        if not value.matches and sentence_hash(value.sentence) not in wrong:
            count["false values"] += 1
            errors.append(f"no mismatch: {value.field} {value.said}: {value.sentence}")
    return count, errors


def measure_changes(sample: Sample) -> Counter[str]:
    """Return how many changed copies of an answer that tells the truth have a finding."""
    count: Counter[str] = Counter()
    if not any(label["truth"] == "backed" for label in sample.effects.values()):
        return count
    known = _quotes(sample.session)
    copies = [("dropped", dropped(sample.session)), ("failed", failed(sample.session))]
    copies += [("with another value", copy) for _, copy in revalued(sample.session)]
    for name, copy in copies:
        if copy is not None:
            count[name] += 1
            count[f"{name}, found"] += bool(_quotes(copy) - known)
    return count


def _quotes(session: Session) -> set[str]:
    return {f.quote for f in collect(session).findings if f.id.startswith("claim")}


def measured(parts: Iterable[Sample]) -> Counter[str]:
    """Return the counts of several answers together."""
    total: Counter[str] = Counter()
    for sample in parts:
        total += measure(sample)[0] + measure_changes(sample)
    return total


def ratio(part: int, whole: int) -> str:
    """Return a share as people read it."""
    return f"{part / whole:.2f} ({part} of {whole})" if whole else "none"


def report(title: str, count: Counter[str]) -> None:
    """Print the figures of one part."""
    found, wrong = count["found"], count["wrong values"]
    true = count["with another value, found"] + wrong - count["false values"]
    print(title)
    print(f"  effects: precision {ratio(found, found + count['false'])}")
    print(f"  effects: recall {ratio(found, found + count['missed'])}")
    print(f"  backing as labelled {ratio(count['right'], found)}")
    print(f"  by the same calls {ratio(count['by'], found)}")
    print(f"  told against stored: {count['compared']} compared, {wrong} told otherwise")
    print(f"  told against stored: precision {ratio(true, true + count['false values'])}")
    for name in ("dropped", "failed", "with another value"):
        print(f"  last write {name}: found {ratio(count[f'{name}, found'], count[name])}")


def main() -> None:
    """Print the report."""
    if not TURNS.is_file():
        print(f"claims skipped: {TURNS} is not there")
        return
    every = list(samples(TURNS))
    for sample in every:
        if not sample.is_held_back or "--all" in sys.argv:
            for error in measure(sample)[1]:
                print(sample.id, error)
    for title, held_back in (("rules were made on", False), ("were held back", True)):
        parts = [sample for sample in every if sample.is_held_back is held_back]
        report(f"{len(parts)} answers that {title}", measured(parts))


if __name__ == "__main__":
    main()
