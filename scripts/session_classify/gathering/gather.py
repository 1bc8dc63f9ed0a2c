"""From a backend to a case: fetch, decode, collect findings, store."""

from collections.abc import Callable, Iterator
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from msgspec.structs import replace

from session_classify import __version__
from session_classify.backends import Backend, RawAnswer
from session_classify.errors import ClassifyError, UnusableInputError
from session_classify.evidence.findings import Evidence, collect, recalled
from session_classify.gathering.asking import Ask, Recorded
from session_classify.gathering.case import Case, located
from session_classify.gathering.case_files import CaseInfo
from session_classify.gathering.draft import new_case
from session_classify.gathering.links import unit_link
from session_classify.gathering.protocols import check_content, check_rum, check_unit
from session_classify.gathering.raw_files import keep_answers_alone
from session_classify.gathering.surroundings import Surroundings, gather_surroundings
from session_classify.inputs import as_text
from session_classify.instants import utc_now
from session_classify.model import Coverage, Session
from session_classify.profiles.kinds import with_kinds
from session_classify.profiles.load import choose_profile
from session_classify.profiles.profile import Profile
from session_classify.queries.call import Call, Received
from session_classify.redaction import redacted
from session_classify.storage import ELSEWHERE, storing
from session_classify.vocabulary import Protocol, Unit
from session_classify.wire.session.from_rows import build_session
from session_classify.wire.session.unreadable import unreadable
from session_classify.wire.trace.spans import Span, SpanRows, read_spans


def gather(
    backend: Backend,
    unit: Unit,
    unit_id: str,
    path: Path,
    profile_path: Path | None = None,
    protocol: Protocol = Protocol.LLM_OBS,
) -> tuple[Case, Evidence]:
    """Make the case of one session or trace at `path` and return it with its evidence.

    Raises UnusableInputError when no raw data is usable or the protocol's requirements are not met,
    NotFoundError when the unit is not in the data.
    """
    check_unit(protocol, unit)
    digest = blake2b(digest_size=8)
    with new_case(located(path), unit, unit_id) as draft:
        found = _collect(backend, unit, unit_id, draft.raw, digest, profile_path, protocol)
        info = CaseInfo(
            unit=unit,
            id=unit_id,
            backend=backend.name,
            profile=as_text(profile_path.resolve()) if profile_path else found.profile.app,
            site=backend.site,
            nonce=digest.hexdigest(),
            coverage=found.coverage,
            versions={"session_classify": __version__},
            protocol=protocol,
        )
        evidence = found.around.evidence
        case = draft.keep(info, found.session, evidence.findings, found.around.events)
        return case, evidence


def missing_calls(backend: Backend, unit: Unit, unit_id: str) -> dict[str, str]:
    """Return the calls that a unit needs and its backend cannot make, by key; nothing is kept.

    No call depends on what the answers state, so that is not read. Raises what `gather` raises.
    """

    def writes_alone(session: Session, _: Profile) -> Evidence:
        return recalled(session, ())

    with TemporaryDirectory() as folder:
        digest = blake2b(digest_size=8)
        place, protocol = Path(folder), Protocol.LLM_OBS
        _collect(backend, unit, unit_id, place, digest, None, protocol, writes_alone)
        return backend.unanswered


class _Collected(msgspec.Struct, frozen=True):
    session: Session
    around: Surroundings
    profile: Profile
    coverage: Coverage


def _collect(
    backend: Backend,
    unit: Unit,
    unit_id: str,
    folder: Path,
    digest: blake2b,
    profile_path: Path | None,
    protocol: Protocol,
    read_evidence: Callable[[Session, Profile], Evidence] = collect,
) -> _Collected:
    """Fetch and decode everything of a unit, with its raw answers in `folder`."""
    stored = list(_kept(backend.answers(unit, unit_id), folder, digest))
    read = _read(stored, unit, unit_id)
    for _ in range(_ROUNDS):
        calls = (*read.wanted, *read.evaluation_calls)
        came = list(_kept(backend.more(calls), folder, digest)) if calls else []
        if not came:
            break
        stored += came
        read = _read(stored, unit, unit_id)
    if read.error is not None:
        raise read.error
    _drop(stored, read.unrecognised)
    keep_answers_alone(path for answer, path in stored if answer.origin and path.exists())
    check_content(protocol, read.session, read.coverage)
    expired = read.coverage.is_expired
    lost = unreadable(read.session, expired=expired, more=bool(read.wanted))
    if lost is not None and not _leaves_rum(lost, unit):
        raise lost
    profile = choose_profile(read.session.ml_app, profile_path)
    session = enriched(read.session, profile, backend.site)
    around = gather_surroundings(
        read_evidence(session, profile),
        profile,
        _recorded(stored, read),
        _asking(backend, folder, digest) if backend.answers_calls else None,
        utc_now(),
    )
    check_rum(protocol, session, lost, known=bool(around.events.rum), coverage=around.rum)
    coverage = around.told(read.coverage)
    if backend.unanswered:
        coverage = replace(coverage, next_calls=tuple(backend.unanswered.values()))
    return _Collected(session, around, profile, coverage)


_ROUNDS = 12
"""Most rounds of calls after the first: pages of a search, then content sources."""


class _Read(msgspec.Struct, frozen=True):
    session: Session
    coverage: Coverage
    spans: tuple[Span, ...] = ()
    """Spans of every session in the answers."""
    rum: frozenset[str] = frozenset()
    """Names of the answers with RUM events."""
    audit: frozenset[str] = frozenset()
    """Names of the answers with audit rows."""
    wanted: tuple[Call, ...] = ()
    evaluation_calls: tuple[Call, ...] = ()
    unrecognised: frozenset[str] = frozenset()
    """Names of the files of unknown content."""
    error: ClassifyError | None = None
    """Why there is no session; further pages may still bring one."""


