"""The levels of detail of a digest: what is listed and what is counted."""

import msgspec

FIELD = 300
"""Characters of one value before it is shortened; twice as many of a call's arguments."""


class Detail(msgspec.Struct, frozen=True):
    """How much a digest lists; the rest is counted."""

    writes: int = 10**6
    arguments: int = 600
    """Characters of a call's arguments on its line."""
    findings: int = 30
    full_turns: int = 10**6
    """Turns at each end with all their calls; others show the number of calls."""
    calls: int = 10**6
    """Most calls of a turn with a line each."""
    one_line: int = 0
    """Characters of the user's text in turns reduced to one line; 0 if none are."""
    turns: int = 10**6
    """Turns at each end that are shown at all."""
    rounds: int = 3
    """How far texts are shortened before the next level is tried (`budget.fit`)."""


DETAILS = (
    Detail(rounds=1),
    Detail(writes=40, arguments=300, rounds=2),
    Detail(writes=40, arguments=120, findings=20),
    Detail(writes=40, arguments=60, findings=15, full_turns=3, calls=60),
    Detail(writes=40, arguments=60, findings=15, full_turns=3, calls=30, one_line=80),
    Detail(writes=20, arguments=60, findings=10, full_turns=3, calls=15, one_line=24),
    Detail(writes=20, arguments=60, findings=10, full_turns=3, calls=12, one_line=40, turns=60),
    Detail(writes=10, arguments=60, findings=5, full_turns=1, calls=6, one_line=20, turns=10),
)
"""From most to least detail, tried in this order until the texts fit."""
