"""Generate the page of all commands from their help."""

import sys
from collections.abc import Iterator
from inspect import cleandoc
from pathlib import Path

import click

from session_classify.cli import cli

_HEAD = """\
# Commands

Generated from the commands' own help (`make reference`). In a checkout, `python3 scripts/run.py` \
stands for `session-classify`. Every command has `-h`.
"""


def commands_page() -> str:
    """Return the Markdown page: a section per command and subcommand, a line per option."""
    return _HEAD + "".join(_sections(cli, click.Context(cli, info_name="session-classify")))


def _sections(command: click.Command, context: click.Context) -> Iterator[str]:
    usage = " ".join(command.collect_usage_pieces(context))
    about = " ".join(cleandoc(command.help or "").partition("\f")[0].split())
    lines = [f"\n## {context.command_path}\n", f"`{context.command_path} {usage}`: {about}\n"]
    records = (
        option.get_help_record(context)
        for option in command.get_params(context)
        if isinstance(option, click.Option) and "--help" not in option.opts
    )
    lines += [f"- `{name}`: {meaning}" for name, meaning in filter(None, records)]
    yield "\n".join(lines).rstrip() + "\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None:
                yield from _sections(inner, click.Context(inner, parent=context, info_name=name))


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(commands_page(), encoding="utf-8")
