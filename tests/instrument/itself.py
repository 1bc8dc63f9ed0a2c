"""A ddtrace that tags spans from RUM baggage itself; runs in the SDK's Python.

No released one does; the middleware must find that by what the code names, and do nothing.
"""

import json
import warnings
from typing import Any

from ddtrace._trace.processor import SpanProcessor
from ddtrace.llmobs import LLMObs

from session_classify.instrument import span_tags


def tags_from_baggage(span: Any) -> Any:
    """Stand for a function of the tracer that has the names in its code."""
    return [(span, tag) for _, tag in (("user.id", "usr.id"), ("account.id", "usr.account_id"))]


def main() -> None:
    """Print, for each ddtrace: does it tag itself, is the middleware needed, what is registered."""
    found: dict[str, list[Any]] = {}

    def look(name: str) -> None:
        span_tags.install.cache_clear()
        before = len(SpanProcessor.__processors__)
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            needed = span_tags.install()
        added = len(SpanProcessor.__processors__) - before
        found[name] = [needed, added, [str(one.message)[:40] for one in told]]

    look("released")
    LLMObs._llmobs_tags = staticmethod(tags_from_baggage)
    look("in its code")
    del LLMObs._llmobs_tags
    from ddtrace.llmobs import _constants

    _constants.RUM_ACCOUNT_TAG = "usr.account_id"
    look("in its constants")
    _constants.RUM_ACCOUNT_TAG = {"usr.id": "user.id", "account.id": ("usr.account_id",)}
    look("in a table")
    _constants.RUM_ACCOUNT_TAG = tags_from_baggage
    look("in a function of a module")
    del _constants.RUM_ACCOUNT_TAG
    processors = SpanProcessor.__processors__
    del SpanProcessor.__processors__
    try:
        span_tags.install.cache_clear()
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            needed = span_tags.install()
        found["without the list"] = [needed, 0, [str(one.message)[:40] for one in told]]
    finally:
        SpanProcessor.__processors__ = processors
    print(json.dumps(found))


if __name__ == "__main__":
    main()
