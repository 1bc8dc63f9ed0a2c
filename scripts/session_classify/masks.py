"""Masks: what stands in place of content that a feature flag hides."""

from session_classify.vocabulary import MASKS

_WRAPPING = 30
"""Characters beside a mask that still count as its wrapper; a text that quotes one is a text."""


def is_masked(text: str | None) -> bool:
    """Tell whether a mask stands in place of the text, alone or inside a short wrapper."""
    if not text:
        return False
    stripped = text.strip()
    if stripped in MASKS:
        return True
    marks = [mask for mask in MASKS if mask.startswith("<") and mask in stripped]
    for mask in marks:
        stripped = stripped.replace(mask, "")
    return bool(marks) and len(stripped.strip()) <= _WRAPPING
