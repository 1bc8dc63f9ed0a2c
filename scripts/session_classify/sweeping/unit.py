"""One unit of a sweep: from its rows to a label and its findings."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from hashlib import blake2b

import msgspec

from session_classify.errors import ClassifyError, NotFoundError
from session_classify.evidence.findings import collect
from session_classify.gathering.asking import Recorded
from session_classify.gathering.gather import enriched
from session_classify.gathering.surroundings import Surroundings, gather_surroundings
from session_classify.instants import instant, nanoseconds, utc_now
from session_classify.model import Coverage, Finding
from session_classify.population.judgement import Ask, judged
from session_classify.population.labels import failed, label_from
from session_classify.population.run import Label
from session_classify.profiles.load import choose_profile
from session_classify.profiles.profile import Profile
from session_classify.verdict.reconcile_rules import Rule, load_rules
from session_classify.verdict.rules_only import rules_only
from session_classify.verdicts import Verdict
from session_classify.vocabulary import DEFAULT_SITE, Unit
from session_classify.wire.session.from_rows import build_session
from session_classify.wire.session.unreadable import unreadable
from session_classify.wire.trace.spans import SpanRows, read_spans, reason, tag


class _Keys(msgspec.Struct):
    trace_id: str | int
    session_id: str | int | None = None
    tags: list[str] | None = None
    ml_app: str | None = None
    start_ns: int | float | str | None = None


class _Row(msgspec.Struct):
    attributes: _Keys


class RowKey(msgspec.Struct, frozen=True):
    """What groups a row: its trace, and the session that it names, if any."""

    trace: str
    session: str = ""
    stratum: str = ""
    error: str = ""
    """Why the line is no row; then there is no trace."""


def key_of(line: str, by: str = "") -> RowKey:
    """Return what groups an exported row; a line that is none has an error.

    `by` is what makes the strata: `ml_app`, `day` or a tag.
    """
    try:
        keys = _decoder.decode(line).attributes
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        return RowKey("", error=reason(line.encode(), error))
    tags = tuple(keys.tags or ())
    session = keys.session_id if keys.session_id is not None else tag(tags, "session_id")
    return RowKey(str(keys.trace_id), str(session), _stratum(keys, tags, by))


def _stratum(keys: _Keys, tags: tuple[str, ...], by: str) -> str:
    if by == "ml_app":
        return keys.ml_app or tag(tags, by)
    if by == "day":
        with suppress(ValueError, OverflowError):
            return f"{instant(nanoseconds(keys.start_ns or 0)):%Y-%m-%d}"
    return tag(tags, by) if by else ""


_decoder = msgspec.json.Decoder(_Row)


Found = tuple[Label, tuple[Finding, ...], tuple[str, ...]]
"""A unit's label, its findings, and a line for each row that cannot be read."""


def classified(unit: Unit, unit_id: str, lines: Iterable[str]) -> Found:
    """Return what the rules alone say of a unit; what breaks is told in the label."""
    return _labelled(unit, unit_id, lines, lambda around, _: rules_only(around.evidence, _rules()))


def judged_unit(unit: Unit, unit_id: str, lines: Iterable[str], ask: Ask, name: str) -> Found:
    """Return what the judge called `name` says of a unit; what breaks is told in the label."""
    lines = sorted(lines)

    def verdict(around: Surroundings, rows: SpanRows) -> Verdict:
        nonce = blake2b("\n".join(lines).encode(), digest_size=8).hexdigest()
        coverage = around.told(Coverage(rows=rows.rows, unreadable=rows.unreadable))
        return judged(around.evidence, coverage, nonce, ask, name, _rules()).verdict

    return _labelled(unit, unit_id, lines, verdict)


def _labelled(
    unit: Unit,
    unit_id: str,
    lines: Iterable[str],
    verdict_of: Callable[[Surroundings, SpanRows], Verdict],
) -> Found:
    # Sorted: an engine hands rows over in any order, and repeated rows must not decide by it.
    rows = read_spans((line.encode() for line in sorted(lines)), "rows")
    try:
        session, _ = build_session(rows, unit, unit_id)
        if lost := unreadable(session):
            raise lost
        profile = _profile(session.ml_app)
        evidence = collect(enriched(session, profile, DEFAULT_SITE), profile)
        recorded = Recorded((), (), rows.spans)
        around = gather_surroundings(evidence, profile, recorded, None, utc_now())
        verdict = verdict_of(around, rows)
        found = around.evidence.findings
        return label_from(around.evidence.session, verdict, found), found, rows.unreadable
    except NotFoundError as error:
        why = rows.unreadable[0] if rows.unreadable and not rows.spans else str(error)
        return failed(unit, unit_id, NotFoundError(why)), (), rows.unreadable
    except ClassifyError as error:
        return failed(unit, unit_id, error), (), rows.unreadable
    except Exception as error:  # noqa: BLE001  one unit must not end the sweep
        told = ClassifyError(f"internal error ({type(error).__name__}: {error})")
        return failed(unit, unit_id, told), (), rows.unreadable


@cache
def _profile(ml_app: str) -> Profile:
    return choose_profile(ml_app)


@cache
def _rules() -> tuple[Rule, ...]:
    return load_rules()
