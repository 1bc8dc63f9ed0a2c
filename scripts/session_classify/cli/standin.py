"""Whether the local stand-in is here: a release's archive leaves it out."""

from session_classify.errors import LackingError


def check_standin(command: str) -> None:
    """Raise LackingError for a command that needs the stand-in where it is missing."""
    from pathlib import Path

    beside = Path(__file__).parents[2] / "datadog_standin"
    if not beside.is_dir():
        raise LackingError(
            f"{command} needs the local stand-in, {beside}, which a release does not contain; "
            "run it in a checkout of the repository"
        )
