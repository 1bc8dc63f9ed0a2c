"""How this process was started: by the launcher, or as an installed command."""

import os
import sys


def is_launched() -> bool:
    """Return whether the launcher started this process; the launcher installs missing extras."""
    return os.path.basename(sys.argv[0]) == "run.py"  # noqa: PTH119  pathlib costs --help 2 ms


def program() -> str:
    """Return the command line prefix that a user types.

    In a restricted run it ends in `--restricted`, so that a copied command stays restricted.
    """
    import click

    if context := click.get_current_context(silent=True):
        return context.find_root().info_name or ""
    return f"python3 {quoted(sys.argv[0])}" if is_launched() else "session-classify"


def quoted(path: str) -> str:
    """Quote a path for a shell, in double quotes where possible, as a skill's permission does."""
    import shlex

    plain = shlex.quote(path)
    return plain if plain == path or set('"$`!\\') & set(path) else f'"{path}"'
