"""A profile with promoted actions in it, and whether it would pass its check."""

from collections.abc import Iterable, Sequence

import msgspec
from msgspec.structs import replace

from session_classify.agreement.promotion import Promotion
from session_classify.agreement.sightings import key_of
from session_classify.profiles.checks import problems
from session_classify.profiles.profile import ActionRule, Profile
from session_classify.vocabulary import Tier


class Proposal(msgspec.Struct, frozen=True):
    """A rule to paste into a profile."""

    rule: ActionRule
    replaces: bool
    """Whether the profile has a rule of this name, in whose place it goes; else it goes first."""


def promoted(profile: Profile, proposals: Iterable[Proposal]) -> Profile:
    """Return a profile with the proposed rules pasted as they say."""
    actions = list(profile.actions)
    for one in proposals:
        places = [n for n, rule in enumerate(actions) if key_of(rule) == key_of(one.rule)]
        if one.replaces and places:
            actions[places[0]] = one.rule
        else:
            actions.insert(0, one.rule)
    return replace(profile, actions=tuple(actions))


def proposed(
    made: Sequence[Promotion], own: Profile
) -> tuple[tuple[Promotion, ...], tuple[Proposal, ...]]:
    """Return the promotions, and a proposal for each that keeps the profile free of new problems.

    `own` is the profile as it is in its file. A promotion that would contradict it is no longer
    one, and its note says why.
    """
    known = {key_of(rule) for rule in own.actions}
    before = set(map(str, problems(own)))
    kept: list[Promotion] = []
    proposals: list[Proposal] = []
    for one in made:
        if one.tier is Tier.AMBIGUOUS:
            kept.append(one)
            continue
        proposal = Proposal(one.proposal, key_of(one.rule) in known)
        found = problems(promoted(own, (*proposals, proposal)))
        new = [problem for problem in found if str(problem) not in before]
        if new:
            note = f"in the profile it would be refused: {new[0].what}"
            kept.append(replace(one, tier=Tier.AMBIGUOUS, note=note))
        else:
            kept.append(one)
            proposals.append(proposal)
    return tuple(kept), tuple(proposals)
