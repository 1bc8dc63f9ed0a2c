"""Select one unit's spans from the rows of a file and build its session."""

from collections.abc import Iterable

from msgspec.structs import replace

from session_classify.errors import NotFoundError, UnusableInputError
from session_classify.model import Identity, Session, SystemPrompt, ToolDefinition, Turn
from session_classify.queries.unit_ids import session_tag
from session_classify.vocabulary import AppType, Unit
from session_classify.wire.session.turn_trees import all_turn_trees
from session_classify.wire.session.turns import read_turns
from session_classify.wire.trace.sessions import SessionSpans, put_together, split_by_session
from session_classify.wire.trace.spans import Span, SpanRows, trace_key
from session_classify.wire.trace.structure import app_type, has_content
from session_classify.wire.trace.trees import Tree

_RUM_SESSION = "rum.session_id"
"""The tag that `session_classify.instrument` writes."""


def build_session(rows: SpanRows, unit: Unit, unit_id: str) -> tuple[Session, tuple[str, ...]]:
    """Return the session or trace `unit_id`, and notes on what its trees lack.

    Raises NotFoundError with the existing ids, UnusableInputError for what cannot be judged.
    """
    chosen = choose_trees(rows, unit, unit_id)
    if _is_automation(chosen):
        raise _unclassifiable("a pipeline without any input or output", unit, unit_id)
    turns, system_prompts = read_turns(chosen)
    session = session_of_trees(chosen, turns, system_prompts, unit, unit_id)
    return session, tuple(note for tree in chosen for note in tree.notes)


def choose_trees(
    rows: SpanRows, unit: Unit, unit_id: str, *, unnamed: bool = False
) -> tuple[Tree, ...]:
    """Return the trees of one unit's turns.

    A session has the spans that name it or inherit it, whatever trace they lie in; with `unnamed`,
    it has all spans where none names any: some lists leave out tags. A trace has all its spans.
    """
    sessions = split_by_session(put_together(rows.spans, session_tag(unit_id)[0]))
    if unit is Unit.TRACE:
        chosen = _of_trace(sessions, trace_key(unit_id))
        there = [span.trace_id for session in sessions for span in session.spans]
    else:
        named = [session for session in sessions if session.is_named(unit_id)]
        there = [session.ids[0] for session in sessions if session.ids]
        if unnamed and not there:
            named = list(sessions)
        chosen = all_turn_trees(named)
    if not chosen:
        raise NotFoundError(
            f"no {unit} {unit_id[:80]} in these spans; {_name_ids(unit, there)}",
            code="llmobs_not_found",
            mode=f"{unit}_id",
            id=unit_id,
        )
    return chosen


def _of_trace(sessions: Iterable[SessionSpans], trace: str) -> tuple[Tree, ...]:
    """Return the turns of a trace; where it holds several sessions, it says so."""
    parts = []
    for session in sessions:
        spans = tuple(span for span in session.spans if trace_key(span.trace_id) == trace)
        if spans:
            parts.append(replace(session, spans=spans, shared=()))
    found = all_turn_trees(parts)
    count = sum(bool(part.ids) for part in parts)
    if count > 1:
        note = f"trace {found[0].root.trace_id} holds {count} sessions; gather each by its own id"
        found = (replace(found[0], notes=(*found[0].notes, note)), *found[1:])
    return found


def session_of_trees(
    chosen: tuple[Tree, ...],
    turns: tuple[Turn, ...],
    system_prompts: tuple[SystemPrompt, ...],
    unit: Unit,
    unit_id: str,
) -> Session:
    """Return the session of these turns, with user and app from its trees.

    Raises UnusableInputError for spans of embeddings alone: they have no conversation.
    """
    kind = app_type(chosen)
    if kind is AppType.EMBEDDING and not any(span.input.messages for span in _spans(chosen)):
        raise _unclassifiable("all spans are of kind embedding", unit, unit_id)
    tags = first_tags(_spans(chosen))
    return Session(
        id=unit_id,
        unit=unit,
        ml_app=next((span.ml_app for span in _spans(chosen) if span.ml_app), ""),
        turns=turns,
        app_type=kind,
        identity=identity_of(tags, _rum_sessions(chosen)),
        product_area=tags.get("product_area", ""),
        system_prompts=system_prompts,
        tools=_tools(chosen),
    )


def _is_automation(chosen: tuple[Tree, ...]) -> bool:
    """Return whether an export is a pipeline without any recorded text."""
    spans = tuple(_spans(chosen))
    silent = not any(span.kind in ("agent", "llm") or has_content(span) for span in spans)
    return silent and any(span.kind in ("workflow", "task", "retrieval") for span in spans)


def _unclassifiable(found: str, unit: Unit, unit_id: str) -> UnusableInputError:
    return UnusableInputError(
        f"{found}: there is no conversation to judge; look at the rates of status ok and error",
        code="unclassifiable_app_type",
        mode=f"{unit}_id",
        id=unit_id,
    )


def _spans(chosen: tuple[Tree, ...]) -> Iterable[Span]:
    """Roots first: `annotate()` puts a user's tags on the root alone.

    Source: `references/sources/spans.md#sdk-payloads`.
    """
    yield from (tree.root for tree in chosen)
    yield from (span for tree in chosen for span in tree.below)


def first_tags(spans: Iterable[Span]) -> dict[str, str]:
    """Return the first value of every tag key of spans."""
    found: dict[str, str] = {}
    for span in spans:
        for text in span.tags:
            key, _, value = text.partition(":")
            if value:
                found.setdefault(key, value)
    return found


def identity_of(tags: dict[str, str], rum_sessions: tuple[str, ...] = ()) -> Identity:
    """Return the user's ids in tags, of whatever name apps give them."""

    def first(*keys: str) -> str:
        return next((tags[key] for key in keys if key in tags), "")

    return Identity(
        user_handle=first("user_handle", "usr.email"),
        user_id=first("user_id"),
        usr_id=first("usr.id"),
        account_id=first("usr.account_id", "account_id", "account.id"),
        org_id=first("org_id"),
        rum_session_ids=rum_sessions,
    )


def _rum_sessions(chosen: tuple[Tree, ...]) -> tuple[str, ...]:
    """Return every RUM session on the spans: a browser renews its session.

    Source: `references/sources/spans.md#rum-baggage`.
    """
    found = (span_tag.partition(":") for span in _spans(chosen) for span_tag in span.tags)
    return tuple(dict.fromkeys(value for key, _, value in found if key == _RUM_SESSION and value))


def _tools(chosen: tuple[Tree, ...]) -> tuple[ToolDefinition, ...]:
    """Return the tools that the app offered, each name once, in order of appearance."""
    found: dict[str, ToolDefinition] = {}
    for definition in (d for span in _spans(chosen) for d in span.tool_definitions):
        if isinstance(definition, dict) and definition.get("name"):
            name = str(definition["name"])
            found.setdefault(name, ToolDefinition(name, str(definition.get("description") or "")))
    return tuple(found.values())


def _name_ids(unit: Unit, there: list[str]) -> str:
    ids = list(dict.fromkeys(there))
    if not ids:
        return f"none of them names a {unit}"
    shown = ", ".join(" ".join(name.split())[:80] for name in ids[:5])
    more = f" and {len(ids) - 5} more" if len(ids) > 5 else ""
    return f"there {'is' if len(ids) == 1 else 'are'} {shown}{more}"
