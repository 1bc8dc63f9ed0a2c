"""The command line: one module per command, imported only when it is called."""

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
    "export": "Export an app's rows into part files, and what happened around them.",
    "sweep": "Give the rules-only verdict to every session of exported rows, on an engine.",
    "report": "Print the verdict of a case again, or the whole report on it.",
    "agree": "Hold verdicts against people's labels: how often a judge is right.",
    "label": "Let a person judge the units of a run, without seeing the verdicts.",
    "probe": "Ask a judge about sessions that were changed in one known way.",
    "submit": "Print verdicts as evaluations or dataset records; submit them with --confirm.",
    "capture": "Print the calls that captured results still lack, for an agent client's hook.",
    "extract-loop": "Summarize agent loops that an agent client saved.",
    "drill-down": "Find client-rendered tools, writes, empty queries and errors in agent loops.",
    "rum-aggregate": "Count a user's RUM events by facet.",
    "rum-signals": "Print what a user did around a session, from persisted RUM results.",
    "audit-phases": "Show what happened to a session's assets, from rows of the audit trail.",
    "audience": "Query RUM users and accounts, and the connections that enrich them.",
    "profile": "Write, check or render an app profile: the meaning of tools and actions.",
    "purge": "Remove cases, cached responses, captured results, private environments and caches.",
    "doctor": "List which backends work here, and how to set up the others.",
    "serve": "Start a local stand-in for Datadog's endpoints that answers from bundles.",
    "demo": "Classify a made-up session that ships with the package.",
}

_MEASURING = ("agree", "label", "probe")
"""The commands in `commands/measuring/`."""
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
        folder = "commands.measuring" if cmd_name in _MEASURING else "commands"
        module = import_module(f"session_classify.cli.{folder}.{name}")
        command: click.Command = getattr(module, f"{name}_cmd")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        if command is not None and ctx.params["restricted"]:
            from session_classify.cli.guard import guarded

            command = guarded(command)
            # Usage lines and suggested commands contain the switch, too.
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
@click.option("--debug", is_flag=True, help="Show the traceback of an internal error.")
@click.option(
    "--restricted",
    is_flag=True,
    help="Refuse what an agent must not do without approval: start programs, contact servers "
    "other than Datadog's and this machine, read or write outside the project and the case.",
)
def cli(*, debug: bool, restricted: bool) -> None:
    """Decide whether a user's intent was satisfied in an LLM Observability session."""


def main(again: Callable[[Exception], None] | None = None) -> NoReturn:
    """Run the command line; every error is one line on stderr and an exit code.

    `again` is called with an error before it is reported; the launcher restarts the process if that
    helps.
    """
    from session_classify.cli.streams import on_signal, open_streams
    from session_classify.invocation import program

    # A terminated command still removes its partial files.
    on_signal(signal.SIGTERM, lambda: sys.exit(143))
    open_streams()
    try:
        cli.main(prog_name=program(), standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        from session_classify.printing.text import clip, one_line

        # The message quotes an argument verbatim.
        click.echo(f"session-classify: {clip(one_line(_wrong_call(error)), 2_000)}", err=True)
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except Exception as error:  # noqa: BLE001  reported in one line
        if again is not None:
            again(error)
        sys.exit(_report_error(error))
    sys.exit(0)


def _wrong_call(error: click.ClickException) -> str:
    """Return what is wrong with a command line, and how it is written."""
    told = f"{error.format_message().rstrip('.')}."
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is None:
        return told
    if isinstance(context.command, click.Group):
        told += f" There are {', '.join(context.command.list_commands(context))}."
    return f"{told} {' '.join(context.get_usage().split())}; --help explains it"


def _report_error(error: Exception) -> int:
    """Report an error in one line and return the exit code; with --debug, print the traceback."""
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
                f"session-classify: internal error ({type(error).__name__}: "
                f"{one_line(str(error))}); please report it with what `session-classify --debug …` "
                "prints",
                err=True,
            )
        return ClassifyError.exit_code
    for line in error.lines:
        text = clip(one_line(without_secrets(line)), 2_000)
        click.echo(f"session-classify: {text}", err=True)
    if error.code is not None:
        about = {key: without_secrets(value) for key, value in error.about.items()}
        detail = clip(without_secrets(str(error)), 2_000)
        told_as = {"error": error.code, "detail": detail}
        if error.is_joined:
            told_as = {"error": f"{error.code}: {detail}"}
        with suppress(StorageError, SystemExit):  # stderr is closed: the exit code is still set
            click.echo(visible_json(json.dumps({**about, **told_as}, ensure_ascii=False)))
    return error.exit_code
