"""Tag the LLM Observability spans of ddtrace with the RUM ids of their request.

Released ddtrace has no public call when a span starts, so this uses its list of span processors.
They run before LLM Observability reads the span: whatever the app or a parent span sets overrides a
tag from here. Source: `references/sources/spans.md#rum-baggage`.
"""

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextvars import ContextVar, Token
from functools import cache
from types import CodeType, MappingProxyType
from typing import Any

from ddtrace.llmobs import LLMObs
from ddtrace.propagation.http import HTTPPropagator

from session_classify.instrument.baggage import ACCOUNT, KEYS, SESSION, USER, accepted

_TAGS = {
    SESSION: ("session_id", "rum.session_id"),
    USER: ("usr.id",),
    ACCOUNT: ("usr.account_id",),
}
"""Baggage key to tags. `rum.session_id` keeps the id where the app names a session of its own."""
_MARK = "usr.account_id"
"""A tracer that tags spans from RUM baggage writes this tag; no other has the name in its code."""
_NOTHING: Mapping[str, str] = MappingProxyType({})
_REQUEST: ContextVar[Mapping[str, str]] = ContextVar("session_classify_rum", default=_NOTHING)
_LOG = logging.getLogger(__name__)


def enter(header: str) -> Token[Mapping[str, str]]:
    """Remember the RUM ids of a request's `baggage` header, for the spans that it starts.

    A header that is empty or malformed has none.
    """
    found = _NOTHING
    if header:
        found = accepted(HTTPPropagator.extract({"baggage": header}).get_baggage_item)
    return _REQUEST.set(found)


def leave(token: Token[Mapping[str, str]]) -> None:
    """Forget the RUM ids of the request; raises ValueError in another context than `enter`."""
    _REQUEST.reset(token)


@cache
def install() -> bool:
    """Let ddtrace tag the spans of this process; return whether it needs that and can.

    It does not need it where the tracer tags them itself. Where ddtrace lacks what is used here,
    there is a warning, and the app runs on without tags.
    """
    if tracer_tags_itself():
        return False
    try:
        from ddtrace._trace.processor import SpanProcessor

        SpanProcessor.__processors__.append(_RumTags())
    except (ImportError, AttributeError):
        warnings.warn(
            "this ddtrace has no list of span processors: spans get no RUM ids; see "
            "references/instrumenting.md of session-classify",
            RuntimeWarning,
            stacklevel=2,
        )
        return False
    return True


def tracer_tags_itself() -> bool:
    """Return whether the installed ddtrace tags LLM Observability spans from RUM baggage."""
    from ddtrace.llmobs import _constants, _llmobs

    values = [*vars(_constants).values(), *vars(_llmobs).values()]
    functions = (getattr(one, "__func__", one) for one in vars(LLMObs).values())
    codes = (code for one in functions if (code := getattr(one, "__code__", None)))
    return _MARK in [one for one in values if isinstance(one, str)] or any(
        _MARK in _texts(code) for code in codes
    )


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts among the constants of code, nested ones included."""
    if isinstance(value, str):
        yield value
    inner = value.co_consts if isinstance(value, CodeType) else value
    if isinstance(inner, tuple | frozenset):
        for one in inner:
            yield from _texts(one)


class _RumTags:
    """A span processor in ddtrace's list of them."""

    def on_span_start(self, span: Any) -> None:
        """Tag a span of LLM Observability; an error here must not end the app's request."""
        if span.span_type != "llm" or not LLMObs.enabled:
            return
        try:
            tags = _tags(span)
            if tags:
                LLMObs.annotate(span, tags=tags)
        except Exception:  # noqa: BLE001  the app's request goes on
            _LOG.debug("cannot tag a span with RUM ids", exc_info=True)

    def on_span_finish(self, span: Any) -> None:
        """Do nothing: tags are set at the start."""

    def shutdown(self, timeout: float | None) -> None:
        """Do nothing: nothing is kept."""


def _tags(span: Any) -> dict[str, str]:
    """Return the tags of a span.

    The trace's baggage goes along into threads and other services; the request's header is there
    where no web integration reads it into the trace.
    """
    ids = {**_REQUEST.get(), **accepted(span.context.get_baggage_item)}
    return {tag: ids[key] for key in KEYS if key in ids for tag in _TAGS[key]}
