"""The command line: one file a command, each imported only when it is called."""

import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import NoReturn

import click

_COMMANDS = {
    "gather": "Collect the evidence of a session or trace into a case and print its digest.",
    "show": "Print one thing of a case in full, or its digest again.",
    "verdict": "Record a verdict on a case, check it against the evidence and print it.",
    "classify": "Gather a session or trace and give the rules-only verdict, without a reader.",
    "report": "Print the verdict of a case again, or the whole report on it.",
    "extract-loop": "Summarize agent loops that a client wrote to disk.",
    "drill-down": "Find client-rendered tools, writes, empty queries and errors in agent loops.",
    "rum-aggregate": "Count RUM events of a user by the values of facets.",
    "rum-signals": "Print what a user did around a session, from persisted RUM results.",
    "audit-phases": "Show what became of a session's assets by the rows of the audit trail.",
    "profile": "Write, check or render what the tools and actions of an app mean.",
    "purge": "Remove cases, kept answers, private environments and caches.",
    "doctor": "Say which backends work here, and what would make the others work.",
    "serve": "Answer as Datadog's endpoints do, from bundles, on this machine alone.",
    "demo": "Classify a made-up session that ships with the package.",
}

_EPILOG = """\b
Exit codes: 0 done, 1 unusable data, 2 usage, 3 not found,
4 the backend refuses the user, 5 backend or judge unreachable, 6 verdict refused,
7 something is missing on this machine or cannot be written, 70 internal error."""


class _LazyGroup(click.Group):
    """Imports a command's module when that command runs, and none of them for `--help`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        module = import_module(f"session_classify.cli.commands.{name}")
        command: click.Command = getattr(module, f"{name}_cmd")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        if command is not None and ctx.params["restricted"]:
            from session_classify.cli.guard import guarded

            command = guarded(command)
            # Usage lines and the commands that are printed as the next ones carry the switch, too.
            ctx.info_name = f"{ctx.info_name} --restricted"
        return name, command, rest

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


def _print_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if not value or ctx.resilient_parsing:
        return
    from session_classify.version import version_text

    click.echo(f"session-classify, version {version_text()}")
    ctx.exit()


@click.group(
    cls=_LazyGroup, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and exit.",
)
@click.option("--debug", is_flag=True, help="Show the traceback of a bug.")
@click.option(
    "--restricted",
    is_flag=True,
    help="Refuse what an agent should not do unasked: start programs, contact servers other than "
    "Datadog's and this machine, read or write elsewhere than in the project and the case.",
)
def cli(*, debug: bool, restricted: bool) -> None:
    """Tell whether a user's intent was satisfied in an LLM Observability session."""


def main(again: Callable[[Exception], None] | None = None) -> NoReturn:
    """Run the command line; every error is one line on stderr and an exit code.

    `again` is given an error before it is told; the launcher starts again where that helps.
    """
    from session_classify.cli.streams import on_signal, open_streams
    from session_classify.invocation import program

    # A command that is ended from outside still removes what it was making.
    on_signal(signal.SIGTERM, lambda: sys.exit(143))
    open_streams()
    try:
        cli.main(prog_name=program(), standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        from session_classify.printing.text import one_line

        # It quotes an argument as it was typed.
        error.message = one_line(error.message)  # type: ignore[misc]
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except Exception as error:  # noqa: BLE001  the last one to see it tells it in one line
        if again is not None:
            again(error)
        sys.exit(_report_error(error))
    sys.exit(0)


def _report_error(error: Exception) -> int:
    """Tell an error in one line and return the exit code; a traceback only where it was asked."""
    import json

    from session_classify.errors import ClassifyError, StorageError
    from session_classify.printing.text import clip, one_line, visible_json
    from session_classify.redaction import without_secrets  # an error may quote trace text

    if isinstance(error, OSError):
        where = f" {one_line(str(error.filename))}" if error.filename else " a file"
        click.echo(f"session-classify: cannot use{where}: {error.strerror or error}", err=True)
        return StorageError.exit_code
    if not isinstance(error, ClassifyError):
        if "--debug" in sys.argv:
            sys.excepthook(type(error), error, error.__traceback__)
        else:
            click.echo(
                f"session-classify: a bug of ours ({type(error).__name__}: {one_line(str(error))});"
                " please report it with what `session-classify --debug …` prints",
                err=True,
            )
        return ClassifyError.exit_code
    for line in error.lines:
        told = clip(one_line(without_secrets(line)), 2_000)
        click.echo(f"session-classify: {told}", err=True)
    if error.code is not None:
        about = {key: without_secrets(value) for key, value in error.about.items()}
        detail = clip(without_secrets(str(error)), 2_000)
        told_as = {"error": error.code, "detail": detail}
        if error.is_joined:
            told_as = {"error": f"{error.code}: {detail}"}
        with suppress(StorageError, SystemExit):  # nobody reads it: the exit code still tells
            click.echo(visible_json(json.dumps({**about, **told_as}, ensure_ascii=False)))
    return error.exit_code
