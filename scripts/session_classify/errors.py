"""The ways a command can end without an answer, each with its exit code."""

from typing import ClassVar


class ClassifyError(Exception):
    """One line for a person: what, where, what was expected, what to try.

    `more` holds further lines, where there are several things to say; a line break inside a line,
    as a quoted name may have, begins no new one. `code` names one of the terminal errors of the
    output schema (`vocabulary.ERROR_CODES`); when it is set, the command line also prints the error
    as a JSON object on stdout, with `about` (mode and id) in front.
    """

    exit_code: ClassVar[int] = 70

    def __init__(self, message: str, *more: str, code: str | None = None, **about: str) -> None:
        super().__init__("\n".join((message, *more)))
        self.lines = (message, *more)
        self.code = code
        self.about = about
        self.is_joined = False
        """Code and detail are one text in the JSON object, as seed 001 has them."""


class UnusableInputError(ClassifyError):
    """The data cannot be used: empty, not JSON, of another shape, expired, masked."""

    exit_code = 1


class UsageError(ClassifyError):
    """The command was called in a way that means nothing."""

    exit_code = 2


class NotFoundError(ClassifyError):
    """What was asked for is not there."""

    exit_code = 3


class AuthError(ClassifyError):
    """A backend knows who asks, or not, and does not let them."""

    exit_code = 4


class UnreachableError(ClassifyError):
    """A backend or a judge does not answer, or with nothing that can be used."""

    exit_code = 5


class RefusedError(ClassifyError):
    """The check does not accept the verdict."""

    exit_code = 6


class LackingError(ClassifyError):
    """Something that a command needs is not installed here."""

    exit_code = 7


class StorageError(ClassifyError):
    """Files on this machine cannot be written: a full disk, no permission, held by another run."""

    exit_code = 7


class MissingExtraError(LackingError):
    """An optional part of the package is not installed; `extra` is its name in pyproject.toml.

    It is raised before anything is read or written: the launcher installs it and starts again.
    """

    def __init__(self, message: str, extra: str) -> None:
        super().__init__(message)
        self.extra = extra
