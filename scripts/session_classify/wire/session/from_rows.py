"""Select one unit's spans from the rows of a file and build its session."""

from collections.abc import Iterable

from session_classify.errors import NotFoundError, UnusableInputError
from session_classify.model import Identity, Session, SystemPrompt, ToolDefinition, Turn
from session_classify.vocabulary import AppType, Unit
from session_classify.wire.session.turns import read_turns
from session_classify.wire.trace.spans import Span, SpanRows, trace_key
from session_classify.wire.trace.structure import app_type, has_content
from session_classify.wire.trace.trees import Tree, trees


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
    """Return the trees of one unit.

    A turn belongs to the session of its root, else of the first span with one. With `unnamed`, all
    turns belong to the unit if none has a session: some lists omit tags.
    """
    found = trees(rows.spans)
    if unit is Unit.TRACE:
        chosen = tuple(
            tree for tree in found if trace_key(tree.root.trace_id) == trace_key(unit_id)
        )
        there = [tree.root.trace_id for tree in found]
    else:
        asked = unit_id.casefold()
        chosen = tuple(tree for tree in found if _session_id(tree).casefold() == asked)
        there = [_session_id(tree) for tree in found if _session_id(tree)]
        if unnamed and not there:
            chosen = found
    if not chosen:
        raise NotFoundError(
            f"no {unit} {unit_id[:80]} in these spans; {_name_ids(unit, there)}",
            code="llmobs_not_found",
            mode=f"{unit}_id",
            id=unit_id,
        )
    return chosen


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
    tags = _first_tags(chosen)
    return Session(
        id=unit_id,
        unit=unit,
        ml_app=next((span.ml_app for span in _spans(chosen) if span.ml_app), ""),
        turns=turns,
        app_type=kind,
        identity=_identity(tags),
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


def _first_tags(chosen: tuple[Tree, ...]) -> dict[str, str]:
    """Return the first value of every tag key of the session."""
    found: dict[str, str] = {}
    for span in _spans(chosen):
        for text in span.tags:
            key, _, value = text.partition(":")
            if value:
                found.setdefault(key, value)
    return found


def _session_id(tree: Tree) -> str:
    return next((span.session_id for span in tree.spans if span.session_id), "")


def _identity(tags: dict[str, str]) -> Identity:
    def first(*keys: str) -> str:
        return next((tags[key] for key in keys if key in tags), "")

    return Identity(
        user_handle=first("user_handle", "usr.email"),
        user_id=first("user_id"),
        usr_id=first("usr.id"),
        account_id=first("usr.account_id", "account_id", "account.id"),
        org_id=first("org_id"),
    )


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
