"""`doctor`: what works on this machine, and what would make the rest work."""

import click

from session_classify.cli.output import as_json, emit, out_option


@click.command("doctor")
@click.option("--json", "json", is_flag=True, help="Print it as JSON.")
@out_option
def doctor_cmd(out: str | None, *, json: bool) -> None:
    """Say which backends work here, what was found and what is missing; keys are never printed."""
    import platform

    from session_classify import __version__
    from session_classify.backends.available import availability
    from session_classify.case import default_path
    from session_classify.report.render import render
    from session_classify.vocabulary import Unit

    backends = availability()
    facts = {
        "version": __version__,
        "python": platform.python_version(),
        "cases": str(default_path(Unit.SESSION, "x").parent),
        "backends": backends,
        "chosen": next((one.name for one in backends if one.works), ""),
    }
    emit(as_json(facts) if json else render("doctor.txt.j2", **facts), out)
