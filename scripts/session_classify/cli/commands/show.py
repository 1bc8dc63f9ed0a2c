"""`show`: print in full what a digest shortened."""

import click

from session_classify.cli.case_argument import CasePath
from session_classify.cli.output import case_argument, emit, out_option
from session_classify.invocation import program


@click.command("show")
@click.argument("case", type=CasePath(), required=False)
@click.argument("subject", nargs=-1, metavar="[turn N | ID | policy]...")
@click.option("--at", type=click.IntRange(min=0), default=0, help="Begin at this character.")
@click.option(
    "--reference", metavar="NAME", help="A page of the reference instead, such as verdicts."
)
@out_option
def show_cmd(
    case: str | None, subject: tuple[str, ...], at: int, reference: str | None, out: str | None
) -> None:
    """Print turns, calls, writes, findings or the app's rules in full; else the digest again.

    CASE is the directory of a case, or the id of a session or trace that was gathered without
    --case. Name as many things as you like. A page has at most 24,000 characters and names the
    command for the next one.
    """
    from contextlib import suppress
    from pathlib import Path

    from session_classify.cli.digests import digest_of
    from session_classify.digest.pages import Shelf, pages, subjects
    from session_classify.errors import UsageError
    from session_classify.events import Events
    from session_classify.evidence.findings import recalled
    from session_classify.gathering.case import open_case
    from session_classify.profiles.load import recalled_profile

    if reference is not None:
        if case is not None:
            raise UsageError("--reference prints a page; leave the case out")
        emit(_page(reference), out)
        return
    if case is None:
        raise UsageError("name a case, or a page with --reference NAME")
    opened = open_case(Path(case))
    session, findings = opened.session(), opened.findings()
    if subject:
        wanted = subjects(subject)
        if at and len(wanted) > 1:
            raise UsageError("--at continues one item; name one")
        shelf = Shelf(
            recalled(session, findings),
            f"{program()} show {case_argument(opened.path)}",
            opened.info.nonce,
            opened.events()
            if any(name.startswith(("rum", "audit")) for name in wanted)
            else Events(),
        )
        printed = pages(shelf, wanted, at)
        emit(printed.text, out)
        if at == 0:
            opened.mark_shown(printed.turns)
    else:
        profile = None
        with suppress(UsageError):  # a profile's file may be gone; the digest does without
            profile = recalled_profile(opened.info.profile, session.ml_app)
        again = digest_of(opened, recalled(session, findings, profile))
        emit(again.text, out)
        opened.mark_shown(again.turns)


def _page(name: str) -> str:
    """Return a page of the reference; UsageError with the pages that there are."""
    from session_classify.errors import UsageError
    from session_classify.resources import resource

    pages = {path.stem: path for path in sorted(resource("references").glob("*.md"))}
    if name not in pages:
        raise UsageError(f"there is no page {name[:80]!r}; there are {', '.join(pages)}")
    return pages[name].read_text(encoding="utf-8")
