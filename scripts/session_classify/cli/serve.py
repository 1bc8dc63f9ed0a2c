"""`serve`: a local stand-in for Datadog's endpoints that answers from bundles."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from session_classify.serve.server import StandIn

_MINUTE = 60_000


@click.command("serve")
@click.argument("bundles", nargs=-1, required=True, type=click.Path(), metavar="BUNDLE…")
@click.option(
    "--http",
    "port",
    type=click.IntRange(0, 65_535),
    default=0,
    metavar="PORT",
    help="Port on 127.0.0.1; without it, or with 0, a free one.",
)
@click.option(
    "--latency",
    type=click.IntRange(min=0),
    default=0,
    metavar="MS",
    help="Milliseconds that every call takes longer.",
)
@click.option(
    "--faults",
    type=click.Path(),
    metavar="FILE",
    help='Calls that go wrong, for tests: [{"endpoint": "export", "call": 2, "fault": "429"}]',
)
@click.option(
    "--replay",
    is_flag=True,
    help="Take the minute after the newest row for now, so that old bundles are in every window.",
)
@click.option("--verbose", is_flag=True, help="Tell every request on stderr.")
def serve_cmd(
    bundles: tuple[str, ...],
    port: int,
    latency: int,
    faults: str | None,
    *,
    replay: bool,
    verbose: bool,
) -> None:
    """Answer as Datadog's LLM Observability, RUM and audit endpoints do, from bundles.

    Only programs of this machine reach it, and any key will do. It prints its address, and ends
    with Ctrl-C or SIGTERM. `pup` reaches it by PUP_MOCK_SERVER.
    """
    from pathlib import Path

    from session_classify.errors import UsageError
    from session_classify.report.text import one_line
    from session_classify.serve.faults import Plan, read_plan
    from session_classify.serve.recording import read_recording
    from session_classify.serve.server import ENDPOINTS, StandIn, clock

    recording = read_recording(Path(bundle).expanduser() for bundle in bundles)
    for told in recording.unreadable:
        click.echo(f"session-classify: {one_line(told)}", err=True)
    plan = Plan(read_plan(Path(faults), ENDPOINTS) if faults else ())
    log = (lambda line: click.echo(one_line(line), err=True)) if verbose else None
    lag = clock() - recording.newest - _MINUTE if replay else 0
    try:
        server = StandIn(recording, port, latency=latency, plan=plan, lag=lag, log=log)
    except OSError as error:
        raise UsageError(
            f"cannot listen on 127.0.0.1:{port}: {error.strerror}; --http 0 takes a free port"
        ) from error
    _serve_until_ended(server)


def _serve_until_ended(server: "StandIn") -> None:
    """Print the address and answer until a signal comes."""
    import signal

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    try:
        with server:
            click.echo(f"serving on {server.url}")
            server.serve_forever()
    except KeyboardInterrupt:
        return
