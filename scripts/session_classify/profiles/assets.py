"""The assets of a session: ids with their type, found by the rules of a profile.

An id is searched only where a rule says of which kind it is, and only as a whole: an id that is the
beginning of another one never matches.
"""

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import parse_qs, urlsplit

import msgspec

from session_classify.events import Asset
from session_classify.lazy import lazy_pattern
from session_classify.model import JsonValue, Session, ToolCall, Turn
from session_classify.occurrences import occurrences
from session_classify.page_urls import page_url
from session_classify.profiles.id_patterns import id_pattern
from session_classify.profiles.kinds import name_words, parsed_path
from session_classify.profiles.patterns import fits
from session_classify.profiles.profile import AssetRule, Profile

_LINK = lazy_pattern(r"(?:https?://|(?<![\w/.])/(?=\w))[^\s<>()\[\]{}\"'`|]+")
_AFTER_LINK = ".,;:!?*_"


class KnownAsset(msgspec.Struct, frozen=True):
    """An asset of a session, and where it was named."""

    asset: Asset
    places: tuple[str, ...]
    """Such as `arguments of tool3`, `tag dashboard_id`, `the user's text`."""


def asset_of_url(url: str, profile: Profile) -> Asset | None:
    """Return the asset whose page a URL is, absolute or from `/` on; None for any other page.

    A route in the fragment comes before the path: it is what a single-page app shows.
    """
    parts = page_url(url)
    if parts is None:
        return None
    routed = _asset_at(parts.route, parts.route_query, profile) if parts.route else None
    return routed or _asset_at(parts.path, parts.query, profile)


def _asset_at(path: str, asked: str, profile: Profile) -> Asset | None:
    """Return the asset whose page is at a path with a query."""
    for rule in profile.assets:
        for pattern in rule.urls:
            page, _, query = pattern.partition("?")
            if query:
                key = query.partition("=")[0]
                values = parse_qs(asked).get(key, []) if path == page else []
            else:
                found = _id_in(path, page, rule.id, below=True)
                values = [found] if found else []
            if values and id_pattern(rule.id).fits(values[0]):
                return Asset(rule.type, values[0])
    return None


def asset_of_path(path: str, profile: Profile) -> Asset | None:
    """Return the asset of an API path; its id is empty where the path creates one."""
    path = path.rstrip("/")
    for rule in profile.assets:
        if path in rule.create:
            return Asset(rule.type, "")
        for pattern in rule.http:
            if found := _id_in(path, pattern, rule.id):
                return Asset(rule.type, found)
    return None


def assets_named(text: str, profile: Profile, known: Iterable[Asset] = ()) -> tuple[Asset, ...]:
    """Return the assets that a text names, in order.

    They are named by the URL of their page or, for `known` assets, by their id alone.
    """
    places: dict[Asset, int] = {}
    for match in _LINK.finditer(text):
        if asset := asset_of_url(match[0].rstrip(_AFTER_LINK), profile):
            places.setdefault(asset, match.start())
    for asset in known:
        if asset.id and (found := next(_whole(text, asset.id), None)) is not None:
            places[asset] = min(found, places.get(asset, len(text)))
    return tuple(sorted(places, key=lambda asset: (places[asset], asset)))


def assets_of_call(call: ToolCall, data: JsonValue, profile: Profile) -> tuple[Asset, ...]:
    """Return the assets of a tool call: by its arguments, else by the returned record.

    `data` is the decoded result. The id is empty where the call creates an asset and its result
    does not name it.
    """
    by_call = _call_assets(call, profile)
    ids = [asset for asset in by_call if asset.id]
    if ids:
        return tuple(ids)
    returned = _by_paths(call, data, profile)
    for made in by_call:
        for rule in (rule for rule in profile.assets if rule.type == made.type):
            returned += [Asset(rule.type, found) for found in _ids(rule.record, data, rule)]
    return tuple(dict.fromkeys(returned or by_call))


def is_about(call: ToolCall, asset: Asset, profile: Profile) -> bool:
    """Return whether a call is about an asset itself, not about something that refers to it.

    Its tool is one of the asset's, or its name ends in the asset's type or in an item of it
    (`upsert_widget`), or its API path is the asset's.
    """
    rules = [rule for rule in profile.assets if rule.type == asset.type]
    words = [word.lower().rstrip("s") for word in name_words(call.name)]
    named = {word.rstrip("s") for rule in rules for word in (rule.type, *rule.items)}
    return (
        any(_is_tool_of(call, rule) for rule in rules)
        or bool(words and words[-1] in named)
        or any(found.type == asset.type for found in _by_path(call, profile))
    )


def session_assets(
    session: Session, profile: Profile, results: Mapping[str, JsonValue]
) -> tuple[KnownAsset, ...]:
    """Return the assets of a session in the order of first mention, each once.

    `results` are the decoded results by call id. Context blocks do not count: they list pages that
    the user visited earlier.
    """
    places: dict[Asset, dict[str, None]] = {}
    for turn in session.turns:
        for asset, place in _of_turn(turn, profile, results):
            if asset.id:
                places.setdefault(asset, {})[place] = None
    for turn in session.turns:
        for author, text in (("user", turn.user_text), ("assistant", turn.final_text)):
            for asset in assets_named(text or "", profile, tuple(places)):
                places.setdefault(asset, {})[f"the {author}'s text"] = None
    return tuple(KnownAsset(asset, tuple(named)) for asset, named in places.items())


