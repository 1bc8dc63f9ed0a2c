"""An OpenTelemetry span processor: spans get the RUM session and user of the browser's baggage."""

from opentelemetry import baggage, trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor

from session_classify.instrument.baggage import ACCOUNT, SESSION, USER, accepted

_ATTRIBUTES = {
    SESSION: ("gen_ai.conversation.id", "rum.session_id"),
    USER: ("usr.id",),
    ACCOUNT: ("usr.account_id",),
}
"""Baggage key to attributes. LLM Observability reads the session from `gen_ai.conversation.id`.

Source: `references/sources/spans.md#rum-baggage`.
"""


class RumSpanProcessor(SpanProcessor):
    """Sets attributes that a span was not started with; add it before the exporter's processor."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Set what the baggage has, as the parent span has it: an app's own value is inherited."""
        given = span.attributes or {}
        parent = trace.get_current_span(parent_context)
        inherited = (parent.attributes if isinstance(parent, ReadableSpan) else None) or {}
        found = accepted(lambda key: baggage.get_baggage(key, parent_context))
        for key, value in found.items():
            for name in _ATTRIBUTES[key]:
                if name not in given:
                    span.set_attribute(name, inherited.get(name, value))
