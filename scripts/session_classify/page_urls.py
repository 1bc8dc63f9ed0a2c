"""What makes an address of a browser a page: its path, and the route that its fragment may hold.

A single-page app may keep its route behind `#/` or `#!/` (references/sources/rum.md#pages). Any
other fragment names a place in the page, a step or a token, and is no part of which page it is.
"""

from urllib.parse import urlsplit

import msgspec

_ROUTES = ("/", "!/")
"""How a fragment begins that holds a route."""


class PageUrl(msgspec.Struct, frozen=True):
    """The parts of an address that tell which page it is, still encoded."""

    host: str
    path: str
    query: str
    route: str = ""
    """The path behind the fragment's mark, from `/` on; empty where the fragment holds no route."""
    route_query: str = ""

    @property
    def shown(self) -> str:
        """Path and route as they are shown; queries may hold anything."""
        return f"{self.path or '/'}#{self.route}" if self.route else self.path or "/"


def page_url(url: str) -> PageUrl | None:
    """Return the parts of an address; None for what is none."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").casefold()
    except ValueError:
        return None
    route, _, query = _route(parts.fragment).partition("?")
    return PageUrl(host, parts.path, parts.query, route, query)


def _route(fragment: str) -> str:
    """Return the route of a fragment; the bare root of all routes is the page itself."""
    if not fragment.startswith(_ROUTES):
        return ""
    route = fragment.removeprefix("!").partition("#")[0]
    return "" if route.partition("?")[0].strip("/") == "" else route
