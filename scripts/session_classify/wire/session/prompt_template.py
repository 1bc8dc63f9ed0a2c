"""The words that a person typed, out of the prompt that a framework put around them."""

from collections.abc import Iterable, Iterator

from session_classify.jsontext import parsed
from session_classify.model import JsonValue
from session_classify.wire.trace.spans import Span
from session_classify.wire.trace.trees import Tree, ancestors

_MOST_LEAVES = 200
_TEMPLATES = (
    # after, before: the published prompts of references/sources/messages.md#prompt-templates
    ("Current Task: ", "\n\nThis is the expected criteria for your final answer:"),
    ("Begin!\n\nQuestion: ", "\nThought:"),
    ("not prior knowledge, answer the query.\nQuery: ", "\nAnswer:"),
    ("\n\nQuestion: ", "\nHelpful Answer:"),
)


def inputs_above(tree: Tree, span: Span) -> list[JsonValue]:
    """Return what the spans above a model call were given, from the root down."""
    by_id = {one.span_id: one for one in tree.spans}
    return [up.input.value for up in reversed(ancestors(span, by_id)) if up.input.value]


def typed_inside(prompt: str, inputs: Iterable[JsonValue]) -> str:
    """Return the part of a prompt that was typed; the prompt itself where nothing tells it.

    A framework hands on what was typed before it puts its words around it: so the outermost input
    that the prompt contains tells it; one that holds the whole prompt tells that it was typed so.
    One word is no request: it may be any variable of the prompt.
    """
    whole = prompt.strip()
    for value in inputs:
        texts = [text.strip() for text in _texts(value)]
        if any(whole in text for text in texts):
            return prompt
        inside = [text for text in texts if len(text.split()) > 1 and text in whole]
        if inside:
            return max(inside, key=len)
    for after, before in _TEMPLATES:
        _, found, rest = prompt.partition(after)
        typed, ended, _ = rest.rpartition(before)
        if found and ended and typed.strip():
            return typed.strip()
    return prompt


def _texts(value: JsonValue) -> Iterator[str]:
    """Yield the first texts in a value, however deep."""
    waiting, count = [parsed(value)], 0
    while waiting and count < _MOST_LEAVES:
        item = waiting.pop()
        count += 1
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict | list):
            waiting.extend(item.values() if isinstance(item, dict) else item)
