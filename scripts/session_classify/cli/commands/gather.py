"""`gather`: make a case and print its digest."""

from typing import Any

import click

from session_classify.cli.output import emit, out_option
from session_classify.cli.runs.options import app_options
from session_classify.cli.unit import app_named, gather_unit, several_units, unit_options
from session_classify.errors import UsageError


@click.command("gather")
@unit_options
@app_options
@click.option("--json", "json", is_flag=True, help="Print case, coverage and findings as JSON.")
@out_option
def gather_cmd(
    words: tuple[str, ...],
    backend: str | None,
    case: str | None,
    profile: str | None,
    protocol: str | None,
    out: str | None,
    typed: dict[str, Any],
    *,
    fresh: bool,
    json: bool,
) -> None:
    """Collect the evidence of a session or trace into a case and print its digest.

    The digest has at most 24,000 characters; what it omits is counted, and `show` prints it. Record
    a verdict on the case with `verdict`. Several ids have a case each; their digests are printed
    one below the other as far as 24,000 characters reach.

    `app NAME` samples the sessions or traces of an app into a run: one case for each, and the
    digests as far as 24,000 characters reach. `report RUN` then says which lack a verdict.
    """
    if app := app_named(words, backend):
        from session_classify.cli.runs.choice import app_choice
        from session_classify.cli.runs.output import gathered_app

        if case or json or protocol == "eval":
            raise UsageError("--case, --json and --protocol eval are for one unit; use --run DIR")
        emit(gathered_app(*app, app_choice(typed), backend, profile), out)
        return
    from session_classify.cli.digests import digests_of, summary_of

    units = several_units(words, backend)
    if len(units) > 1 and (case or json):
        raise UsageError("--case and --json are for one id; leave them out, or gather one by one")
    made = [gather_unit(one, backend, case, profile, protocol, fresh=fresh) for one in units]
    if json:
        emit(summary_of(*made[0]), out)
        return
    text, shown = digests_of(made)
    emit(text, out)
    for one, turns in shown:
        one.mark_shown(turns)
