"""An OpenTelemetry span processor: spans get the RUM session and user of the browser's baggage.

Source: `references/sources/spans.md#rum-baggage`.
"""

from collections.abc import Mapping

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

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Set what the baggage has and neither the span nor its parent says otherwise."""
        given = span.attributes or {}
        parent = trace.get_current_span(parent_context)
        inherited = (parent.attributes if isinstance(parent, ReadableSpan) else None) or {}
        found = accepted(lambda key: baggage.get_baggage(key, parent_context))
        wanted = {_ATTRIBUTES[key]: value for key, value in found.items()}
        if SESSION in found and (_is_ai(given) or _has_own_session(inherited, found[SESSION])):
            wanted[_CONVERSATION] = found[SESSION]
        for name, value in wanted.items():
            if name not in given:
                span.set_attribute(name, inherited.get(name, value))


def _is_ai(attributes: Mapping[str, object]) -> bool:
    return any(name.startswith(_AI) for name in attributes)


def _has_own_session(attributes: Mapping[str, object], rum_session: str) -> bool:
    """Return whether a span has a session of the app, which all spans below it inherit."""
    return attributes.get(_CONVERSATION, rum_session) != rum_session
