"""The words by which an answer states an effect: read from the profiles into look-ups."""

from collections import defaultdict
from functools import lru_cache

import msgspec

from session_classify.profiles.kinds import name_words
from session_classify.profiles.load import generic_profile
from session_classify.profiles.profile import Effect, Profile

ANY = "*"
"""In place of a tool's verb: whatever changed something."""
_CHANGES = "update"
# What such a verb makes is told by the rest of the name: `create_refund`, `send_certificate`.
_GENERIC = frozenset(
    "add create execute issue make open perform post process put request run send submit".split()
)


class Kind(msgspec.Struct, frozen=True):
    """An effect by the tools that have it."""

    tools: frozenset[str] = frozenset()
    money: str = ""
    """`refunded` or `charged` where a write that moved money has it as well."""

    def __or__(self, other: "Kind") -> "Kind":
        return Kind(self.tools | other.tools, self.money or other.money)

    @property
    def is_change(self) -> bool:
        """It changes a part of something, so that what was changed matters."""
        return _CHANGES in self.tools


class Words(msgspec.Struct, frozen=True):
    """The look-ups that the profiles' effects make."""

    participles: dict[str, Kind]
    nouns: dict[str, Kind]
    completions: frozenset[str]
    """Participles that say that an act was carried out; a noun beside them tells which."""
    verbs: frozenset[str]
    """The words in tool names that have an effect."""

    def of_tool(self, name: str) -> frozenset[str]:
        """Return the words of a tool's name that tell its effect: `cancel` of `cancel_order`."""
        words = [word.lower() for word in name_words(name)]
        at = next((i for i, word in enumerate(words) if word in self.verbs), 0)
        generic = _GENERIC.intersection(words[at : at + 1])
        return frozenset(words[at:] if generic else words[at : at + 1])


def effect_words(profile: Profile | None) -> Words:
    """Return the look-ups of an app's effects together with the generic ones."""
    return _words((profile.effects if profile else ()) + generic_profile().effects)


@lru_cache(maxsize=8)
def _words(effects: tuple[Effect, ...]) -> Words:
    participles: dict[str, Kind] = defaultdict(Kind)
    nouns: dict[str, Kind] = defaultdict(Kind)
    completions: set[str] = set()
    for effect in effects:
        kind = Kind(effect.tools, effect.money)
        for word in effect.says:
            participles[word] |= kind
        for word in effect.nouns:
            nouns[word] |= kind
        if not effect.tools:
            completions.update(effect.says)
    verbs = frozenset(tool for effect in effects for tool in effect.tools) - {ANY}
    return Words(dict(participles), dict(nouns), frozenset(completions), verbs)
