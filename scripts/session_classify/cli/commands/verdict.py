"""`verdict`: record the reader's verdict, if the evidence allows it."""

import sys
from typing import TYPE_CHECKING, Any

import click

from session_classify.cli.output import emit, refusal_lines
from session_classify.cli.protocol import protocol_option, spoken
from session_classify.errors import RefusedError, UnusableInputError, UsageError
from session_classify.inputs import as_text, read_input
from session_classify.vocabulary import Confidence, Satisfaction

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from session_classify.gathering.case import Case
    from session_classify.verdict.answer import Answer, AnswerFailure
    from session_classify.verdicts import Verdict


@click.command("verdict")
@click.argument("case", type=click.Path(readable=False))
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
    "--file", "file", metavar="JSON", help="The whole verdict as a JSON file, or - for stdin."
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

    from session_classify.cli.reports import check_protocol, printed
    from session_classify.gathering.case import open_case
    from session_classify.gathering.case_files import RUN

    opened = open_case(Path(case))
    if file is not None:
        if any(words.values()):
            raise UsageError("give the verdict by --file or by options, not by both")
        answer = _from_file(file)
    elif words["satisfaction"] is None or words["reason"] is None:
        raise UsageError("a verdict needs --verdict and --reason, or --file with both")
    else:
        answer = _from_options(words)
    with spoken(protocol or opened.info.protocol, opened.info.id) as terms:
        check_protocol(opened, terms)
        verdict = _record(opened, answer, Path(reconcile) if reconcile else None, force=force)
        text = printed(opened, verdict, terms, json=json)
    if (opened.path.parents[1] / RUN).is_file():
        from session_classify.population.labels import keep_label

        keep_label(opened)
    emit(text, None)


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


def _record(
    opened: "Case", answer: "Answer", own_rules: "Path | None", *, force: bool
) -> "Verdict":
    """Check an answer against its case and record it; RefusedError names every fix."""
    from msgspec.structs import replace

    from session_classify.evidence.findings import recalled
    from session_classify.verdict.confidence import confidence
    from session_classify.verdict.finalize import VerdictContext, finalize
    from session_classify.verdict.reconcile_rules import load_rules

    evidence = recalled(opened.session(), opened.findings())
    level = confidence(evidence.session, opened.info.coverage)
    shown = frozenset(opened.info.shown)
    context = VerdictContext(evidence, shown, level, load_rules(own_rules))
    verdict, refusals = finalize(answer, context)
    if refusals and not force:
        raise RefusedError(*refusal_lines(refusals))
    verdict = replace(verdict, unchecked=tuple(refusal.id for refusal in refusals))
    return opened.save_verdict(verdict)


def _from_file(name: str) -> "Answer":
    from pathlib import Path

    import msgspec

    from session_classify.jsontext import UNREADABLE
    from session_classify.verdict.answer import Answer

    try:
        data = sys.stdin.buffer.read() if name == "-" else read_input(Path(name))
    except OSError as error:
        raise UsageError(f"cannot read {name}: {error.strerror}") from error
    try:
        return msgspec.json.decode(data, type=Answer)
    except UNREADABLE as error:
        raise UnusableInputError(
            f"{name} is not a verdict: {error}; expected an object with verdict and reason, "
            "as references/schemas/answer.json says"
        ) from error


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
