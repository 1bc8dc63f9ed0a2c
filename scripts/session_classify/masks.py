"""Masks: placeholders for content that a feature flag hides.

Source: `references/sources/spans.md#masked-content`.
"""

from session_classify.vocabulary import MASKS

_WRAPPING = 30
"""Characters beside a mask that still count as its wrapper; a longer text quotes the mask."""


def is_masked(text: str | None) -> bool:
    """Return whether a text is a mask, alone or in a short wrapper."""
    if not text:
        return False
    stripped = text.strip()
    if stripped in MASKS:
        return True
    marks = [mask for mask in MASKS if mask.startswith("<") and mask in stripped]
    for mask in marks:
        stripped = stripped.replace(mask, "")
    return bool(marks) and len(stripped.strip()) <= _WRAPPING
