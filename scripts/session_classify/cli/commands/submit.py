"""`submit`: the verdict of a case as an external evaluation in LLM Observability."""

from typing import TYPE_CHECKING

import click

from session_classify.cli.output import emit, out_option

if TYPE_CHECKING:
    from session_classify.gathering.case import Case
    from session_classify.submission.evaluation import Evaluation


@click.command("submit")
@click.argument("case", type=click.Path(readable=False))
@click.option(
    "--label",
    "label",
    default="",
    metavar="NAME",
    help="The evaluation's name; default session_satisfied or trace_satisfied.",
)
@click.option(
    "--include-unchecked",
    is_flag=True,
    help="Submit also a verdict that was recorded despite a refusal or read off rules alone; it is "
    "tagged unchecked:true.",
)
@click.option("--confirm", "send", is_flag=True, help="Send it; without, it is only printed.")
@click.option(
    "--url", "url", default="", metavar="URL", help="A Datadog agent or stand-in on this machine."
)
@out_option
def submit_cmd(
    case: str, label: str, url: str, out: str | None, *, include_unchecked: bool, send: bool
) -> None:
    """Print the evaluation of a judged case; with --confirm, submit it to LLM Observability.

    It is joined to the root span of the last turn. A verdict that was submitted is not sent again;
    a changed one replaces it. DD_READ_ONLY=1 refuses --confirm.
    """
    from pathlib import Path

    from session_classify.errors import RefusedError
    from session_classify.gathering.case import open_case
    from session_classify.instants import utc_now
    from session_classify.submission.evaluation import evaluation, unchecked

    opened = open_case(Path(case))
    verdict = opened.verdict()
    reasons = unchecked(verdict)
    if reasons and not include_unchecked:
        raise RefusedError(
            f"the verdict of {case} is unchecked ({', '.join(reasons)}); record one that the check "
            "accepts, or add --include-unchecked"
        )
    now = int(utc_now().timestamp() * 1000)
    made = evaluation(opened.session(), verdict, label, now)
    emit(_submitted(opened, made, url) if send else _dry_run(opened, made, url), out)


def _dry_run(case: "Case", evaluation: "Evaluation", url: str) -> str:
    """Return the request body, and say on stderr that it was not sent."""
    from session_classify.cli.output import as_json
    from session_classify.submission.evaluation import body
    from session_classify.submission.intake import address_of

    address = address_of(url, case.info.site)
    click.echo(f"dry run, nothing was sent; --confirm sends this to {address}", err=True)
    return as_json(body((evaluation,)))


def _submitted(case: "Case", evaluation: "Evaluation", url: str) -> str:
    """Send the evaluation unless that was done, and return what was done.

    A failed attempt is repeated as it was, with its time.
    """
    from msgspec.structs import replace

    from session_classify.backends.environment import refuse_when_read_only
    from session_classify.errors import ClassifyError
    from session_classify.submission.evaluation import body
    from session_classify.submission.intake import open_intake
    from session_classify.submission.record import State, begun, earlier, keep, submitting

    refuse_when_read_only("evaluations are not submitted")
    intake = open_intake(url, case.info.site)
    with submitting(case):
        submission = begun(evaluation, intake.url)
        before = earlier(case, submission)
        is_same = before is not None and before.content == submission.content
        if before is not None and is_same:
            if before.state is State.SENT:
                return f"already submitted, nothing was sent: {_shown(evaluation, intake.url)}"
            evaluation = replace(evaluation, timestamp_ms=before.timestamp_ms)
            submission = replace(submission, timestamp_ms=before.timestamp_ms)
        keep(case, submission)
        try:
            intake.send(body((evaluation,)))
        except ClassifyError as error:
            keep(case, replace(submission, state=State.FAILED, error=str(error)))
            raise
        keep(case, replace(submission, state=State.SENT))
    what = "submitted anew" if before is not None and not is_same else "submitted"
    return f"{what}: {_shown(evaluation, intake.url)}"


def _shown(evaluation: "Evaluation", address: str) -> str:
    from session_classify.printing.text import one_line

    where = f"span {evaluation.span['span_id']} of trace {evaluation.span['trace_id']}"
    named = f"{evaluation.label} = {evaluation.categorical_value} on {where}"
    return f"{one_line(named)}, to {address}\n"
