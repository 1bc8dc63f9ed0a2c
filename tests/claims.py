"""`make claims`: how well claims are found on 180 real answers, and every miss and false alarm.

A third of the answers is held back: its errors are printed only with `--all`.
"""

import sys
from collections import Counter
from pathlib import Path

from session_classify.evidence.conversation.claims.claim import Backing
from session_classify.evidence.findings import collect
from tests.claim_corpus import Sample, samples, sentence_hash

TURNS = Path(__file__).parent.parent.parent / "shared" / "data" / "claims" / "turns.jsonl"
TRUTHS = {"backed": Backing.WHOLE, "half": Backing.HALF, "nothing": Backing.NOTHING}


def measure(sample: Sample) -> tuple[Counter[str], list[str]]:
    """Return what was found of one answer, by name, and a line for each error.

    `found` and `false` and `missed` count sentences that state an effect, `right` those whose
    backing is as labelled, `by` those for which the same calls were named.
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
        by = {calls.get(name, name) for name in claim.by}
        count["right"] += is_right
        count["by"] += by == set(label["by"])
        if not is_right:
            errors.append(f"labelled {label['truth']}, {claim.backing.value}: {claim.sentence}")
    count["false"] += len(claims)
    errors += [f"no effect: {claim.sentence}" for claim in claims.values()]
    return count, errors


def ratio(part: int, whole: int) -> str:
    """Return a share as people read it."""
    return f"{part / whole:.2f} ({part} of {whole})" if whole else "none"


def report(title: str, count: Counter[str]) -> None:
    """Print the figures of one part."""
    found = count["found"]
    print(title)
    print(f"  precision {ratio(found, found + count['false'])}")
    print(f"  recall {ratio(found, found + count['missed'])}")
    print(f"  backing as labelled {ratio(count['right'], found)}")
    print(f"  by the same calls {ratio(count['by'], found)}")


def main() -> None:
    """Print the report."""
    if not TURNS.is_file():
        print(f"claims skipped: {TURNS} is not there")
        return
    parts: dict[bool, Counter[str]] = {False: Counter(), True: Counter()}
    for sample in samples(TURNS):
        count, errors = measure(sample)
        parts[sample.is_held_back].update(count)
        if not sample.is_held_back or "--all" in sys.argv:
            print(
                *(f"{sample.id} {error}" for error in errors), sep="\n", end="\n" if errors else ""
            )
    report("answers that the rules were made on", parts[False])
    report("answers that were held back", parts[True])


if __name__ == "__main__":
    main()
