"""Links to a session or trace in the Datadog app.

Source: `references/sources/spans.md#links`.
"""

import re
from urllib.parse import quote

from session_classify.lazy import lazy_pattern
from session_classify.queries.unit_ids import unit_tag
from session_classify.vocabulary import Unit

_LINK = lazy_pattern(r"https://[a-z0-9.-]+/llm/traces\?query=[\w:%.~-]+", re.ASCII)


def unit_link(unit: Unit, unit_id: str, site: str) -> str:
    """Return the link to a session or trace on a Datadog site."""
    key, value = unit_tag(unit, unit_id)
    host = f"app.{site}" if site.count(".") == 1 else site
    return f"https://{quote(host, safe='.-:')}/llm/traces?query={key}:{quote(value, safe='')}"


def is_unit_link(link: str) -> bool:
    """Return whether a link has the form of `unit_link` and leads to Datadog or DD_SITE.

    A case from elsewhere may contain any other.
    """
    from session_classify.backends.addresses import is_datadog

    return _LINK.fullmatch(link) is not None and is_datadog(link)