def rule_of(asset: Asset, profile: Profile) -> AssetRule | None:
    """Return the profile's rule for the asset's type; None where there is none."""
    return next((rule for rule in profile.assets if rule.type == asset.type), None)


def api_paths(asset: Asset, profile: Profile) -> tuple[str, ...]:
    """Return the API paths at which the asset is read and written."""
    return tuple(
        pattern.replace("{id}", asset.id)
        for rule in profile.assets
        if rule.type == asset.type and asset.id
        for pattern in rule.http
    )


def create_paths(asset_type: str, profile: Profile) -> tuple[str, ...]:
    """Return the API paths that create an asset of a type."""
    return tuple(path for rule in profile.assets if rule.type == asset_type for path in rule.create)


def rule_problems(rule: AssetRule) -> Iterator[tuple[str, str]]:
    """Yield each problem of a rule with its fix: patterns of ids and paths that match nothing."""
    try:
        id_pattern(rule.id)
    except ValueError as error:
        yield f"its id {rule.id} is not a valid expression for ids: {error}", "fix the expression"
    for path in (*rule.urls, *rule.http):
        if path.count("{id}") != 1:
            yield f"{path} does not say where the id stands", "write {id} in its place once"


def _of_turn(
    turn: Turn, profile: Profile, results: Mapping[str, JsonValue]
) -> Iterator[tuple[Asset, str]]:
    for key, value in turn.metadata.items():
        if isinstance(value, str) and (asset := asset_of_url(value, profile)):
            yield asset, key
    for rule in profile.assets:
        for key in rule.tags:
            for tag in turn.tags:
                name, _, value = tag.partition(":")
                if name == key and id_pattern(rule.id).fits(value):
                    yield Asset(rule.type, value), f"tag {key}"
    for call in turn.tool_calls:
        by_call = {asset for asset in _call_assets(call, profile) if asset.id}
        for asset in assets_of_call(call, results.get(call.id), profile):
            yield asset, f"{'arguments' if asset in by_call else 'result'} of {call.id}"


def _call_assets(call: ToolCall, profile: Profile) -> list[Asset]:
    """Return the assets in a call's arguments; without an id where only their type is named.

    An API call names its asset by its path.
    """
    found = [*_by_paths(call, call.arguments, profile), *_by_path(call, profile)]
    found += [page for url in _urls(call) if (page := asset_of_url(url, profile))]
    found += [Asset(rule.type, "") for rule in profile.assets if _is_tool_of(call, rule)]
    return list(dict.fromkeys(found))


def _by_path(call: ToolCall, profile: Profile) -> list[Asset]:
    """Return the assets whose API path is an argument of a call."""
    return [asset for url in _urls(call) if (asset := asset_of_path(_path(url), profile))]


def _urls(call: ToolCall) -> list[str]:
    values = call.arguments.values() if isinstance(call.arguments, dict) else ()
    return [value for value in values if isinstance(value, str) and value.startswith(("/", "http"))]


def _by_paths(call: ToolCall, data: JsonValue, profile: Profile) -> list[Asset]:
    return [
        Asset(rule.type, found)
        for rule in profile.assets
        for found in _ids(
            (*rule.arguments, *(rule.record if _is_tool_of(call, rule) else ())), data, rule
        )
    ]


def _is_tool_of(call: ToolCall, rule: AssetRule) -> bool:
    return any(fits(call.name, pattern) for pattern in rule.tools)


def _ids(paths: Iterable[str], data: JsonValue, rule: AssetRule) -> Iterator[str]:
    if not isinstance(data, dict):
        return
    for path in paths:
        for match in parsed_path(path).find(data):
            if isinstance(match.value, str | int) and not isinstance(match.value, bool):
                text = str(match.value)
                if id_pattern(rule.id).fits(text):
                    yield text


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def _id_in(path: str, pattern: str, expression: str, *, below: bool = False) -> str:
    """Return the id that a pattern with `{id}` finds in a path; empty where it does not match.

    `below` also accepts paths under it: a slug, a tab.
    """
    before, _, after = pattern.partition("{id}")
    if not path.startswith(before):
        return ""
    for end in reversed(id_pattern(expression).ends(path, len(before))):
        rest = path[end : end + len(after) + 1]
        if rest == after or (below and rest == f"{after}/"):
            return path[len(before) : end]
    return ""


def _whole(text: str, found: str) -> Iterator[int]:
    """Yield the positions of an id in a text where it is not part of a longer one."""
    for at in occurrences(text, found):
        before, after = text[at - 1 : at], text[at + len(found) : at + len(found) + 2]
        goes_on = _is_of_id(after[:1]) or (after[:1] == "." and after[1:].isdecimal())
        if not _is_of_id(before) and not goes_on:
            yield at


def _is_of_id(letter: str) -> bool:
    return letter.isalnum() or letter in ("_", "-")