def _read(stored: list[tuple[RawAnswer, Path]], unit: Unit, unit_id: str) -> _Read:
    """Decode the stored answers: exported rows by their backend, others by detected content."""
    paths = {answer.shape: path for answer, path in stored}
    if "spans" not in paths:
        return _read_answers(stored, unit, unit_id)
    rows = _read_rows(paths["spans"])
    session, notes = build_session(rows, unit, unit_id)
    return _Read(
        session,
        Coverage(rows=rows.rows, unreadable=rows.unreadable, notes=notes),
        rows.spans,
        frozenset({paths["rum"].name} if "rum" in paths else ()),
        frozenset({paths["audit"].name} if "audit" in paths else ()),
    )


def _read_answers(stored: list[tuple[RawAnswer, Path]], unit: Unit, unit_id: str) -> _Read:
    # imported here: only files and tool answers need it
    from session_classify.wire.answers.shapes import Shape
    from session_classify.wire.session.from_answers import session_of_answers
    from session_classify.wire.session.next_calls import (
        further_pages,
        missing_evaluations,
        next_calls,
    )
    from session_classify.wire.session.sort_answers import read_answers

    received = (_received(answer, path) for answer, path in stored)
    answers = read_answers(received, unit_id if unit is Unit.TRACE else "")
    try:
        gathered = session_of_answers(answers, unit, unit_id)
    except ClassifyError as error:
        nothing = Session(unit_id, unit, "", ())
        pages = further_pages(answers, unit, unit_id)
        return _Read(nothing, Coverage(), wanted=pages, error=error)
    recognised = frozenset[str]().union(*answers.shapes.values())
    wanted, evaluation_calls = next_calls(gathered, answers), missing_evaluations(gathered, answers)
    coverage = Coverage(
        rows=answers.rows.rows,
        unreadable=answers.rows.unreadable,
        truncated=answers.truncated,
        notes=(
            *gathered.notes,
            *(f"evaluations were not fetched: {call.told}" for call in evaluation_calls),
        ),
        next_calls=tuple(call.told for call in wanted),
        evaluations_asked=bool(answers.rows.spans) and not evaluation_calls,
        is_expired=answers.is_gone,
    )
    return _Read(
        gathered.session,
        coverage,
        answers.rows.spans,
        answers.named(Shape.RUM) | answers.named(Shape.RUM_COUNTS),
        answers.named(Shape.AUDIT),
        tuple(call for call in wanted if call.is_plain),
        tuple(call for call in evaluation_calls if call.is_plain),
        frozenset(answer.origin for answer, _ in stored if answer.origin) - recognised,
    )


def _drop(stored: list[tuple[RawAnswer, Path]], names: frozenset[str]) -> None:
    """Remove stored files: a case must not keep copies of unrelated files."""
    for answer, path in stored:
        if answer.origin in names:
            path.unlink()


def _leaves_rum(lost: UnusableInputError, unit: Unit) -> bool:
    """Return whether RUM is still queried although nothing of the session is readable."""
    return lost.code == "llmobs_content_masked" and unit is Unit.SESSION


def _recorded(stored: list[tuple[RawAnswer, Path]], read: _Read) -> Recorded:
    """Return the data around the session that came with it."""

    def received(names: frozenset[str]) -> tuple[Received, ...]:
        return tuple(
            _received(answer, path)
            for answer, path in stored
            if (answer.origin or answer.name) in names
        )

    return Recorded(received(read.rum), received(read.audit), read.spans)


def _asking(backend: Backend, folder: Path, digest: blake2b) -> Ask:
    """Return a function that makes calls and stores their answers with the others."""

    def ask(calls: tuple[Call, ...]) -> tuple[Received, ...]:
        came = _kept(backend.more(calls, needed=False), folder, digest)
        return tuple(_received(answer, path) for answer, path in came)

    return ask


def _received(answer: RawAnswer, path: Path) -> Received:
    """Return a stored answer under the name of its origin."""
    return Received(answer.origin or answer.name, path.read_bytes(), answer.about)


def _kept(
    answers: Iterator[RawAnswer], folder: Path, digest: blake2b
) -> Iterator[tuple[RawAnswer, Path]]:
    """Yield each answer with the file to which it was written, as they arrive."""
    for answer in answers:
        yield answer, _store(answer, folder, digest)


def _store(answer: RawAnswer, folder: Path, digest: blake2b) -> Path:
    path = folder / answer.name
    with storing(path, ELSEWHERE), path.open("xb") as file:
        for chunk in answer.chunks:
            file.write(chunk)
            digest.update(chunk)
    return path


def _read_rows(path: Path) -> SpanRows:
    with path.open("rb") as file:
        rows = read_spans(file, path.name)
    if not rows.rows:
        raise UnusableInputError(f"{path.name} is empty; expected one span a line")
    if not rows.spans:
        raise UnusableInputError(
            f"no usable span in {rows.rows} rows: {rows.unreadable[0]}; "
            "expected rows of the LLM Observability Export API"
        )
    return rows


def enriched(session: Session, profile: Profile, site: str) -> Session:
    """Return a session without secrets, with the kinds of its tools and a link to it."""
    links = (unit_link(session.unit, session.id, site),)
    return replace(with_kinds(redacted(session), profile), links=links)
