"""The errors that end a command, each with its exit code."""

import sys
from typing import ClassVar


class ClassifyError(Exception):
    """An error message of one line: what, where, what was expected, what to try.

    `more` holds further lines. A line break inside a line, such as in a quoted name, does not begin
    a new line. `code` is one of the terminal errors of the output schema
    (`vocabulary.ERROR_CODES`). With a code, the command line also prints the error as a JSON object
    on stdout, preceded by the fields in `about` (mode and id).
    """

    exit_code: ClassVar[int] = 70

    def __init__(self, message: str, *more: str, code: str | None = None, **about: str) -> None:
        super().__init__("\n".join((message, *more)))
        self.lines = (message, *more)
        self.code = code
        self.about = about
        self.is_joined = False
        """Join code and detail in one text of the JSON object, as the eval protocol does.

        Source: `references/sources/rules.md#protocols`.
        """


def in_line(error: object, most: int = 300) -> str:
    """Return what an error says in one line of at most so many characters."""
    return " ".join(str(error).split())[:most]


class UnusableInputError(ClassifyError):
    """The data cannot be used: empty, not JSON, of an unknown shape, expired or masked."""

    exit_code = 1


class UsageError(ClassifyError):
    """Invalid arguments."""

    exit_code = 2


class NotFoundError(ClassifyError):
    """The requested object does not exist."""

    exit_code = 3


class AuthError(ClassifyError):
    """A backend refuses access, or there are no credentials."""

    exit_code = 4


class UnreachableError(ClassifyError):
    """A backend or a judge does not answer, or its answer is unusable."""

    exit_code = 5


class RefusedError(ClassifyError):
    """The check refused the verdict."""

    exit_code = 6


class LackingError(ClassifyError):
    """Something that a command needs is not installed."""

    exit_code = 7


class StorageError(ClassifyError):
    """A file cannot be written: disk full, no permission, locked by another run."""

    exit_code = 7


def pip(*packages: str) -> str:
    """Return the command that installs packages into this Python."""
    from shlex import join

    return join((sys.executable, "-m", "pip", "install", *packages))


class MissingExtraError(LackingError):
    """An optional part of the package is not installed; `extra` is its name in pyproject.toml.

    It is raised before anything is read or written: the launcher installs the extra and starts
    again.
    """

    def __init__(self, message: str, extra: str) -> None:
        super().__init__(message)
        self.extra = extra
