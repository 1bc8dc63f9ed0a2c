"""`verdict`: record the reader's verdict, if the evidence allows it."""

from typing import TYPE_CHECKING, Any

import click

from session_classify.cli.case_argument import CasePath
from session_classify.cli.output import emit
from session_classify.cli.protocol import protocol_option, spoken
from session_classify.errors import UsageError
from session_classify.inputs import as_text
from session_classify.vocabulary import Confidence, Satisfaction

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from session_classify.verdict.answer import Answer, AnswerFailure


@click.command("verdict")
@click.argument("case", type=CasePath())
@click.option("--verdict", "satisfaction", type=click.Choice([s.value for s in Satisfaction]))
@click.option("--reason", help="One sentence, at most 300 characters.")
@click.option("--failure", multiple=True, metavar="CODE[=WHY]", help="Failure code; repeatable.")
@click.option("--cite", multiple=True, metavar="ID", help="Id of the evidence; repeatable.")
@click.option("--confirm", multiple=True, metavar="ID", help="A finding that you read and confirm.")
@click.option(
    "--dismiss", multiple=True, metavar="ID=WHY", help="A finding that does not count, and why."
)
@click.option(
    "--breach",
    multiple=True,
    metavar="ID=WHY",
    help="An act that the app's rules forbid, with the rule; repeatable.",
)
@click.option(
    "--sure",
    type=click.Choice([c.value for c in Confidence]),
    help="How sure you are; the confidence is computed beside it.",
)
@click.option(
    "--note", multiple=True, help="Printed below the reason, such as declined: app rules."
)
@click.option("--intent", default="", help="What the user wanted, in one sentence.")
@click.option("--did", multiple=True, help="What the assistant did; repeatable.")
@click.option("--rum-says", default="", help="What the user's behaviour shows.")
@click.option("--feedback-why", default="", help="Why the user gave negative feedback.")
@click.option(
    "--final",
    type=click.Choice([s.value for s in Satisfaction]),
    help="Your own final verdict, if behaviour or audit trail contradict that of the rules.",
)
@click.option(
    "--reconcile",
    type=click.Path(),
    metavar="FILE",
    help="Your team's reconciliation rules, which replace shipped ones of the same name.",
)
@click.option("--force", is_flag=True, help="Record it despite a refusal, marked as unchecked.")
@protocol_option
@click.option(
    "--file",
    "file",
    metavar="JSON",
    help="The whole verdict as a JSON file, or - for stdin. On a run: several, each with the id of "
    "its unit, as an array or one a line.",
)
@click.option("--json", "json", is_flag=True, help="Print the recorded verdict as JSON.")
def verdict_cmd(
    case: str,
    reconcile: str | None,
    protocol: str | None,
    file: str | None,
    *,
    force: bool,
    json: bool,
    **words: Any,
) -> None:
    """Record a verdict on a case, check it against the evidence and print it.

    The verdict is on conversation and ledger alone; the user's behaviour moves it by the rules in
    references/reconcile.yaml. If the evidence does not allow it, it is refused with exit code 6,
    and every reason comes with its fix.
    """
    from pathlib import Path

    from session_classify.cli.recording import answer_in, record
    from session_classify.cli.reports import check_protocol, printed
    from session_classify.gathering.case import open_case
    from session_classify.gathering.case_files import RUN

    if file is not None and any(words.values()):
        raise UsageError("give the verdict by --file or by options, not by both")
    own_rules = Path(reconcile) if reconcile else None
    if (Path(case) / RUN).is_file():
        if file is None or json:
            raise UsageError(
                f"{case} is a run: name a unit as {case}/ID, or give the verdicts on several with "
                "--file, without --json"
            )
        _record_all(Path(case), file, own_rules, protocol, force=force)
        return
    opened = open_case(Path(case))
    if file is not None:
        answer = answer_in(file)
    elif words["satisfaction"] is None or words["reason"] is None:
        raise UsageError("a verdict needs --verdict and --reason, or --file with both")
    else:
        answer = _from_options(words)
    with spoken(protocol or opened.info.protocol, opened.info.id) as terms:
        check_protocol(opened, terms)
        before = opened.has_verdict
        verdict = record(opened, answer, own_rules, force=force)
        text = printed(opened, verdict, terms, json=json)
    if before:
        click.echo("it replaces the verdict that the case had", err=True)
    if (opened.path.parents[1] / RUN).is_file():
        from session_classify.population.labels import keep_label

        keep_label(opened)
    emit(text, None)


def _record_all(
    folder: "Path", file: str, own_rules: "Path | None", protocol: str | None, *, force: bool
) -> None:
    from session_classify.cli.recording import answers_in
    from session_classify.cli.runs.verdicts import record_all
    from session_classify.errors import RefusedError

    answers = answers_in(file)
    text, refused = record_all(folder, answers, own_rules, protocol, force=force)
    emit(text, None)
    if refused:
        raise RefusedError(*refused)


def _from_options(words: "Mapping[str, Any]") -> "Answer":
    from session_classify.verdict.answer import Answer

    def texts(name: str) -> tuple[str, ...]:
        return tuple(map(as_text, words[name]))

    return Answer(
        verdict=Satisfaction(words["satisfaction"]),
        failures=tuple(map(_failure, texts("failure"))),
        cite=texts("cite"),
        confirm=texts("confirm"),
        dismiss=dict(map(_id_and_why, texts("dismiss"))),
        breach=dict(map(_id_and_why, texts("breach"))),
        sure=Confidence(words["sure"]) if words["sure"] else None,
        note=texts("note"),
        did=texts("did"),
        final=Satisfaction(words["final"]) if words["final"] else None,
        **{name: as_text(words[name]) for name in ("reason", "intent", "rum_says", "feedback_why")},
    )


def _failure(text: str) -> "AnswerFailure":
    """Parse `CODE`, `CODE=why` or `CODE: why`."""
    from session_classify.verdict.answer import AnswerFailure

    code, sign, why = text.partition("=")
    if not sign:
        code, _, why = text.partition(":")
    return AnswerFailure(code.strip(), why.strip())


def _id_and_why(text: str) -> tuple[str, str]:
    name, _, why = text.partition("=")
    return name.strip(), why.strip()
