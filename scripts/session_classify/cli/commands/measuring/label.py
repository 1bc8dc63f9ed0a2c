"""`label`: let a person judge the units of a run, without seeing the verdicts."""

import click

from session_classify.cli.case_argument import CasePath

_ANSWERS = click.Choice(
    [part for word in ("yes", "partial", "no", "skip", "quit") for part in (word[0], word)],
    case_sensitive=False,
)
_KEYS = "(y: yes, p: partial, n: no, s: skip, q: end)"


@click.command("label")
@click.argument("run", type=CasePath())
@click.option("--rater", help="Your name in the table of labels; on a page it can be changed.")
@click.option(
    "--labels",
    "labels",
    type=click.Path(readable=False),
    help="The table to write, a CSV; default: labels.csv in the directory of the run.",
)
@click.option(
    "--html",
    "html",
    type=click.Path(readable=False),
    help="Write a page for a browser instead, which keeps the labels and saves them as JSON lines; "
    "a name that does not end in .html is a folder for it.",
)
def label_cmd(run: str, rater: str | None, labels: str | None, html: str | None) -> None:
    """Show the units of a run one by one and ask for a label: yes, partial or no.

    The verdicts are not shown. Each label is written at once; units that this rater labelled
    before are left out, so the work can be interrupted. `agree RUN LABELS` reads the table, and
    the labels that the page of --html saves.
    """
    from pathlib import Path

    from session_classify.agreement.labelling import add_label, labelled, unlabelled
    from session_classify.cli.digests import digest_of
    from session_classify.errors import UsageError
    from session_classify.evidence.findings import recalled
    from session_classify.redaction import without_secrets
    from session_classify.vocabulary import Satisfaction

    if html:
        from session_classify.cli.runs.pages import write_label_page

        if labels:
            raise UsageError("--labels is for the terminal; the page of --html saves its own file")
        write_label_page(Path(run), html, (rater or "").strip())
        return
    if not rater or not rater.strip():
        raise UsageError("--rater is missing; give the name under which labels are compared")
    folder, rater = Path(run), rater.strip()
    table = Path(labels) if labels else folder / "labels.csv"
    done = labelled(table, rater)
    left = unlabelled(folder, done)
    keys = {word.value[0]: word for word in Satisfaction}
    for number, case in enumerate(left, 1):
        digest = digest_of(case, recalled(case.session(), case.findings()), is_labelled=True)
        click.echo(without_secrets(digest.text))
        asked = f"{number} of {len(left)}: did the person get what they wanted? {_KEYS}"
        try:
            answer = click.prompt(asked, type=_ANSWERS, show_choices=False)[:1]
        except click.Abort:  # the end of the input, or Ctrl-C
            break
        if answer == "q":
            break
        if answer in keys:
            add_label(table, case.info.id, keys[answer], rater)
    click.echo(f"{len(labelled(table, rater))} labels by {rater} in {table}", err=True)
