"""What every test may use."""

import os
import signal
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]

# How long an example takes says more about the machine than about the code.
settings.register_profile(
    "check", deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("long", settings.get_profile("check"), max_examples=300)
settings.load_profile("check")


def every(cases: Collection[Any], *, kept: Collection[Any]) -> list[Any]:
    """Return the cases of a parametrised test, all but the kept ones marked `matrix`.

    `make check` runs the kept ones, `make matrices` all. Raises ValueError for a kept case that is
    none.
    """
    if unknown := [one for one in kept if one not in cases]:
        raise ValueError(f"no such cases: {unknown}")
    return [
        one
        if one in kept
        else pytest.param(*(one if isinstance(one, tuple) else (one,)), marks=pytest.mark.matrix)
        for one in cases
    ]


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
    where = os.environ.get("SESSION_CLASSIFY_DATA", "../shared/data")
    path = (ROOT / where).resolve()
    if not path.is_dir():
        pytest.skip(f"real data: {where} is absent")
    return path


@pytest.fixture(scope="session")
def seeds() -> str:
    """Return the text of the design documents that facts come from; they are not published."""
    files = sorted((ROOT.parent / "shared" / "seeds").glob("*.txt"))
    if not files:
        pytest.skip("the design documents: ../shared/seeds is absent")
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


@pytest.fixture(scope="session")
def action_list() -> str:
    """Return the published actions of the Datadog assistant; the list is not in the repository."""
    files = sorted((ROOT.parent / "shared").glob("*/rum-actions.md"))
    if not files:
        pytest.skip("the list of published actions: ../shared has no rum-actions.md")
    return files[0].read_text(encoding="utf-8")


@pytest.fixture(scope="session", autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the tests away from the developer's home, account and settings."""
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith(("DD_", "XDG_", "PUP_")):
                patch.delenv(name)
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        yield


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end how many tests were skipped, and why: a line for each reason."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", ())
    )
    for reason, count in sorted(reasons.items()):
        kind, _, why = reason.rpartition(": ")
        what = f"test{'s' * (count > 1)}{kind and f' of {kind}'}"
        terminalreporter.write_line(f"{count} {what} skipped: {why}")
