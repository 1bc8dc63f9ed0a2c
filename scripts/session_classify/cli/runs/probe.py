"""What `probe` does: change sessions, gather each, ask the judge, and count."""

import json
import time
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
from session_classify.errors import (
    ClassifyError,
    RefusedError,
    UnreachableError,
    UnusableInputError,
    UsageError,
)
from session_classify.evidence.findings import Evidence
from session_classify.gathering.case import Case
from session_classify.gathering.gather import gather
from session_classify.population.threads import prepare_for_threads
from session_classify.probing.changes import KINDS, changes
from session_classify.probing.rows import Rows, attributes, named
from session_classify.probing.tallies import Answer, Choice, Chosen, Subject
from session_classify.verdict.judge import judge_of
from session_classify.verdict.reconcile_rules import Rule, load_rules
from session_classify.verdict.rules_only import rules_only
from session_classify.vocabulary import Satisfaction, Unit
from session_classify.wire.trace.sessions import split_by_session
from session_classify.wire.trace.spans import read_spans

RULES = "rules"
_ENOUGH = 8
"""Questions without any answer after which a judge is given up."""


class Probe(msgspec.Struct, frozen=True):
    """What is asked, and whom."""

    judge: str
    seconds: float
    kinds: tuple[str, ...]
    most: int
    repeat: int
    jobs: int


def changed_sessions(bundles: Iterable[str], probe: Probe) -> tuple[Chosen, ...]:
    """Return the changes of every session of the bundles by kind, at most `most` of each.

    A session that is given twice counts once. Raises UsageError for an unknown kind and for a judge
    that cannot be asked, UnusableInputError where nothing can be changed.
    """
    if unknown := [kind for kind in probe.kinds if kind not in KINDS]:
        raise UsageError(f"there is no change {unknown[0]!r}; there are {', '.join(KINDS)}")
    if probe.judge != RULES:
        judge_of(probe.judge, probe.seconds)
    choice, seen = Choice(probe.most), set[str]()
    for bundle in bundles:
        for session_id, rows in _sessions(bundle):
            if session_id not in seen:
                choice.add(session_id, changes(rows, read_rows))
            seen.add(session_id)
    found = choice.chosen(probe.kinds or KINDS)
    if not any(one.subjects for one in found):
        raise UnusableInputError(
            "nothing to change: expected exported sessions whose model spans hold messages, with "
            "confirmed writes"
        )
    return found


def answers_of(found: tuple[Chosen, ...], probe: Probe) -> tuple[Answer, ...]:
    """Ask the judge about each changed session; an answer that cannot be had is an error row.

    Raises UnreachableError where the first questions, or all, get no answer.
    """
    rules = load_rules(None)
    asked = [subject for one in found for subject in one.subjects for _ in range(probe.repeat)]
    answers: list[Answer] = []
    prepare_for_threads()
    with ThreadPoolExecutor(probe.jobs) as pool:
        coming = pool.map(lambda subject: _answer(subject, probe, rules), asked)
        for number, answer in enumerate(coming, 1):
            answers.append(answer)
            if number % 20 == 0 or answer.error:
                click.echo(
                    f"{number} of {len(asked)}{': ' * bool(answer.error)}{answer.error}", err=True
                )
            in_vain = not any(one.verdict or one.is_refused for one in answers)
            if in_vain and number in (_ENOUGH, len(asked)):
                pool.shutdown(cancel_futures=True)
                raise UnreachableError(
                    f"the judge gave no answer to the first {number} questions; {answer.error}"
                )
    return tuple(answers)


def _answer(subject: Subject, probe: Probe, rules: tuple[Rule, ...]) -> Answer:
    change, start, characters = subject.change, time.monotonic(), 0
    verdict, error, is_refused = None, "", False
    with TemporaryDirectory() as folder:
        try:
            case, evidence = gather_rows(change.rows, Path(folder))
            if probe.judge == RULES:
                verdict = rules_only(evidence, rules).verdict
            else:
                characters = len(digest_of(case, evidence).text)
                verdict = judged(case, evidence, probe.judge, probe.seconds, rules).verdict
        except ClassifyError as problem:
            error, is_refused = " ".join(str(problem).split()), isinstance(problem, RefusedError)
    is_right = verdict is not None and (verdict is Satisfaction.YES) == change.is_good
    took = time.monotonic() - start
    return Answer(
        subject.session,
        subject.number,
        change.kind,
        change.what,
        verdict,
        is_right,
        took,
        characters,
        error,
        is_refused,
    )


def _sessions(bundle: str) -> Iterable[tuple[str, Rows]]:
    """Yield each session of a bundle with its rows, results named by the ids of their calls."""
    place = open_bundle(Path(bundle).expanduser())
    lines = [line for line in place.spans.read_bytes().splitlines() if line.strip()]
    read = read_spans(lines, bundle)
    if read.unreadable:
        click.echo(f"{len(read.unreadable)} rows are left out: {read.unreadable[0]}", err=True)
    rows = [row for line in lines if (row := _row(line)) is not None]
    for session in split_by_session(read.spans):
        own = {(span.trace_id, span.span_id) for span in session.spans}
        kept = [row for row in rows if _key(row) in own]
        if session.ids and kept:
            yield session.ids[0], named(kept)


def _row(line: bytes) -> dict[str, Any] | None:
    """Return a row of the export; None for another line, which `read_spans` tells."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    is_span = isinstance(row, dict) and isinstance(row.get("attributes"), dict)
    return row if is_span else None


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
