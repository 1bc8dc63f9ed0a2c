"""Places whose content may change what a session comes to, and why: everything else may not."""

import re

_BY_RIGHT = (
    (
        r"tool_calls\[\]\.name|\[tool\]\.attributes\.name|tool_results\[\]\.name",
        "the verbs in a tool's name tell whether it writes",
    ),
    (
        r"tool_(?:calls|results)\[\]\.result \(|\[tool\]\.attributes\.output\.value \(",
        "how a call ended is told by how its result begins",
    ),
    (
        r"\[tool\]\.attributes\.(?:error|tags\[\]\.error)|tool_calls\[\]\.error",
        "a tool's error says whether it was refused, not found, or may have landed",
    ),
    (
        r"\[agent\]\.attributes\.output\.value|\[assistant\]\.content|iterations\[\]\.content|(?:timeline|preview)",
        "claims of effects, ids and addresses are read off the answer",
    ),
    (
        r"^(?:profile|reconcile|verdict|judge) ",
        "whoever writes settings or a verdict decides",
    ),
)


def is_by_right(shape: str, place: str) -> bool:
    """Tell whether a text in a place of a shape may change outcomes."""
    return any(re.search(pattern, f"{shape} {place}") for pattern, _ in _BY_RIGHT)


def reasons() -> tuple[str, ...]:
    """Return why, one line for each kind of place."""
    return tuple(why for _, why in _BY_RIGHT)
