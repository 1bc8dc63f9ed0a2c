"""Text made safe and short to print."""

import pytest

from session_classify.printing.text import size


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (35_000_000, "35.0 MB"),
        (1_234_500_000_000, "1,234.5 GB"),
    ],
)
def test_a_size_is_short(count: int, shown: str) -> None:
    """In decimal units, with one digit after the point."""
    assert size(count) == shown
