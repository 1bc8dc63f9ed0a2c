"""Masks: what stands in place of content that a feature flag hides."""

from session_classify.vocabulary import MASKS

_LONGEST = 2_000
"""A longer text that quotes a mask is about masks; it is not one."""


def is_masked(text: str | None) -> bool:
    """Tell whether a mask stands in place of the text, alone or inside a short wrapper."""
    if not text:
        return False
    stripped = text.strip()
    return stripped in MASKS or (
        len(stripped) < _LONGEST and any(mask in stripped for mask in MASKS if mask.startswith("<"))
    )
