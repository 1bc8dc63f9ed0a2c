"""`submit`: the verdicts of a case or run as external evaluations in LLM Observability."""

import click

from session_classify.cli.case_argument import CasePath
from session_classify.cli.output import out_option


@click.command("submit")
@click.argument("case", type=CasePath(), metavar="CASE|RUN")
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
@click.option(
    "--dataset",
    "dataset",
    metavar="NAME",
    help="Submit records of this dataset instead of evaluations; it is made if there is none.",
)
@click.option(
    "--project",
    "project",
    default="",
    metavar="NAME",
    help="The dataset's project; default DD_LLMOBS_PROJECT_NAME, else default-project.",
)
@click.option("--confirm", "send", is_flag=True, help="Send it; without, it is only printed.")
@click.option(
    "--url", "url", default="", metavar="URL", help="A Datadog agent or stand-in on this machine."
)
@out_option
def submit_cmd(
    case: str,
    label: str,
    dataset: str | None,
    project: str,
    url: str,
    out: str | None,
    *,
    include_unchecked: bool,
    send: bool,
) -> None:
    """Print the evaluation of a judged case; with --confirm, submit it to LLM Observability.

    For the directory of a run: of each unit with a verdict. It is joined to the root span of the
    last turn. A verdict that was submitted is not sent again; a changed one replaces it. With
    --dataset, conversations and verdicts become records for experiments. DD_READ_ONLY=1 refuses
    --confirm.
    """
    from pathlib import Path

    from session_classify.cli.submitting import Selection, print_evaluations, send_evaluations
    from session_classify.errors import UsageError
    from session_classify.gathering.case import located

    units = Selection(located(Path(case)), include_unchecked=include_unchecked)
    if dataset is not None:
        from session_classify.cli.datasets import print_records, send_records

        if label:
            raise UsageError("--label names an evaluation; leave it out with --dataset")
        (send_records if send else print_records)(units, dataset, project, url, out)
        return
    if project:
        raise UsageError("--project is where a dataset is; name that with --dataset")
    (send_evaluations if send else print_evaluations)(units, label, url, out)
