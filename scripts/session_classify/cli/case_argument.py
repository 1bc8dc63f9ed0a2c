"""The argument that names a case or run: its path, or the id of one in the state directory."""

import os
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pathlib import Path


class CasePath(click.Path):
    """A path. The name of a case, or the id of its unit, is the path in the state directory."""

    def __init__(self) -> None:
        super().__init__(readable=False)

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> "str | bytes | os.PathLike[str]":
        """Return the path; a name that is neither here nor there stays as it is."""
        if isinstance(value, str) and value.strip(".") and os.sep not in value:
            found = None if os.path.lexists(value) else _kept(value)
            value = str(found) if found else value
        return super().convert(value, param, ctx)


def _kept(name: str) -> "Path | None":
    from session_classify.errors import LackingError
    from session_classify.gathering.case import default_path
    from session_classify.gathering.case_files import is_case
    from session_classify.places import cases_folder
    from session_classify.population.run import is_run
    from session_classify.vocabulary import Unit

    try:
        paths = (cases_folder() / name, *(default_path(unit, name) for unit in Unit))
        return next((path for path in paths if is_case(path) or is_run(path)), None)
    except (LackingError, OSError, ValueError):  # no home, or nothing that a file can be called
        return None
