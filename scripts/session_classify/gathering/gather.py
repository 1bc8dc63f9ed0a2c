"""From a backend to a case: fetch, decode, collect findings, store."""

from collections.abc import Callable, Iterator
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from msgspec.structs import replace

from session_classify import __version__
from session_classify.backends import Backend, RawAnswer
from session_classify.errors import UnusableInputError
from session_classify.evidence.findings import Evidence, collect, recalled
from session_classify.gathering.asking import Ask, Recorded
from session_classify.gathering.case import Case, located
from session_classify.gathering.case_files import CaseInfo
from session_classify.gathering.draft import gathering, new_case
from session_classify.gathering.links import unit_link
from session_classify.gathering.protocols import check_content, check_rum, check_unit
from session_classify.gathering.raw_files import keep_answers_alone
from session_classify.gathering.stored import Read, Stored, as_received, read_stored
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
from session_classify.wire.session.unreadable import unreadable


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
    path = located(path)
    with gathering(path, unit, unit_id):
        return gather_held(backend, unit, unit_id, path, profile_path, protocol)


def gather_held(
    backend: Backend,
    unit: Unit,
    unit_id: str,
    path: Path,
    profile_path: Path | None,
    protocol: Protocol,
) -> tuple[Case, Evidence]:
    """Make the case as `gather` does, at an absolute path that is locked for gathering."""
    check_unit(protocol, unit)
    digest = blake2b(digest_size=8)
    with new_case(path) as draft:
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
    read = read_stored(stored, unit, unit_id)
    for _ in range(_ROUNDS):
        calls = (*read.wanted, *read.evaluation_calls)
        came = list(_kept(backend.more(calls), folder, digest)) if calls else []
        if not came:
            break
        stored += came
        read = read_stored(stored, unit, unit_id)
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


def _drop(stored: Stored, names: frozenset[str]) -> None:
    """Remove stored files: a case must not keep copies of unrelated files."""
    for answer, path in stored:
        if answer.origin in names:
            path.unlink()


def _leaves_rum(lost: UnusableInputError, unit: Unit) -> bool:
    """Return whether RUM is still queried although nothing of the session is readable."""
    return lost.code == "llmobs_content_masked" and unit is Unit.SESSION


def _recorded(stored: Stored, read: Read) -> Recorded:
    """Return the data around the session that came with it."""

    def named(names: frozenset[str]) -> tuple[Received, ...]:
        return tuple(
            as_received(answer, path)
            for answer, path in stored
            if (answer.origin or answer.name) in names
        )

    return Recorded(named(read.rum), named(read.audit), read.spans)


def _asking(backend: Backend, folder: Path, digest: blake2b) -> Ask:
    """Return a function that makes calls and stores their answers with the others."""

    def ask(calls: tuple[Call, ...]) -> tuple[Received, ...]:
        came = _kept(backend.more(calls, needed=False), folder, digest)
        return tuple(as_received(answer, path) for answer, path in came)

    return ask


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


def enriched(session: Session, profile: Profile, site: str) -> Session:
    """Return a session without secrets, with the kinds of its tools and a link to it."""
    links = (unit_link(session.unit, session.id, site),)
    return replace(with_kinds(redacted(session), profile), links=links)
