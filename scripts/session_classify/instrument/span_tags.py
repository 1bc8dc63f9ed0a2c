"""Tag the LLM Observability spans of ddtrace with the RUM ids of their request.

Released ddtrace has no public call when a span starts, so this uses its list of span processors.
They run before LLM Observability reads the span: whatever the app or a parent span sets overrides a
tag from here. Source: `references/sources/spans.md#rum-baggage`.
"""

import logging
import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextvars import ContextVar, Token
from functools import cache
from types import CodeType, MappingProxyType
from typing import Any

from ddtrace.llmobs import LLMObs

from session_classify.instrument.baggage import ACCOUNT, KEYS, SESSION, USER, accepted, of_header

_TAGS = {
    SESSION: ("session_id", "rum.session_id"),
    USER: ("usr.id",),
    ACCOUNT: ("usr.account_id",),
}
"""Baggage key to tags. `rum.session_id` keeps the id where the app names a session of its own."""
_MARK = "usr.account_id"
"""A tracer that tags spans from RUM baggage writes this tag; no other names it.

Source: `references/sources/spans.md#rum-baggage`.
"""
_PRODUCT = "ddtrace.llmobs."
_NOTHING: Mapping[str, str] = MappingProxyType({})
_REQUEST: ContextVar[Mapping[str, str]] = ContextVar("session_classify_rum", default=_NOTHING)
_LOG = logging.getLogger(__name__)


def enter(header: str) -> Token[Mapping[str, str]]:
    """Remember the RUM ids of a request's `baggage` header, for the spans that it starts.

    A header that is empty or malformed has none.
    """
    return _REQUEST.set(of_header(header) if header else _NOTHING)


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
    """Return whether the installed ddtrace tags LLM Observability spans from RUM baggage.

    Its modules for LLM Observability are looked through for the tag: in constants, tables and the
    code of functions and methods, wherever a version has them.
    """
    modules = [one for name, one in sys.modules.items() if f"{name}.".startswith(_PRODUCT)]
    seen: set[int] = set()
    return any(_MARK in _texts(vars(one), seen) for one in modules)


def _texts(value: Any, seen: set[int]) -> Iterator[str]:
    """Yield the texts in a value: in containers, in code, and in classes of the product."""
    value = getattr(value, "__func__", value)
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, str):
        yield value
    inner: Iterable[Any] = ()
    if isinstance(value, Mapping):
        inner = [*value, *(one for key, one in value.items() if key != "__builtins__")]
    elif isinstance(value, tuple | frozenset | list | set):
        inner = value
    elif isinstance(value, CodeType):
        inner = value.co_consts
    elif isinstance(value, type) and value.__module__.startswith(_PRODUCT):
        inner = list(vars(value).values())
    elif isinstance(code := getattr(value, "__code__", None), CodeType):
        inner = (code,)
    for one in inner:
        yield from _texts(one, seen)


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
