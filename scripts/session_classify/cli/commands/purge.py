"""`purge`: remove the files that the tool keeps on this machine."""

from typing import TYPE_CHECKING

import click

from session_classify.cli.output import as_json, emit

if TYPE_CHECKING:
    from datetime import timedelta

    from session_classify.gathering.purge import Item

_HOW = (
    "name what to remove: --cases, --runs, --answers, --captures, --environments, --caches, --all, "
    "or a CASE"
)


@click.command("purge")
@click.argument("named", nargs=-1, type=click.Path(), metavar="[CASE]…")
@click.option("--cases", is_flag=True, help="Cases in your state directory.")
@click.option("--runs", is_flag=True, help="Runs over apps there, with their cases.")
@click.option("--answers", is_flag=True, help="Cached responses there of interrupted runs.")
@click.option("--captures", is_flag=True, help="Results that the capture hook stored.")
@click.option("--environments", is_flag=True, help="Private environments of the launcher.")
@click.option("--caches", is_flag=True, help="Other files of the tool in your cache folder.")
@click.option("--all", "everything", is_flag=True, help="All six kinds.")
@click.option(
    "--older-than", metavar="AGE", help="Only what was last written longer ago: 12h, 30d."
)
@click.option("--dry-run", is_flag=True, help="Print what would be removed, without removing it.")
@click.option("--json", "json", is_flag=True, help="Print it as JSON.")
def purge_cmd(
    named: tuple[str, ...], older_than: str | None, *, dry_run: bool, json: bool, **kinds: bool
) -> None:
    """Remove what the tool keeps on this machine, and print each item with its size.

    Without a kind or a CASE nothing is removed: everything is listed. A CASE is a directory that
    was given to --case; other files in it stay. Symbolic links are not followed. Items in use by
    another run are left.
    """
    from session_classify.redaction import without_secrets

    everything = kinds.pop("everything")
    wanted = {name for name, is_on in kinds.items() if is_on or everything}
    # Loads the printing code before the running environment is removed, and makes the files that
    # are kept for it before they are listed.
    _printed([], json=json, removed=False)
    items = _selected(named, wanted, older_than)
    text = without_secrets(_printed(items, json=json, removed=False))
    if dry_run or not (wanted or named):
        emit(text, None)
        _say("nothing was removed" if dry_run else f"nothing was removed; {_HOW}")
        return
    _remove(items, json=json)


def _selected(named: tuple[str, ...], wanted: set[str], older_than: str | None) -> "list[Item]":
    """Return the items that the arguments select; all of them where they select nothing."""
    from pathlib import Path

    from session_classify.gathering.purge import kept_items, named_items
    from session_classify.instants import utc_now

    oldest = None if older_than is None else _age(older_than)
    items = [item for path in named for item in named_items(Path(path))]
    known = {item.path for item in items}
    if wanted or not named:
        items += [
            item
            for item in kept_items()
            if item.path not in known and (not wanted or item.kind in wanted)
        ]
    if oldest is None:
        return items
    before = utc_now() - oldest
    return [item for item in items if item.changed is None or item.changed <= before]


def _age(text: str) -> "timedelta":
    from session_classify.errors import UsageError
    from session_classify.instants import duration

    try:
        return duration(text)
    except ValueError as error:
        raise UsageError(
            f"--older-than {text} is not an age; expected such as 12h, 30d or 8w"
        ) from error


def _remove(items: "list[Item]", *, json: bool) -> None:
    """Remove the items one by one; an interrupted run still prints what it removed."""
    from session_classify.gathering.purge import remove, remove_empty_folders

    done: list[Item] = []
    try:
        done.extend(remove(item) for item in items)
        remove_empty_folders()
    finally:
        emit(_printed(done, json=json, removed=True), None)
    failed = next((item.error for item in done if item.error), None)
    if failed:
        raise failed


def _printed(items: "list[Item]", *, json: bool, removed: bool) -> str:
    from session_classify.gathering.purge import Outcome
    from session_classify.printing.render import render

    rows = [
        {
            "kind": item.kind,
            "path": str(item.path),
            "bytes": item.size,
            "changed": item.changed,
            "outcome": item.outcome,
            "note": item.note,
        }
        for item in items
    ]
    total = sum(item.size for item in items if item.outcome is not Outcome.LEFT)
    if json:
        return as_json({"items": rows, "bytes": total})
    return render("purge.txt.j2", items=rows, total=total, removed=removed)


def _say(line: str) -> None:
    click.echo(f"session-classify: {line}", err=True)
