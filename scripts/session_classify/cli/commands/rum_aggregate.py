"""`rum-aggregate`: counts of RUM events by facet, in the format of pup.

Source: `references/sources/rum.md#rum-counts`.
"""

from typing import TYPE_CHECKING

import click

from session_classify.cli.output import emit, out_option
from session_classify.errors import UsageError

if TYPE_CHECKING:
    from session_classify.queries.call import Call


@click.command("rum-aggregate")
@click.option("--user-email", default="", metavar="E", help="Only this user's: @usr.email:E.")
@click.option("--query", default="", metavar="Q", help="Only events that match this query.")
@click.option("--from", "start", default="1h", metavar="TIME", help="How far back; default 1h.")
@click.option("--to", "end", default="now", metavar="TIME", help="Until when; default now.")
@click.option("--compute", default="count", metavar="C", help="count, avg(@f), percentile(@f, 99)…")
@click.option("--group-by", multiple=True, metavar="@FACET", help="One bucket per value.")
@click.option("--limit", type=click.IntRange(1, 1_000), default=10, help="Most buckets.")
@click.option(
    "--backend",
    metavar="bundle:PATH|api|pup",
    help="Where the events are; default: the first backend that works here.",
)
@out_option
def rum_aggregate_cmd(
    user_email: str,
    query: str,
    start: str,
    end: str,
    compute: str,
    group_by: tuple[str, ...],
    limit: int,
    backend: str | None,
    out: str | None,
) -> None:
    """Count RUM events of a user, with the options of `pup rum aggregate`.

    In a bundle, `now` is its newest row. --user-email and --query are combined. An unknown user has
    no buckets, which is not an error.
    """
    from session_classify.printing.text import one_line
    from session_classify.queries.rum_counts import CountQuery, rum_counts

    call = rum_counts(CountQuery(user_email, query, start, end, compute, group_by, limit))
    printed = _printed(_answer(backend, call))
    emit(printed, out)
    if '"buckets": []' in printed:
        wanted = call.arguments["filter"]
        message = f"no events: nothing matches {wanted['query']} since {wanted['from']}"
        click.echo(one_line(message), err=True)


def _answer(backend: str | None, call: "Call") -> bytes:
    from session_classify.backends.kinds import kind_of, kinds
    from session_classify.backends.meter import Meter
    from session_classify.cli.unit import working_backend

    name, _, where = (backend or "").partition(":")
    if name == "bundle" and where:
        return _of_bundle(where, call)
    able = [one.name for one in kinds() if one.counts_rum]
    kind = kind_of(working_backend(able) if name in ("", "auto") else name)
    if kind and kind.counts_rum and kind.caller:
        return kind.caller(where).ask(call, Meter())
    expected = ", ".join(("bundle:PATH", *able))
    raise UsageError(f"{backend} cannot count; expected {expected}")


def _of_bundle(where: str, call: "Call") -> bytes:
    """Count the events of a bundle; its newest row is now, because bundles are old."""
    from pathlib import Path

    import msgspec

    from datadog_standin.bodies import RequestError
    from datadog_standin.bundles import StartError
    from datadog_standin.recording import read_recording
    from datadog_standin.router import Router

    try:
        recording = read_recording([Path(where).expanduser()])
    except StartError as error:
        raise UsageError(str(error)) from error
    if not recording.rum:
        raise UsageError(f"{where} holds no RUM events; expected a rum.jsonl in it")
    router = Router(recording, now=lambda: recording.newest)
    try:
        return msgspec.json.encode(router.answer("rum-aggregate", call.arguments))
    except RequestError as error:
        raise UsageError(f"{where} does not answer this: {error}") from error


def _printed(answer: bytes) -> str:
    """Return an answer as pup prints it; raises UnusableInputError for any other answer."""
    import json

    from session_classify.errors import UnusableInputError
    from session_classify.printing.text import one_line, visible_json

    try:
        value = json.loads(answer)
    except ValueError as error:
        answered = one_line(answer[:300].decode("utf-8", "replace"))
        raise UnusableInputError(f"RUM did not answer with counts: {answered}") from error
    return visible_json(json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)) + "\n"
