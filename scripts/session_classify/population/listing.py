"""The root spans of an app in a window, from any backend that can list them."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import msgspec

from session_classify.backends import Backend, RawAnswer
from session_classify.errors import NotFoundError, UnusableInputError
from session_classify.instants import instant
from session_classify.queries.app import exported_spans, root_spans
from session_classify.queries.call import Received
from session_classify.queries.rum import Window
from session_classify.vocabulary import Unit
from session_classify.wire.session.sort_answers import Answers, read_answers
from session_classify.wire.trace.spans import Span, read_spans

_PAGES = 400
"""Most pages of a listing, up to 50 roots each from servers that list an app's roots."""


class Listing(msgspec.Struct, frozen=True):
    """What a backend has of an app in a window."""

    spans: tuple[Span, ...]
    """Root spans, and from files the spans below them."""
    foreign: int = 0
    """Rows of other apps, which were dropped."""
    notes: tuple[str, ...] = ()
    """What the listing lacks."""


def list_app(
    backend: Backend, app: str, window: Window, *, told: Callable[[str], None], is_given: bool
) -> Listing:
    """Return an app's spans in the window; from files without a given window, all of them.

    Raises NotFoundError with code `no_traces_found` where there is none.
    """
    notes: tuple[str, ...] = ()
    if backend.answers_calls:
        spans, notes = _paged(backend, app, window, told)
    else:
        spans, notes = _whole(backend)
    own = _of_app(spans, app)
    if not own:
        others = ", ".join(sorted({span.ml_app for span in spans if span.ml_app})[:5])
        hint = f" There are spans of {others}." if others else ""
        raise no_traces(app, f"Check the app name and timeframe.{hint}")
    inside = own if not is_given and not backend.answers_calls else _inside(own, window)
    if not inside:
        first, last = (instant(end(span.start for span in own)) for end in (min, max))
        after = last + timedelta(1)
        raise no_traces(app, f"There are some with --timeframe {first:%Y-%m-%d}/{after:%Y-%m-%d}.")
    return Listing(inside, len(spans) - len(own), notes)


def no_traces(app: str, hint: str) -> NotFoundError:
    """Return the error of an app without spans in a timeframe; `hint` says what to try."""
    told = f"No spans found for ml_app '{app}' in the given timeframe. {hint}"
    return NotFoundError(told, code="no_traces_found", mode="ml_app", id=app)


def _of_app(spans: tuple[Span, ...], app: str) -> tuple[Span, ...]:
    """Return the spans of every trace in which a span names the app."""
    traces = {span.trace_id for span in spans if app in (span.ml_app, span.tag("ml_app"))}
    return tuple(span for span in spans if span.trace_id in traces)


def _inside(spans: tuple[Span, ...], window: Window) -> tuple[Span, ...]:
    """Return the spans of the traces that begin in the window."""
    begins: dict[str, int] = {}
    for span in spans:
        begins[span.trace_id] = min(span.start, begins.get(span.trace_id, span.start))
    return tuple(span for span in spans if window.holds(instant(begins[span.trace_id])))


def _paged(
    backend: Backend, app: str, window: Window, told: Callable[[str], None]
) -> tuple[tuple[Span, ...], tuple[str, ...]]:
    """Follow the listing to its end; each span counts once, on whatever pages it is."""
    found: dict[tuple[str, str], Span] = {}
    cursor, cursors = "", {""}
    for number in range(1, _PAGES + 1):
        came = list(backend.more((root_spans(app, window, cursor),)))
        if not came:  # a backend that exports lists no roots
            came = list(backend.more((exported_spans(app, window, cursor),)))
        answers = _answers(iter(came))
        for span in answers.rows.spans:
            found[span.trace_id, span.span_id] = span
        cursor = answers.cursor or answers.export_cursor
        if not cursor or cursor in cursors:
            return tuple(found.values()), ()
        cursors.add(cursor)
        if number % 10 == 0:
            told(f"listed {len(found):,} root spans of {app}")
    oldest = min(span.start for span in found.values())
    note = (
        f"the listing was ended after {_PAGES} pages: only the units since "
        f"{instant(oldest):%Y-%m-%d %H:%M} UTC are in the population; narrow --timeframe"
    )
    return tuple(found.values()), (note,)


def _whole(backend: Backend) -> tuple[tuple[Span, ...], tuple[str, ...]]:
    """Return all spans of a backend that has everything from the start."""
    rows: list[Span] = []
    others: list[RawAnswer] = []
    notes: list[str] = []
    for answer in backend.answers(Unit.SESSION, "*"):
        if answer.shape == "spans":
            read = read_spans(_lines(answer.chunks), answer.name)
            rows += read.spans
            notes += read.unreadable
        elif answer.shape == "any":
            others.append(answer)
    if others:
        answers = _answers(iter(others))
        rows += answers.rows.spans
        notes += answers.rows.unreadable
    if not rows and notes:
        raise UnusableInputError(f"no usable span: {notes[0]}")
    lost = (f"{len(notes)} rows could not be read: {notes[0]}",) if notes else ()
    return tuple(rows), lost


def _answers(came: Iterator[RawAnswer]) -> Answers:
    received = [Received(a.origin or a.name, b"".join(a.chunks), a.about) for a in came]
    return read_answers(received, "")


def _lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the lines of a file that comes in chunks."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole
    if rest:
        yield rest
