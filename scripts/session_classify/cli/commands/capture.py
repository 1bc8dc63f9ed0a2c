"""`capture`: the calls that captured results still lack, for the hook of an agent client."""

import click

from session_classify.vocabulary import Unit


@click.command("capture")
@click.argument("path", metavar="PATH")
@click.argument("unit", type=click.Choice([str(unit) for unit in Unit]))
@click.argument("unit_id", metavar="ID")
def capture_cmd(path: str, unit: str, unit_id: str) -> None:
    """Print the calls that a session or trace still needs, as JSON: texts by key.

    PATH is a folder of captured results, or a transcript of an agent client.
    """
    from pathlib import Path

    import msgspec

    from session_classify.cli.unit import open_backend
    from session_classify.gathering.gather import missing_calls

    backend = open_backend(f"client:{path}", (), Path(path))
    calls = missing_calls(backend, Unit(unit), unit_id)
    click.echo(msgspec.json.encode(calls).decode())
