"""`drill-down`: the suspicious calls of persisted agent loops."""

import click

from session_classify.cli.output import as_json, emit, out_option


@click.command("drill-down")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option("--profile", type=click.Path(), help="App profile: which tools write, render, read.")
@click.option("--json", "json", is_flag=True, help="Print everything as JSON.")
@out_option
def drill_down_cmd(
    paths: tuple[str, ...], profile: str | None, out: str | None, *, json: bool
) -> None:
    """Find client-rendered tools, writes, empty queries and errors in persisted agent loops.

    Several loops are the turns of one session, in the given order; `-` is standard input. The
    outcome of a call is determined by status fields and by the beginning of its result, never by a
    word inside it.
    """
    from pathlib import Path

    from session_classify.cli.persisted import read_loops
    from session_classify.evidence.conversation.drill_down import drill
    from session_classify.profiles.kinds import with_kinds
    from session_classify.profiles.load import generic_profile, load_profile
    from session_classify.report.loops import drill_text
    from session_classify.wire.trace.agent_loop import session_of

    loops = list(read_loops(paths))
    chosen = load_profile(Path(profile)) if profile else generic_profile()
    session = with_kinds(session_of(loops), chosen)
    found = drill(session)
    if json:
        states = {loop.payload.name: loop.state for loop in loops if loop.state}
        emit(as_json({"profile": chosen.app, "states": states, "found": found}), out)
    else:
        emit(drill_text(loops, session, found), out)
