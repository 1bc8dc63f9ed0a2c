"""`--restricted`: the commands and values that an agent may use without approval.

The skill lets its agent run these commands unprompted, and the agent reads hostile text. So none of
them starts a program of the caller's choosing, sends anything to a foreign server, or reads or
writes outside the places of `allowed_paths`.
"""

from collections.abc import Callable
from copy import copy
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

import click

from session_classify.errors import UsageError
from session_classify.vocabulary import Unit

if TYPE_CHECKING:
    from pathlib import Path

    from session_classify.cli.allowed_paths import AllowedPaths

COMMANDS = (
    "gather",
    "show",
    "verdict",
    "report",
    "submit",
    "extract-loop",
    "drill-down",
    "audit-phases",
    "rum-signals",
    "doctor",
    "audience users query",
    "audience users facet",
    "audience users event-query",
    "audience accounts query",
    "audience accounts facet",
    "audience mapping",
    "audience connections list",
    "audience connections check",
)
"""Commands that may be run, with all their words: those of `audience` that only read."""

_ASK = "ask the user to run it without --restricted"
_EXPECTED = (
    "expected no command, but an address of Datadog, api:https://api.SITE or "
    "mcp:https://mcp.SITE/…/mcp, or one of this machine, such as api:http://127.0.0.1:PORT"
)


class Role(Enum):
    """What a parameter's value can affect."""

    PLAIN = auto()
    """Nothing: a number, a choice or text about the session."""
    CASE = auto()
    """A case directory."""
    SETTINGS = auto()
    """A file that affects how data is judged."""
    DATA = auto()
    """Recorded data to read."""
    OUTPUT = auto()
    """A file to write."""
    BACKEND = auto()
    """A backend: an address, a command or files."""
    ADDRESS = auto()
    """An address that is asked: Datadog's or this machine's."""
    SEND = auto()
    """Data that is sent and stored elsewhere: never allowed."""


_ROLES = {
    Role.PLAIN: "words subject session_start session_end start end feedback user reason failure "
    "cite confirm dismiss breach sure label reference note intent did rum_says feedback_why "
    "dataset project timeframe granularity query event_query facet "
    "entity columns sort wildcard term attribute audience by",
    Role.CASE: "case record run",
    Role.SETTINGS: "profile reconcile file",
    Role.DATA: "paths against labels",
    Role.OUTPUT: "out html",
    Role.BACKEND: "backend",
    Role.ADDRESS: "address",
    Role.SEND: "send url",
}
_BY_NAME = {name: role for role, names in _ROLES.items() for name in names.split()}
_PLAIN_TYPES = (click.Choice, click.types.IntParamType, click.types.BoolParamType)


def role_of(parameter: click.Parameter) -> Role | None:
    """Return the role of a parameter; None where it has none yet."""
    named = _BY_NAME.get(parameter.name or "")
    if named is None and isinstance(parameter.type, _PLAIN_TYPES):
        return Role.PLAIN
    return named


class _GuardedGroup(click.Group):
    """A group of which some commands may be run."""

    def __init__(self, group: click.Group, path: str) -> None:
        super().__init__(group.name, group.commands, help=group.help)
        self._group, self._path = group, path

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, command, rest = self._group.resolve_command(ctx, args)
        return name, guarded(command, self._path) if command else None, rest


def guarded(command: click.Command, path: str = "") -> click.Command:
    """Return a command that checks its values before it runs; `path` has the words before it.

    Raises UsageError for a command that is not in COMMANDS.
    """
    name = f"{path} {command.name}".strip()
    if isinstance(command, click.Group) and any(one.startswith(f"{name} ") for one in COMMANDS):
        return _GuardedGroup(command, name)
    if name not in COMMANDS or command.callback is None:
        first = f"{name.partition(' ')[0]} " if path else ""
        others = dict.fromkeys(
            one if first else one.partition(" ")[0] for one in COMMANDS if one.startswith(first)
        )
        raise UsageError(f"--restricted does not allow {name}, only {', '.join(others)}; {_ASK}")
    checked = copy(command)
    checked.callback = _checked(command.callback, command.params)
    return checked


def _checked(callback: Callable[..., Any], parameters: list[click.Parameter]) -> Callable[..., Any]:
    def run(**values: Any) -> Any:
        return callback(**allowed_values(parameters, values))

    return run


def allowed_values(parameters: list[click.Parameter], values: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a command's parameters, with its paths resolved.

    Raises UsageError for a value that is not allowed, and for a parameter without a role.
    """
    from session_classify.cli.allowed_paths import allowed_paths

    paths = allowed_paths()
    given = [one for one in parameters if one.name and values.get(one.name)]
    case: Path | None = None
    for parameter in given:
        if role_of(parameter) is Role.CASE:
            case = paths.case(_shown(parameter), values[parameter.name or ""])
    return values | {
        name: _allowed(parameter, values, paths, case)
        for parameter in given
        if (name := parameter.name)
    }


def _allowed(
    parameter: click.Parameter, values: dict[str, Any], paths: "AllowedPaths", case: "Path | None"
) -> Any:
    """Return the value that a command receives for a parameter: the checked one."""
    value, option = values[parameter.name or ""], _shown(parameter)
    role = role_of(parameter)
    if role is None or role is Role.SEND:
        raise UsageError(f"--restricted does not allow {option}; leave it out, or {_ASK}")
    if role is Role.CASE:
        return str(case)
    if role is Role.SETTINGS and value != "-":
        return str(paths.settings(option, value, case))
    if role is Role.OUTPUT:
        return str(paths.output(option, value, case, is_page=parameter.name == "html"))
    if role is Role.DATA:
        _check_data(option, (value,) if isinstance(value, str) else value, paths)
    if role is Role.BACKEND:
        _check_backend(value, values.get("words", ()), paths)
    if role is Role.ADDRESS:
        _check_address(option, value)
    return value


def _shown(parameter: click.Parameter) -> str:
    """Return how a parameter is written: `--out`, or PATH."""
    if isinstance(parameter, click.Option):
        return parameter.opts[0]
    return parameter.human_readable_name


def _check_data(option: str, names: tuple[str, ...], paths: "AllowedPaths") -> None:
    for name in names:
        if name != "-":
            paths.data(option, name)


def _check_backend(spec: str, words: tuple[str, ...], paths: "AllowedPaths") -> None:
    """Raise UsageError for a backend that starts a program or sends to a foreign server."""
    from session_classify.backends.kinds import kind_of, syntax

    name, _, where = spec.partition(":")
    kind = kind_of(name)
    if kind and kind.files:
        named = words[2:] if words[:1] in ((Unit.SESSION,), (Unit.TRACE,)) else words[1:]
        _check_data(f"--backend {name}:", kind.files(where, named), paths)
    elif kind and where and kind.is_safe_address:
        if not kind.is_safe_address(where):
            raise UsageError(f"--restricted does not allow --backend {spec}: {_EXPECTED}; {_ASK}")
    elif not kind and name != "auto":
        raise UsageError(f"there is no backend {spec}; expected {syntax()}")
    elif where:
        raise UsageError(f"--restricted allows no {name} with {where} after the colon; {_ASK}")


def _check_address(option: str, address: str) -> None:
    """Raise UsageError for an address that is neither Datadog's nor this machine's."""
    from session_classify.backends.kinds import kind_of

    api = kind_of("api")
    if not (api and api.is_safe_address and api.is_safe_address(address)):
        raise UsageError(
            f"--restricted does not allow {option} {address}: expected https://api.SITE or an "
            f"address of this machine, such as http://127.0.0.1:PORT; {_ASK}"
        )
