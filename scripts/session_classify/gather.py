"""From a backend to a case: fetch, decode, work out the findings, write everything down."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path

from session_classify import __version__
from session_classify.backends import Backend, RawAnswer
from session_classify.backends.queries import Call
from session_classify.case import Case, CaseInfo, fill_case, new_case, open_case
from session_classify.errors import ClassifyError, UnusableInputError
from session_classify.evidence.findings import Evidence, collect
from session_classify.model import Coverage, Session
from session_classify.profiles.kinds import with_kinds
from session_classify.profiles.load import choose_profile
from session_classify.profiles.profile import Profile
from session_classify.redaction import redacted
from session_classify.vocabulary import Unit
from session_classify.wire.sessions import build_session
from session_classify.wire.spans import SpanRows, read_spans
from session_classify.wire.unreadable import refuse_unreadable


def gather(
    backend: Backend, unit: Unit, unit_id: str, path: Path, profile_path: Path | None = None
) -> tuple[Case, Evidence]:
    """Make the case of one session or trace at `path` and return it with its evidence.

    Raises UnusableInputError when nothing in the raw data can be used, NotFoundError when the unit
    is not in it.
    """
    path = path.expanduser().resolve()
    with new_case(path, unit, unit_id) as folder:
        digest = blake2b(digest_size=8)
        stored = list(_kept(backend.answers(unit, unit_id), folder / "raw", digest))
        read = _read(stored, unit, unit_id)
        for _ in range(_ROUNDS):
            calls = (*read.wanted, *read.judges)
            came = list(_kept(backend.more(calls), folder / "raw", digest)) if calls else []
            if not came:
                break
            stored += came
            read = _read(stored, unit, unit_id)
        if read.error is not None:
            raise read.error
        refuse_unreadable(read.session, expired=read.expired, more=bool(read.wanted))
        profile = choose_profile(read.session.ml_app, profile_path)
        session = _enriched(read.session, profile, backend.site)
        evidence = collect(session)
        info = CaseInfo(
            unit=unit,
            id=unit_id,
            backend=backend.name,
            profile=str(profile_path) if profile_path else profile.app,
            site=backend.site,
            nonce=digest.hexdigest(),
            coverage=read.coverage,
            versions={"session_classify": __version__},
        )
        fill_case(folder, info, session, evidence.findings)
    return open_case(path), evidence


_ROUNDS = 12
"""Rounds of calls after the first: pages of a search, then the sources of the cascade."""


@dataclass(frozen=True, slots=True)
class _Read:
    session: Session
    coverage: Coverage
    wanted: tuple[Call, ...] = ()
    judges: tuple[Call, ...] = ()
    expired: bool = False
    error: ClassifyError | None = None
    """Why there is no session; pages that were not asked for yet may bring one."""


def _read(stored: list[tuple[RawAnswer, Path]], unit: Unit, unit_id: str) -> _Read:
    """Read what was stored: exported rows as they are, anything else by what it turns out to be."""
    paths = {answer.shape: path for answer, path in stored}
    if "spans" not in paths:
        return _read_answers(stored, unit, unit_id)
    rows = _read_rows(paths["spans"])
    session, notes = build_session(rows, unit, unit_id)
    return _Read(
        session,
        Coverage(
            rows=rows.rows,
            unreadable=rows.unreadable,
            notes=notes,
            rum=_recorded("rum" in paths),
            audit=_recorded("audit" in paths),
        ),
    )


def _read_answers(stored: list[tuple[RawAnswer, Path]], unit: Unit, unit_id: str) -> _Read:
    # Only results in files and the tools' own answers need these.
    from session_classify.wire.answers import Received, read_answers
    from session_classify.wire.gathered import session_of_answers
    from session_classify.wire.shapes import Shape
    from session_classify.wire.wanted import further_pages, next_calls, unasked_judges

    received = (
        Received(answer.origin or answer.name, path.read_bytes(), answer.about)
        for answer, path in stored
    )
    answers = read_answers(received, unit_id if unit is Unit.TRACE else "")
    try:
        gathered = session_of_answers(answers, unit, unit_id)
    except ClassifyError as error:
        nothing = Session(unit_id, unit, "", ())
        return _Read(nothing, Coverage(), further_pages(answers, unit, unit_id), error=error)
    wanted, judges = next_calls(gathered, answers), unasked_judges(gathered, answers)
    coverage = Coverage(
        rows=answers.rows.rows,
        unreadable=answers.rows.unreadable,
        notes=(*gathered.notes, *(f"evaluations were not asked for: {call}" for call in judges)),
        next_calls=tuple(map(str, wanted)),
        rum=_recorded(answers.shapes[Shape.RUM] + answers.shapes[Shape.RUM_COUNTS] > 0),
        audit=_recorded(answers.shapes[Shape.AUDIT] > 0),
    )
    return _Read(gathered.session, coverage, wanted, judges, answers.is_gone)


def _kept(
    answers: Iterator[RawAnswer], folder: Path, digest: blake2b
) -> Iterator[tuple[RawAnswer, Path]]:
    """Yield each answer with the file that it was written to, as they come."""
    for answer in answers:
        yield answer, _store(answer, folder, digest)


def _store(answer: RawAnswer, folder: Path, digest: blake2b) -> Path:
    path = folder / answer.name
    with path.open("xb") as file:
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


def _enriched(session: Session, profile: Profile, site: str) -> Session:
    return replace(with_kinds(redacted(session), profile), links=(session_link(session, site),))


def session_link(session: Session, site: str) -> str:
    """Return where the unit is seen in the app (contracts, seed-002-blanks, M3 rows)."""
    host = f"app.{site}" if site.count(".") == 1 else site
    return f"https://{host}/llm/traces?query={session.unit}_id:{session.id}"


def _recorded(is_there: bool) -> str:
    return "recorded in raw/, not read by this version" if is_there else "none recorded"
