"""The whole attack as tasks that do not depend on each other, and what each of them found."""

import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from tests.attack import names, servers
from tests.attack.bombs import Bomb, bombed, bombs, every_place
from tests.attack.by_right import is_by_right
from tests.attack.checks import ended, printed
from tests.attack.payloads import PAYLOADS, Payload
from tests.attack.places import Place, places, planted
from tests.attack.plant import Found, everywhere, tried
from tests.attack.run import Done, run
from tests.attack.shapes import Argv, Shape, shapes, write

_PARTS = 6
"""Tasks that the payloads of a place are divided into, and the bombs."""


@dataclass(frozen=True, slots=True)
class Task:
    """A part of the attack: texts or bombs in one place of one shape, or a set of its own."""

    kind: str
    """`text`, `bomb`, or the name of a set in `_SETS`."""
    shape: int = 0
    place: int = 0
    part: int = 0


@dataclass(slots=True)
class Result:
    """What came of a task."""

    task: Task
    shape: str
    tries: int = 0
    """Texts and bombs that were planted."""
    commands: int = 0
    found: list[Found] = field(default_factory=list)


def tasks() -> list[Task]:
    """Return every task, those of one kind spread over the whole list."""
    made = [Task(name) for name in _SETS]
    for number in range(len(_shapes())):
        for kind, listed in (("text", _places(number)), ("bomb", _holes(number))):
            made += [
                Task(kind, number, place, part)
                for place in range(len(listed))
                for part in range(_PARTS)
            ]
    return [task for start in range(_STRIDE) for task in made[start::_STRIDE]]


_STRIDE = 97
"""Tasks between neighbours of a list: whoever stops early has tried some of everything."""


def done(task: Task) -> Result:
    """Do a task in the working directory."""
    if task.kind in _SETS:
        return _checked(task, _SETS[task.kind]())
    shape = _shapes()[task.shape]
    kind, place = (_places if task.kind == "text" else _holes)(task.shape)[task.place]
    documents = {name: shape.documents[name] for name in shape.targets}
    result = Result(task, shape.name)
    if task.kind == "bomb":
        for bomb in bombs(_SIZE)[task.part :: _PARTS]:
            _blast(shape, documents, (kind, place), bomb, result)
        write(shape.documents, Path())
        return result
    by_right = is_by_right(shape.name, kind)
    for payload in PAYLOADS[task.part :: _PARTS]:
        came = tried(
            shape,
            lambda text: {**shape.documents, **planted(documents, place, text)},
            payload,
            kind,
            by_right=by_right,
        )
        result.tries += 1
        result.commands += came.commands
        result.found += came.found
    return result


_SIZE = 100_000
"""Characters of a bomb that is as large as one likes."""


def planted_everywhere(shape: Shape, payload: Payload) -> tuple[int, tuple[Found, ...]]:
    """Plant a text behind every value of a shape that may not change outcomes, all at once."""
    came = tried(
        shape,
        lambda text: {**shape.documents, **everywhere(shape, text, is_by_right)},
        payload,
        "everywhere",
        by_right=False,
    )
    return came.commands, came.found


def blasts(shape: Shape, size: int) -> Iterator[Result]:
    """Put each bomb into one place of a shape, each time another."""
    holes = _holes([one.name for one in _shapes()].index(shape.name))
    documents = {name: shape.documents[name] for name in shape.targets}
    for number, bomb in enumerate(bombs(size)):
        result = Result(Task("bomb"), shape.name)
        _blast(shape, documents, holes[number * 7 % len(holes)], bomb, result)
        yield result


def _blast(
    shape: Shape, documents: dict[str, Any], hole: tuple[str, Place], bomb: Bomb, result: Result
) -> None:
    kind, place = hole
    shutil.rmtree("cases", ignore_errors=True)
    write({**shape.documents, **bombed(documents, place, bomb)}, Path())
    result.tries += 1
    for argv in filter(_reads, shape.commands):
        came = run(*argv, allowed=(Path("cases"),), starts=shape.starts)
        result.commands += 1
        result.found += [
            Found(shape.name, kind, bomb.name, came.verb, problem)
            for problem in (*ended(came), *printed(came))
        ]


def _reads(argv: Argv) -> bool:
    """Tell whether a command reads the data in a way of its own."""
    if argv[0] == "show":
        return argv[2:] in ((), ("turn", "1"), ("turn", "2"), ("tool3",))
    return argv[0] != "verdict" or "--file" in argv


def _checked(task: Task, came: Iterable[Done]) -> Result:
    result = Result(task, task.kind)
    for one in came:
        result.tries += 1
        result.commands += 1
        name = " ".join(word for word in one.argv[1:] if "zqx" in word)[:60]
        result.found += [
            Found(task.kind, ascii(name), "", one.verb, problem) for problem in names.wrong(one)
        ]
    return result


def _planted_servers() -> Iterator[Done]:
    shape = _shapes()[0]
    for payload in PAYLOADS:
        yield from servers.planted_server(everywhere(shape, payload.text, is_by_right))


_SETS = {
    "hostile ids": names.hostile_ids,
    "hostile files": names.hostile_files,
    "special files": names.special_files,
    "hostile answers": servers.hostile_answers,
    "planted servers": _planted_servers,
}


@cache
def _shapes() -> tuple[Shape, ...]:
    return shapes()


@cache
def _places(number: int) -> list[tuple[str, Place]]:
    """Return the places for text of a shape: the last of each kind, which is the deepest in it."""
    shape = _shapes()[number]
    documents = {name: shape.documents[name] for name in shape.targets}
    found = {place.kind(documents): place for place in places(documents) if place.path}
    return list(found.items())


@cache
def _holes(number: int) -> list[tuple[str, Place]]:
    """Return the places for bombs of a shape, one of each kind."""
    shape = _shapes()[number]
    documents = {name: shape.documents[name] for name in shape.targets}
    return list({place.kind(documents): place for place in every_place(documents)}.items())


def grouped(found: Iterable[Found]) -> dict[tuple[str, str, str], list[Found]]:
    """Return what was found by shape, command and problem, numbers and planted words aside."""
    groups: dict[tuple[str, str, str], list[Found]] = {}
    for one in found:
        problem = re.sub(r"\d+", "0", one.problem)[:110]
        groups.setdefault((one.shape, one.command, problem), []).append(one)
    return dict(sorted(groups.items(), key=lambda item: -len(item[1])))


def few(found: list[Found], most: int = 3) -> str:
    """Name some of the places and texts of a group."""
    told = dict.fromkeys(f"{one.payload} at {one.place}".strip() for one in found)
    return "; ".join(islice(told, most)) + ("; …" if len(told) > most else "")
