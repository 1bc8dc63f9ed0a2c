"""Where a unit is seen in the app."""

from urllib.parse import quote

from session_classify.vocabulary import Unit


def unit_link(unit: Unit, unit_id: str, site: str) -> str:
    """Return the address of a session or trace on a site (contracts, seed-002-blanks, M3 rows)."""
    host = f"app.{site}" if site.count(".") == 1 else site
    # A bundle may name any site, and a link must not end where its maker wants it to.
    return f"https://{quote(host, safe='.-:')}/llm/traces?query={unit}_id:{quote(unit_id, safe='')}"
