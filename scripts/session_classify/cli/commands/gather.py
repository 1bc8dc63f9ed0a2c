"""`gather`: make a case and print its digest."""

import click

from session_classify.cli.output import emit, out_option
from session_classify.cli.unit import gather_unit, unit_options


@click.command("gather")
@unit_options
@click.option("--json", "json", is_flag=True, help="Print case, coverage and findings as JSON.")
@out_option
def gather_cmd(
    words: tuple[str, ...],
    backend: str | None,
    case: str | None,
    profile: str | None,
    protocol: str | None,
    out: str | None,
    *,
    fresh: bool,
    json: bool,
) -> None:
    """Collect the evidence of a session or trace into a case and print its digest.

    The digest has at most 24,000 characters; what it omits is counted, and `show` prints it. Record
    a verdict on the case with `verdict`.
    """
    from session_classify.cli.digests import digest_of, summary_of

    made, evidence = gather_unit(words, backend, case, profile, protocol, fresh=fresh)
    if json:
        emit(summary_of(made, evidence), out)
        return
    printed = digest_of(made, evidence)
    emit(printed.text, out)
    made.mark_shown(printed.turns)
