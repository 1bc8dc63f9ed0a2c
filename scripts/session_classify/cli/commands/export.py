"""`export`: the rows of an app in a range of time, as files that can be swept."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from session_classify.exporting.slots import Slot

_MOST = 5_000
"""Most parts of a source: each writes the manifest anew."""


@click.group("export")
def export_cmd() -> None:
    """Export rows of a range of time into part files, side by side and resumable."""


@export_cmd.command("app")
@click.argument("name", metavar="NAME")
@click.option(
    "--from", "start", required=True, metavar="TIME", help="The first instant, such as 2026-11-01."
)
@click.option(
    "--to",
    "end",
    required=True,
    metavar="TIME",
    help="The instant after the last; not later than now.",
)
@click.option(
    "--out",
    type=click.Path(),
    required=True,
    metavar="DIR",
    help="Write parts and manifest.json here; an interrupted export in it goes on.",
)
@click.option("--rum", is_flag=True, help="Also the views and actions of the users in the spans.")
@click.option("--audit", is_flag=True, help="Also the audit trail of that time.")
@click.option(
    "--window",
    default="1h",
    metavar="TIME",
    help="The range of a part, such as 15m; default 1h.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["zst", "gz", "jsonl"]),
    default="zst",
    help="How parts are compressed; default zst, which needs the extra sweep.",
)
@click.option(
    "--jobs", type=click.IntRange(1, 16), default=4, help="Parts side by side; default 4."
)
@click.option(
    "--backend", default="api", metavar="api[:URL]", help="The API, or a stand-in for it."
)
def app_cmd(
    name: str,
    start: str,
    end: str,
    out: str,
    window: str,
    form: str,
    jobs: int,
    backend: str,
    *,
    rum: bool,
    audit: bool,
) -> None:
    """Export an app's spans, and on demand what happened around them, one part a window.

    A span is in the part in which it begins. A part that is there whole is not fetched again: the
    same command goes on where an interrupted one stopped, and with a later --to it adds parts.
    """
    from pathlib import Path

    from session_classify.backends.api import open_api
    from session_classify.backends.retries import Paces
    from session_classify.errors import UsageError
    from session_classify.exporting.export import Export
    from session_classify.exporting.manifest import Manifest, ends
    from session_classify.exporting.sources import AUDIT, RUM
    from session_classify.inputs import as_text
    from session_classify.printing.text import one_line

    kind, _, where = backend.partition(":")
    whole, step = _range(start, end, window)
    if kind != "api":
        raise UsageError(f"--backend {backend[:80]!r} exports nothing; expected api[:URL]")

    def say(line: str) -> None:
        click.echo(one_line(line), err=True)

    caller = open_api(where, Paces(say))
    wanted = Manifest(as_text(name), caller.site, *ends(whole), window, form)
    around = tuple(one for one, is_wanted in ((RUM, rum), (AUDIT, audit)) if is_wanted)
    export = Export(Path(out), caller, wanted, whole, step, around, jobs, say)
    try:
        made = export.run()
    finally:
        caller.close()
    say(f"{caller.name}: {export.meter}")
    counted = ", ".join(f"{source} {count:,}" for source, count in made.rows.items())
    click.echo(one_line(f"{out}: {len(made.parts)} parts; rows: {counted}"))


def _range(start: str, end: str, window: str) -> "tuple[Slot, int]":
    """Return the range and the milliseconds of a part; raises UsageError for what cannot be."""
    from datetime import timedelta

    from session_classify.errors import UsageError
    from session_classify.exporting.slots import Slot, milliseconds, moment
    from session_classify.instants import duration, stamp, utc_now

    whole = Slot(_milliseconds("--from", start), _milliseconds("--to", end))
    if whole.end <= whole.start:
        raise UsageError(f"--to {end[:80]} is not after --from {start[:80]}")
    if whole.end > milliseconds(utc_now()):
        raise UsageError(
            f"--to {stamp(moment(whole.end))} is in the future; expected {stamp(utc_now())} or "
            "earlier: rows that come later would be missing"
        )
    try:
        step = duration(window) // timedelta(milliseconds=1)
    except ValueError:
        step = 0
    if not step:
        raise UsageError(f"--window {window[:80]!r}: expected a time such as 15m, 1h or 1d")
    if (count := len(range(whole.start, whole.end, step))) > _MOST:
        raise UsageError(
            f"--window {window} makes {count:,} parts, more than {_MOST:,}; take a longer one"
        )
    return whole, step


def _milliseconds(option: str, text: str) -> int:
    from session_classify.errors import UsageError
    from session_classify.exporting.slots import milliseconds
    from session_classify.instants import any_instant

    try:
        return milliseconds(any_instant(text))
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"{option} {text[:80]!r} is no time; expected a date or an instant such as "
            "2026-11-20T10:00Z"
        ) from error
