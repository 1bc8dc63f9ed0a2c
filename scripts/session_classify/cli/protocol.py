"""`--protocol`: by whose rules a unit is classified, and in whose words errors are told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from session_classify.errors import ClassifyError
from session_classify.vocabulary import Protocol

Command = Callable[..., Any]


def protocol_option(command: Command) -> Command:
    """Give a command `--protocol`; without it, a case's own counts, for a new one the default."""
    return click.option(
        "--protocol",
        type=click.Choice([protocol.value for protocol in Protocol]),
        help="llm-obs goes on where data is missing and says so; eval classifies sessions only, "
        "needs RUM, and stops at masked or expired content.",
    )(command)


@contextmanager
def spoken(protocol: str | None, unit_id: str) -> Iterator[Protocol]:
    """Give the protocol that was asked for; errors inside have the JSON object that it wants.

    Seed 001 wants the session's id, the word `error` as classification, and code and detail as one
    text; seed 002 mode and id, then code and detail.
    """
    chosen = Protocol(protocol or Protocol.LLM_OBS)
    try:
        yield chosen
    except ClassifyError as error:
        if chosen is Protocol.EVAL and error.code is not None:
            error.about = {"session_id": unit_id, "classification_with_rum": "error"}
            error.is_joined = True
        raise
