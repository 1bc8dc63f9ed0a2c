"""`--protocol`: the rules by which a unit is classified, and the format of errors."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from session_classify.errors import ClassifyError
from session_classify.vocabulary import Protocol

Command = Callable[..., Any]


def protocol_option(command: Command) -> Command:
    """Add `--protocol`; the default is that of the case, or `llm-obs` for a new one."""
    return click.option(
        "--protocol",
        type=click.Choice([protocol.value for protocol in Protocol]),
        help="llm-obs goes on where data is missing and says so; eval classifies sessions only, "
        "needs RUM, and stops at masked or expired content.",
    )(command)


@contextmanager
def spoken(protocol: str | None, unit_id: str) -> Iterator[Protocol]:
    """Yield the requested protocol; errors inside get the protocol's JSON object.

    `eval` has the session's id, the word `error` as classification, and code and detail as one
    text. `llm-obs` has mode and id, then code and detail. Source:
    `references/sources/rules.md#protocols`.
    """
    chosen = Protocol(protocol or Protocol.LLM_OBS)
    try:
        yield chosen
    except ClassifyError as error:
        if chosen is Protocol.EVAL and error.code is not None:
            error.about = {"session_id": unit_id, "classification_with_rum": "error"}
            error.is_joined = True
        raise
