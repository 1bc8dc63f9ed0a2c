"""Where a unit is seen in the app."""

import re
from urllib.parse import quote

from session_classify.vocabulary import Unit

_LINK = re.compile(r"https://[a-z0-9.-]+/llm/traces\?query=[\w:%.~-]+", re.ASCII)


def unit_link(unit: Unit, unit_id: str, site: str) -> str:
    """Return the address of a session or trace in the app of a Datadog site."""
    host = f"app.{site}" if site.count(".") == 1 else site
    return f"https://{quote(host, safe='.-:')}/llm/traces?query={unit}_id:{quote(unit_id, safe='')}"


def is_unit_link(link: str) -> bool:
    """Tell whether a link has the form that `unit_link` gives it and leads to Datadog or DD_SITE.

    A case that was made elsewhere may hold any other.
    """
    from session_classify.backends.addresses import is_datadog

    return _LINK.fullmatch(link) is not None and is_datadog(link)
