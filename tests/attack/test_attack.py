"""The short form of the attack: every text everywhere at once, every bomb once, hostile names."""

import sys
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

import pytest

from tests.attack import names, servers
from tests.attack.campaign import blasts, few, grouped, planted_everywhere
from tests.attack.payloads import PAYLOADS, Payload
from tests.attack.plant import Found
from tests.attack.run import Done, alone
from tests.attack.shapes import brief, shapes
from tests.attack.worker import warm_up
from tests.conftest import every

SHAPES = {shape.name: brief(shape) for shape in shapes() if shape.name not in ("trace", "site")}
"""What differs from others; the long form has all."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give a home of its own, in which every command ran once."""
    place = tmp_path_factory.mktemp("attack")
    before = sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    with alone(place):
        warm_up()
        yield place
    sys.dont_write_bytecode = before


def told(found: list[Found]) -> str:
    """Return what was found, a line for each kind."""
    return "\n".join(f"{key}: {few(group)}" for key, group in grouped(found).items())


def pairs() -> Iterator[tuple[Payload, str]]:
    """Yield every text with a bundle, and with one of the other shapes in turn."""
    others = cycle(name for name in SHAPES if name != "bundle")
    for payload in PAYLOADS:
        yield payload, "bundle"
        yield payload, next(others)


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("payload", "name"),
    every(list(pairs()), kept=list(pairs())[::30]),
    ids=lambda one: getattr(one, "name", one),
)
def test_text_in_every_place_is_shown_as_text_and_changes_no_outcome(
    payload: Payload, name: str
) -> None:
    """Every command ends as it does for a harmless text, and prints the same lines of its own."""
    assert told(planted_everywhere(SHAPES[name], payload)[1]) == ""


@pytest.mark.usefixtures("home")
@pytest.mark.matrix
@pytest.mark.parametrize("name", ["bundle", "verdict"])
def test_no_number_nesting_or_length_breaks_a_command(name: str) -> None:
    """Each bomb, in one place of a shape, is read, or refused with a documented exit code."""
    found = [one for result in blasts(SHAPES[name], 10_000) for one in result.found]

    assert told(found) == ""


def wrong(came: Iterator[Done]) -> list[str]:
    return [f"{done.argv}: {problem}" for done in came for problem in names.wrong(done)]


@pytest.mark.parametrize(
    "attack",
    every(
        [names.hostile_ids, names.hostile_files, names.special_files], kept=[names.hostile_files]
    ),
)
def test_a_name_is_never_obeyed(home: Path, attack: names.Attack) -> None:
    """Ids, file names, links and devices lead to an answer or a message, and nothing is made."""
    assert wrong(attack(4)) == []
    assert names.unmade(home) == []


@pytest.mark.slow
@pytest.mark.usefixtures("home")
def test_whatever_a_server_answers_is_read_or_refused() -> None:
    """Odd bodies and headers end in a message, and no answer leads to another machine."""
    assert wrong(islice(servers.hostile_answers(), 0, None, 75)) == []
