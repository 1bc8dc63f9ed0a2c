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
    from session_classify.gathering.captured import calls_lacking

    click.echo(calls_lacking(path, unit, unit_id))
