"""`serve`: a local stand-in for Datadog's endpoints and MCP server that answers from bundles."""

from typing import TYPE_CHECKING

import click

from session_classify.errors import MissingExtraError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from datadog_standin.rate import RateLimit
    from datadog_standin.router import Router

_MINUTE = 60_000


@click.command("serve")
@click.argument("bundles", nargs=-1, type=click.Path(), metavar="BUNDLE…")
@click.option(
    "--mcp",
    "mcp",
    type=click.Choice(["stdio", "http"]),
    help="Run as an MCP server: over standard input and output, or at /mcp of the port.",
)
@click.option(
    "--demo",
    is_flag=True,
    help="Serve the session that ships with the package, replayed; over MCP stdio unless --mcp or "
    "--http is given.",
)
@click.option(
    "--http",
    "port",
    type=click.IntRange(0, 65_535),
    metavar="PORT",
    help="Port on 127.0.0.1; default, and with 0: a free one.",
)
@click.option(
    "--latency",
    type=click.IntRange(min=0),
    default=0,
    metavar="MS",
    help="Milliseconds added to every call.",
)
@click.option(
    "--faults",
    type=click.Path(),
    metavar="FILE",
    help='Faults to inject, for tests: [{"endpoint": "export", "call": 2, "fault": "429"}]',
)
@click.option(
    "--rate-limit",
    "rate",
    metavar="CALLS/SECONDS",
    help="Refuse more calls in a period than these, with the headers of Datadog's limits.",
)
@click.option(
    "--replay",
    is_flag=True,
    help="Treat the minute after the newest row as now, so that old bundles are in every window.",
)
@click.option("--verbose", is_flag=True, help="Log every request on stderr.")
def serve_cmd(
    bundles: tuple[str, ...],
    mcp: str | None,
    port: int | None,
    latency: int,
    faults: str | None,
    rate: str | None,
    *,
    demo: bool,
    replay: bool,
    verbose: bool,
) -> None:
    """Answer from bundles as Datadog's LLM Observability, RUM and audit endpoints do.

    It listens on this machine only and accepts any keys. It prints its address, and ends with
    Ctrl-C or SIGTERM. `pup` uses it with PUP_MOCK_SERVER, an agent with --mcp stdio or --demo as
    its command.
    """
    from session_classify.printing.text import one_line
    from session_classify.resources import resource

    if not bundles and not demo:
        raise UsageError(
            "name a bundle to serve, or --demo for the session that ships with the package"
        )
    if demo and mcp is None and port is None:
        mcp = "stdio"
    if mcp == "stdio" and port is not None:
        raise UsageError("--mcp stdio has no port; leave --http out, or use --mcp http")
    paths = [*bundles, *([str(resource("demo_bundle"))] if demo else [])]
    log = (lambda line: click.echo(one_line(line), err=True)) if verbose else None
    router = _router(paths, latency, faults, rate, replay=replay or demo)
    if mcp == "stdio":
        _serve_stdio(router, log)
    elif mcp == "http":
        _serve_mcp_http(router, port or 0, log)
    else:
        _serve_endpoints(router, port or 0, log)


def _rate_limit(text: str) -> "RateLimit":
    from datadog_standin.rate import RateLimit

    calls, _, seconds = text.partition("/")
    if not (calls.isdecimal() and seconds.isdecimal() and int(calls) and int(seconds)):
        raise UsageError(f"--rate-limit {text[:40]!r}: expected CALLS/SECONDS such as 300/60")
    return RateLimit(int(calls), int(seconds))


def _router(
    paths: "list[str]", latency: int, faults: str | None, rate: str | None, *, replay: bool
) -> "Router":
    from pathlib import Path

    from datadog_standin.bundles import StartError
    from datadog_standin.faults import Plan, read_plan
    from datadog_standin.recording import read_recording
    from datadog_standin.router import ENDPOINTS, Router, clock
    from datadog_standin.tools import SERVED
    from session_classify.printing.text import one_line

    known = {*ENDPOINTS, *(tool.endpoint for tool in SERVED.values())}
    try:
        recording = read_recording(Path(path).expanduser() for path in paths)
        plan = Plan(read_plan(Path(faults), known) if faults else ())
    except StartError as error:
        raise UsageError(str(error)) from error
    for problem in recording.unreadable:
        click.echo(f"session-classify: {one_line(problem)}", err=True)
    lag = clock() - recording.newest - _MINUTE if replay else 0
    limit = _rate_limit(rate) if rate else None
    return Router(recording, latency, plan, lag=lag, rate=limit)


def _serve_endpoints(router: "Router", port: int, log: "Callable[[str], None] | None") -> None:
    """Print the address and answer until a signal comes."""
    import signal

    from datadog_standin.server import StandIn
    from session_classify.cli.streams import on_signal

    def end() -> None:
        raise KeyboardInterrupt

    try:
        server = StandIn(router, port, log=log)
    except OSError as error:
        raise _taken(port, error) from error
    for number in (signal.SIGTERM, signal.SIGINT):
        on_signal(number, end)
    try:
        with server:
            click.echo(f"serving on {server.url}")
            server.serve_forever()
    except KeyboardInterrupt:
        return


def _serve_stdio(router: "Router", log: "Callable[[str], None] | None") -> None:
    _check_mcp()
    import anyio

    from datadog_standin.mcp_server import mcp_server, serve_stdio

    anyio.run(serve_stdio, mcp_server(router, log))


def _serve_mcp_http(router: "Router", port: int, log: "Callable[[str], None] | None") -> None:
    _check_mcp()
    import anyio

    from datadog_standin.mcp_server import PATH, bound, http_app, serve_http

    try:
        listening = bound(port)
    except OSError as error:
        raise _taken(port, error) from error
    with listening:
        click.echo(f"serving on http://127.0.0.1:{listening.getsockname()[1]}{PATH}")
        anyio.run(serve_http, http_app(router, log), listening)


def _check_mcp() -> None:
    from session_classify.backends.environment import MCP_FIX, has_mcp

    if not has_mcp():
        needed = f"an MCP server needs the official MCP library; run `{MCP_FIX}`"
        raise MissingExtraError(needed, "mcp")


def _taken(port: int, error: OSError) -> UsageError:
    return UsageError(
        f"cannot listen on 127.0.0.1:{port}: {error.strerror}; --http 0 takes a free port"
    )
