"""One text in one place of one shape, every command on it, and what is wrong with that."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.attack.checks import compared, ended, printed
from tests.attack.outcomes import Outcomes, outcomes
from tests.attack.payloads import MARK, Payload
from tests.attack.places import TIES, Place, appended, places
from tests.attack.run import Done, run
from tests.attack.shapes import CASE, Argv, Shape, write

Plant = Callable[[str], dict[str, Any]]
"""Returns the benign documents of a shape with a text in a place."""
_MAKING = frozenset({"gather", "classify", "verdict"})
"""Commands that change the case, so that later ones depend on them."""


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that is wrong."""

    shape: str
    place: str
    payload: str
    command: str
    problem: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What one text in one place brought."""

    commands: int
    shown: bool
    """The text is printed by some command."""
    found: tuple[Found, ...]


def tried(shape: Shape, plant: Plant, payload: Payload, place: str, *, by_right: bool) -> Tried:
    """Plant a text, and the harmless one of its form wherever the first was printed.

    `by_right` says that the place may change outcomes: exit codes and what is found.
    """
    hostile, came = _all(shape, plant(payload.text), lambda _: True)
    shown = {done.argv for done in hostile if MARK in f"{done.out}{done.err}".lower()}
    problems = [(done.verb, told) for done in hostile for told in (*ended(done), *printed(done))]
    harmless, other = _all(
        shape, plant(payload.harmless), lambda argv: argv in shown or argv[0] in _MAKING
    )
    same = {done.argv: done for done in harmless}
    for done in hostile:
        if done.argv in same:
            told = compared(done, same[done.argv], payload, by_right=by_right)
            problems += [(done.verb, text) for text in told]
    if not by_right:
        for name, value in came.items():
            if value != other[name]:
                problems.append(("classify", f"{name}: {value} instead of {other[name]}"))
    found = tuple(Found(shape.name, place, payload.name, *problem) for problem in problems)
    return Tried(len(hostile) + len(harmless), bool(shown), found)


def _all(
    shape: Shape, documents: dict[str, Any], chosen: Callable[[Argv], bool]
) -> tuple[list[Done], Outcomes]:
    """Write the documents afresh and run the chosen commands on them."""
    cases = Path(CASE).parent
    shutil.rmtree(cases, ignore_errors=True)
    write(documents, Path())
    done = [
        run(*argv, allowed=(cases,), starts=shape.starts) for argv in shape.commands if chosen(argv)
    ]
    return done, outcomes(Path(CASE))


def everywhere(shape: Shape, text: str, is_by_right: Callable[[str, str], bool]) -> dict[str, Any]:
    """Return the documents of a shape with the text behind every value that is a text.

    Left out are places that may change outcomes, and those that tie the parts together.
    """
    documents = {name: shape.documents[name] for name in shape.targets}
    made = documents
    for place in list(places(documents)):
        kind = place.kind(documents)
        if place.how == "value" and _carries_words(place) and not is_by_right(shape.name, kind):
            made = appended(made, place, text)
    return made


_STRUCTURE = TIES | frozenset(
    """id type span_kind status timestamp role kind method action name session_id url email
    direction tier category when seen move in path tool verdict code final app ml_apps site
    @type @session.id @usr.id @view.url next_cursor <json> tags cite confirm""".split()
)


def _carries_words(place: Place) -> bool:
    steps = [step for step in place.path if isinstance(step, str)]
    return steps[-1] not in _STRUCTURE
