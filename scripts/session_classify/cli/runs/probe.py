"""What `probe` does: change sessions, gather each, ask the judge, and count."""

import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import msgspec

from session_classify.backends.bundle import open_bundle
from session_classify.cli.digests import digest_of
from session_classify.cli.judging import judged
from session_classify.errors import ClassifyError, UnusableInputError, UsageError
from session_classify.evidence.findings import Evidence
from session_classify.gathering.case import Case
from session_classify.gathering.gather import gather
from session_classify.population.interval import Interval, wilson
from session_classify.population.threads import prepare_for_threads
from session_classify.probing.changes import KINDS, Changed, changes
from session_classify.probing.rows import Rows, attributes, named
from session_classify.verdict.reconcile_rules import load_rules
from session_classify.verdict.rules_only import rules_only
from session_classify.vocabulary import Satisfaction, Unit
from session_classify.wire.trace.sessions import split_by_session
from session_classify.wire.trace.spans import read_spans

RULES = "rules"
_ENDLESS = 10**9
"""Sessions that could be changed: the interval of a share needs no correction."""


class Probe(msgspec.Struct, frozen=True):
    """What is asked, and whom."""

    judge: str
    seconds: float
    kinds: tuple[str, ...]
    most: int
    repeat: int
    jobs: int


class Subject(msgspec.Struct, frozen=True):
    """A changed session."""

    session: str
    change: Changed

    @property
    def told(self) -> dict[str, Any]:
        """The change without its rows."""
        one = self.change
        return {"session": self.session, "kind": one.kind, "what": one.what, "good": one.is_good}


class Answer(msgspec.Struct, frozen=True):
    """What the judge said of a changed session, once."""

    session: str
    kind: str
    what: str
    verdict: Satisfaction | None
    is_right: bool
    seconds: float
    characters: int
    """Of the digest that was read; 0 for the rules."""
    error: str = ""


class Tally(msgspec.Struct, frozen=True):
    """The answers to one kind of change."""

    kind: str
    wanted: str
    asked: int
    right: int
    interval: Interval
    errors: int
    seconds: float
    characters: int
    flips: int
    """Changed sessions with different verdicts at the repetitions."""


def changed_sessions(bundles: Iterable[str], probe: Probe) -> tuple[Subject, ...]:
    """Return the changes of every session of the bundles, at most `most` of a kind.

    Raises UsageError for an unknown kind, UnusableInputError where nothing can be changed.
    """
    if unknown := [kind for kind in probe.kinds if kind not in KINDS]:
        raise UsageError(f"there is no change {unknown[0]!r}; there are {', '.join(KINDS)}")
    counts: Counter[str] = Counter()
    found: list[Subject] = []
    for bundle in bundles:
        for session_id, rows in _sessions(bundle):
            for one in changes(rows, read_rows):
                if probe.kinds and one.kind not in probe.kinds:
                    continue
                counts[one.kind] += 1
                if counts[one.kind] <= probe.most:
                    found.append(Subject(session_id, one))
    if not found:
        raise UnusableInputError(
            "nothing to change: expected exported sessions whose model spans hold messages, with "
            "confirmed writes"
        )
    return tuple(found)


def answers_of(found: tuple[Subject, ...], probe: Probe) -> tuple[Answer, ...]:
    """Ask the judge about each changed session; an answer that cannot be had is an error row."""
    rules = load_rules(None)

    def one(subject: Subject) -> Answer:
        change, start, characters = subject.change, time.monotonic(), 0
        verdict, error = None, ""
        with TemporaryDirectory() as folder:
            try:
                case, evidence = gather_rows(change.rows, Path(folder))
                if probe.judge == RULES:
                    verdict = rules_only(evidence, rules).verdict
                else:
                    characters = len(digest_of(case, evidence).text)
                    verdict = judged(case, evidence, probe.judge, probe.seconds, rules).verdict
            except ClassifyError as problem:
                error = " ".join(str(problem).split())
        is_right = verdict is not None and (verdict is Satisfaction.YES) == change.is_good
        took = time.monotonic() - start
        return Answer(
            subject.session, change.kind, change.what, verdict, is_right, took, characters, error
        )

    asked = [subject for subject in found for _ in range(probe.repeat)]
    answers = []
    prepare_for_threads()
    with ThreadPoolExecutor(probe.jobs) as pool:
        for number, answer in enumerate(pool.map(one, asked), 1):
            answers.append(answer)
            if number % 20 == 0 or answer.error:
                click.echo(
                    f"{number} of {len(asked)}{': ' * bool(answer.error)}{answer.error}", err=True
                )
    return tuple(answers)


def tallies(answers: Iterable[Answer]) -> tuple[Tally, ...]:
    """Return a row for each kind; shares are of the answers that came."""
    by: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        by[answer.kind].append(answer)
    return tuple(_tally(kind, by[kind]) for kind in KINDS if by.get(kind))


def _tally(kind: str, answers: list[Answer]) -> Tally:
    came = [answer for answer in answers if answer.verdict is not None]
    right = sum(answer.is_right for answer in came)
    said: dict[tuple[str, str], set[Satisfaction | None]] = defaultdict(set)
    for answer in came:
        said[answer.session, answer.what].add(answer.verdict)
    return Tally(
        kind,
        "yes" if KINDS[kind] else "not yes",
        len(came),
        right,
        wilson(right, len(came), _ENDLESS),
        len(answers) - len(came),
        sum(answer.seconds for answer in answers) / len(answers),
        sum(answer.characters for answer in answers) // len(answers),
        sum(len(verdicts) > 1 for verdicts in said.values()),
    )


def _sessions(bundle: str) -> Iterable[tuple[str, Rows]]:
    """Yield each session of a bundle with its rows, results named by the ids of their calls."""
    place = open_bundle(Path(bundle).expanduser())
    lines = [line for line in place.spans.read_bytes().splitlines() if line.strip()]
    spans = read_spans(lines, bundle).spans
    rows = [row for row in map(json.loads, lines) if isinstance(row.get("attributes"), dict)]
    for session in split_by_session(spans):
        own = {(span.trace_id, span.span_id) for span in session.spans}
        kept = [row for row in rows if _key(row) in own]
        if session.ids and kept:
            yield session.ids[0], named(kept)


def _key(row: dict[str, Any]) -> tuple[str, str]:
    told = attributes(row)
    return str(told.get("trace_id")), str(told.get("span_id"))


def read_rows(rows: Rows) -> Evidence:
    """Return the evidence of a session's rows."""
    with TemporaryDirectory() as folder:
        return gather_rows(rows, Path(folder))[1]


def gather_rows(rows: Rows, folder: Path) -> tuple[Case, Evidence]:
    """Make the case of a session from its rows, in an empty folder."""
    bundle = folder / "bundle"
    bundle.mkdir()
    text = "\n".join(json.dumps(row) for row in rows)
    (bundle / "spans.jsonl").write_text(text, encoding="utf-8")
    spans = read_spans(text.encode().splitlines(), "changed rows").spans
    session_id = next(session.ids[0] for session in split_by_session(spans) if session.ids)
    return gather(open_bundle(bundle), Unit.SESSION, session_id, folder / "case")
