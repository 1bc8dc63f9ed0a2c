"""The kinds of backend: each module in this folder is one, under its name."""

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from pathlib import Path

from session_classify.backends.kind import Availability, BackendKind


@cache
def names() -> tuple[str, ...]:
    """Return the names of all kinds, in order."""
    return tuple(sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py")))


def kind_of(name: str) -> BackendKind | None:
    """Return the kind of a name; None if it does not exist."""
    if name not in names():
        return None
    kind: BackendKind = import_module(f"{__name__}.{name}").KIND
    return kind


def kinds() -> tuple[BackendKind, ...]:
    """Return all kinds in order of their names."""
    return tuple(kind for name in names() if (kind := kind_of(name)))


def syntax() -> str:
    """Return the possible values of `--backend`."""
    return "|".join((*(kind.syntax for kind in kinds()), "auto"))


def availability() -> dict[str, Availability]:
    """Return the live kinds by name, in the order of `auto`."""
    tried = sorted((kind for kind in kinds() if kind.preference), key=lambda one: one.preference)
    return {kind.name: kind.availability() for kind in tried if kind.availability}


def first_choice(found: dict[str, Availability], among: Iterable[str] = ()) -> str:
    """Return the first kind that works, else the first that the launcher sets up; empty if none.

    `among` limits the choice to some kinds.
    """
    chosen = {name: one for name, one in found.items() if not among or name in among}
    ordered = sorted(chosen, key=lambda name: not chosen[name].works)
    return next((name for name in ordered if chosen[name].works or chosen[name].extra), "")
