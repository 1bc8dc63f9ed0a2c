"""`extract-loop`: the content of a persisted agent loop, one line per iteration."""

import click

from session_classify.cli.output import as_json, emit, out_option


@click.command("extract-loop")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option(
    "--iteration", type=int, help="Print this iteration in full, from the first loop that has it."
)
@click.option(
    "--at",
    type=click.IntRange(min=0),
    default=0,
    help="Skip so many iterations, or characters of one.",
)
@click.option("--json", "json", is_flag=True, help="Print everything as JSON.")
@out_option
def extract_loop_cmd(
    paths: tuple[str, ...], iteration: int | None, at: int, out: str | None, *, json: bool
) -> None:
    """Summarize saved results of get_llmobs_agent_loop; `-` is standard input.

    Any envelope is accepted, nested ones too: text blocks, structured content, pup's output, hook
    input, transcripts, JSON-RPC, event streams, fences, gzip, UTF-16. An empty, missing or masked
    loop is not an error: its state names the next call.
    """
    from session_classify.cli.persisted import read_loops
    from session_classify.errors import NotFoundError
    from session_classify.report.loops import iteration_text, loop_text, summary

    loops = list(read_loops(paths))
    if json:
        emit(as_json([summary(loop) for loop in loops]), out)
    elif iteration is None:
        emit(loop_text(loops, at), out)
    else:
        texts = [iteration_text(loop, iteration, at) for loop in loops]
        found = next((text for text in texts if text is not None), None)
        if found is None:
            counts = ", ".join(str(len(p.turn.iterations) if p.turn else 0) for p in loops)
            raise NotFoundError(f"no iteration {iteration}; there are {counts} in these loops")
        emit(found, out)
