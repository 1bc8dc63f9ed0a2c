"""The 180 real answers with their labels, as sessions: what `make claims` measures on."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from session_classify.model import Session, ToolCall
from session_classify.profiles.kinds import with_kinds
from session_classify.profiles.load import generic_profile
from session_classify.vocabulary import ToolKind
from tests.evidence.build import a_session, a_turn

HERE = Path(__file__).parent
LABELS = HERE / "evidence" / "claim_labels.jsonl"


@dataclass(frozen=True, slots=True)
class Sample:
    """One real answer: its session, and by the hash of a sentence what is true of it."""

    id: str
    session: Session
    effects: dict[str, dict[str, Any]]
    """By sentence: `truth` is backed, half, nothing or maybe, `by` the calls that back it."""
    values: tuple[dict[str, str], ...]
    """Values told beside a write: sentence, kind, and whether they match what was stored."""

    @property
    def is_held_back(self) -> bool:
        """A third of the answers is not looked at while rules are made."""
        return int(self.id, 16) % 3 == 0


def sentence_hash(sentence: str) -> str:
    """Return the name of a sentence in the labels: a hash of its letters and digits."""
    letters = re.sub(r"[^a-z0-9]", "", sentence.lower())
    return hashlib.sha256(letters.encode()).hexdigest()[:12]


def samples(file: Path) -> Iterator[Sample]:
    """Yield the labelled answers of a file of turns."""
    labels = {row["id"]: row for row in map(json.loads, LABELS.read_text().splitlines())}
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        name = hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()[:12]
        label = labels[name]
        effects = {entry["hash"]: entry for entry in label["sentences"]}
        yield Sample(name, session_of(row), effects, tuple(label["values"]))


def session_of(row: dict[str, Any]) -> Session:
    """Return an answer's session: a turn for each that made calls, the last with the answer."""
    turns: dict[int, list[ToolCall]] = {}
    for call in row["calls_before"]:
        turns.setdefault(call["turn"], []).append(_call(call))
    last = [_call(call) for call in row["calls_of_the_turn"]]
    before = [a_turn(None, None, *calls) for _, calls in sorted(turns.items())]
    session = a_session(*before, a_turn(None, row["answer"], *last))
    return with_kinds(session, generic_profile())


def _call(row: dict[str, Any]) -> ToolCall:
    return ToolCall("", row["name"], row["arguments"], row["result"], None, ToolKind.UNKNOWN)
