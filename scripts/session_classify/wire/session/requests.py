"""Which turn a list of messages is of: the one whose request comes last in it."""

from collections.abc import Callable, Iterable

import msgspec

from session_classify.wire.messages.parts import Message
from session_classify.wire.session.preview_match import (
    ConversationText,
    Preview,
    fit,
    preview,
    said,
)
from session_classify.wire.trace.side_texts import USER_ROLES
from session_classify.wire.trace.span_listing import Node
from session_classify.wire.trace.spans import trace_key

_TRIED = 4
"""Messages of the user, from the last one back, that are compared with every request."""


class Requests(msgspec.Struct):
    """The requests of a session's turns; each message is made comparable once."""

    roots: Iterable[Node]
    _texts: dict[int, ConversationText] = {}
    _previews: list[tuple[Node, Preview]] = []

    def __post_init__(self) -> None:
        in_time = sorted(self.roots, key=lambda root: (root.start, root.span_id))
        self._previews = [(root, preview(root.asked)) for root in in_time]

    def begins(self, asked: list[str]) -> Callable[[Message], bool]:
        """Return what tells the message with which a turn began, by how its request begins."""
        previews = [preview(text) for text in asked]
        return lambda message: any(fit(short, self._of(message)) > 0 for short in previews)

    def root_of(self, messages: tuple[Message, ...], trace_id: str) -> Node | None:
        """Return the root of the turn in whose course a model was given these messages.

        A trace id decides where there is one. Where several turns have the same request, the number
        of requests before it tells which one it is.
        """
        if trace_id:
            same = trace_key(trace_id)
            return next((r for r, _ in self._previews if trace_key(r.trace_id) == same), None)
        typed = [m for m in messages if m.role in USER_ROLES and m.text.strip() and not m.results]
        for back, message in enumerate(reversed(typed[-_TRIED:])):
            text = self._of(message)
            fits = [(fit(short, text), place) for place, (_, short) in enumerate(self._previews)]
            best = max((value for value, _ in fits), default=0)
            if best > 0:
                places = [place for value, place in fits if value == best]
                count = len(typed) - back - 1
                return self._previews[count if count in places else places[-1]][0]
        silent = all(not short.text for _, short in self._previews)
        return self._previews[0][0] if silent and len(self._previews) == 1 else None

    def _of(self, message: Message) -> ConversationText:
        """Return a message's text ready to be compared; equal messages are one object."""
        found = self._texts.get(id(message))
        if found is None:
            found = self._texts[id(message)] = said(message.text)
        return found
