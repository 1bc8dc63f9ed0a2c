"""What the user typed and was sent, out of the places where apps record it."""

from collections.abc import Iterable

from session_classify.jsontext import compact_json
from session_classify.masks import is_masked
from session_classify.model import ContextBlock, JsonValue
from session_classify.wire.messages.thoughts import without_thoughts
from session_classify.wire.session.prompt_template import typed_inside
from session_classify.wire.trace.context import split_context
from session_classify.wire.trace.side_texts import (
    USER_ROLES,
    answer_in,
    conversation,
    is_status,
    is_structure,
    typed_messages,
)
from session_classify.wire.trace.spans import Content, Span
from session_classify.wire.trace.trees import Tree


def user_text(
    root: Span, agent: Span | None, said: str | None, inputs: Iterable[JsonValue] = ()
) -> tuple[str | None, tuple[ContextBlock, ...]]:
    """Return what the user typed and the context that the app added to it.

    `said` is the user's message as the model got it; None where that is not known. `inputs` are
    what the spans above that model call were given.
    """
    text, blocks = split_context(said) if said else (None, ())
    query = root.metadata.get("query_string")
    if isinstance(query, str) and query.strip() and not is_masked(query):
        return query, blocks
    root_text = side_text(root.input, USER_ROLES)
    if text is not None and root_text:
        # An app wraps the request in words of its own; the root shows what was typed.
        if root_text in text:
            return root_text, blocks
        whole = f"{text} {' '.join(block.text for block in blocks)}"
        if text not in root_text and root_text not in whole:
            blocks = (*blocks, ContextBlock("input of the root span", root_text))
    if text is not None:
        return (text if root_text else typed_inside(text, inputs)), blocks
    root_text = root_text or (side_text(agent.input, USER_ROLES) if agent else None)
    return split_context(root_text) if root_text else (None, ())


def final_text(tree: Tree, agent: Span | None, said: str | None) -> str | None:
    """Return what the user was sent: by the root, else the agent, else what the model said last.

    An agent after whose end the turn went on with another model call did not speak last.
    An object or a list is what a framework hands on, and no answer: of a state the last that the
    assistant said in this turn counts, of an object the text under a key of an answer. Where the
    model said nothing, an object that tells anything stands for the answer.
    """
    shown = None
    for span in () if tree.joined else filter(None, (tree.root, agent)):
        text = side_text(span.output, ("assistant", ""))
        if text is None or is_status(text):
            continue
        if span is not tree.root and _went_on_after(span, tree):
            shown = shown or text
            continue
        if not is_structure(text) or any(text == message.text for message in span.output.messages):
            return text
        if answer := answer_in(text):
            return answer
        shown = shown or text
    return said or shown


def _went_on_after(span: Span, tree: Tree) -> bool:
    later = (one for one in tree.spans if one.kind == "llm" and one.start >= span.end)
    return span.duration > 0 and any(later)


def side_text(side: Content, roles: tuple[str, ...]) -> str | None:
    """Return the last readable text of one side of a span: its value, else a message of a role.

    Of a value that is a list of messages, the last one of a role; what the assistant said before
    the last request is of an earlier turn.
    """
    texts = [m.text for m in side.messages if m.role in roles and m.text]
    if told := conversation(side.value):
        typed = typed_messages(told)
        since = 0 if "user" in roles or not typed else told.index(typed[-1]) + 1
        texts += [m.text for m in told[since:] if m.role in roles and m.text]
    elif side.value is not None and side.value != "":
        texts.append(compact_json(side.value))
    readable = [text for text in texts if not is_masked(text)]
    if readable and "assistant" in roles:
        readable = [text for text in (without_thoughts(text)[0] for text in readable) if text]
    return readable[-1] if readable else None
