"""What every test may use."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--golden` writes the golden files instead of comparing with them."""
    parser.addoption("--golden", action="store_true", help="rewrite the golden files")


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let children be interrupted where this process ignores SIGINT: they would inherit that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return where the real sessions lie; they stay out of the repository."""
    default = ROOT.parent / "shared" / "data"
    path = Path(os.environ.get("SESSION_CLASSIFY_DATA", default))
    if not path.is_dir():
        pytest.skip(f"real sessions are not at {path}; SESSION_CLASSIFY_DATA may name their place")
    return path


@pytest.fixture(scope="session")
def seeds() -> str:
    """Return the text of the design documents that facts come from; they are not published."""
    files = sorted((ROOT.parent / "shared" / "seeds").glob("*.txt"))
    if not files:
        pytest.skip(f"the seeds are not beside the checkout, at {ROOT.parent / 'shared' / 'seeds'}")
    return "\n".join(file.read_text(encoding="utf-8") for file in files)
