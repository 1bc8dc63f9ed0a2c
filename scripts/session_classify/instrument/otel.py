"""An OpenTelemetry span processor: spans get the RUM session and user of the browser's baggage.

Source: `references/sources/spans.md#rum-baggage`.
"""

from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from opentelemetry import baggage, trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor

from session_classify.instrument.baggage import ACCOUNT, SESSION, USER, accepted

_ATTRIBUTES = {SESSION: "rum.session_id", USER: "usr.id", ACCOUNT: "usr.account_id"}
"""Baggage key to attribute."""
_CONVERSATION = "gen_ai.conversation.id"
"""Where LLM Observability reads the session."""
_AI = ("gen_ai.", "openinference.", "llm.")
"""How attributes of generative AI begin; instrumentations give them at the start of a span."""


class RumSpanProcessor(SpanProcessor):
    """Sets attributes that a span was not started with; add it before the exporter's processor.

    A value that the parent span has is inherited. Only spans of generative AI get the session as
    their conversation: others would pass for such spans, and LLM Observability counts each.
    """

    def __init__(self) -> None:
        self._own: WeakKeyDictionary[object, str] = WeakKeyDictionary()
        """Sessions of the app that other spans pass on to those of generative AI below them."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Set what the baggage has and neither the span nor its parent says otherwise."""
        given = span.attributes or {}
        parent = trace.get_current_span(parent_context)
        inherited = (parent.attributes if isinstance(parent, ReadableSpan) else None) or {}
        found = accepted(lambda key: baggage.get_baggage(key, parent_context))
        for key, value in found.items():
            _set(span, given, _ATTRIBUTES[key], inherited.get(_ATTRIBUTES[key], value))
        if SESSION not in found:
            return
        session = inherited.get(_CONVERSATION) or self._own.get(parent) or found[SESSION]
        if any(name.startswith(_AI) for name in given):
            _set(span, given, _CONVERSATION, session)
        elif isinstance(session, str) and session != found[SESSION]:
            self._own[span] = session


def _set(span: Span, given: Mapping[str, object], name: str, value: Any) -> None:
    if name not in given:
        span.set_attribute(name, value)
