"""The calls that list an app's root spans in a window."""

from session_classify.queries.call import Call
from session_classify.queries.quoting import quoted
from session_classify.queries.rum import Window
from session_classify.queries.trace import EXPORT, EXPORTED

_PAGE = 50
"""Rows of a page: servers give no more where an app is named (`references/app.md`)."""


def root_spans(app: str, window: Window, cursor: str = "") -> Call:
    """List the root spans of an app, newest first; `cursor` is the position of the next page.

    The app is named in the query: the field for it is not reliable. Failed traces are listed as
    well. Source: `references/sources/spans.md#span-search`.
    """
    query = f"@ml_app:{quoted(app)}"
    more = {"cursor": cursor} if cursor else {}
    flag = ("--cursor", cursor) if cursor else ()
    milliseconds = {key: str(value) for key, value in window.milliseconds.items()}
    return Call(
        "search_llmobs_spans",
        {"query": query, "root_spans_only": True, "limit": _PAGE, **milliseconds, **more},
        (
            *("llm-obs", "spans", "search", "--query", query, "--root-spans-only"),
            *("--limit", str(_PAGE), *window.flags, *flag),
        ),
        f"Step M1: list the root spans of the app {app}",
    )


def exported_spans(app: str, window: Window, cursor: str = "", limit: int = EXPORTED) -> Call:
    """Export all spans of an app, by the filter that the export has for it.

    Source: `references/sources/spans.md#span-export`.
    """
    milliseconds = {key: str(value) for key, value in window.milliseconds.items()}
    more = {"cursor": cursor} if cursor else {}
    asked = {"ml_app": app, "limit": limit, **milliseconds, **more}
    return Call(EXPORT, asked, (), f"Step M1: export the spans of the app {app}")
