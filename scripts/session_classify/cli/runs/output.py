"""The output of `gather app` and `classify app`."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import msgspec

from session_classify.cli.digests import digests_of
from session_classify.cli.judging import judged
from session_classify.cli.output import as_json, case_argument
from session_classify.cli.runs.app import AppRun, Judge
from session_classify.cli.runs.choice import AppChoice
from session_classify.errors import ClassifyError
from session_classify.evidence.findings import Evidence, recalled
from session_classify.gathering.case import Case, open_case
from session_classify.gathering.case_files import is_case
from session_classify.invocation import program
from session_classify.pages.comparison import compared
from session_classify.pages.units import unit_rows
from session_classify.population.labels import case_of
from session_classify.population.run import Label, Run, check_by
from session_classify.printing.render import render
from session_classify.report.run import summary
from session_classify.sweeping.swept import labelled, swept_summary
from session_classify.verdict.reconcile_rules import Rule
from session_classify.verdict.rules_only import rules_only
from session_classify.vocabulary import JudgedBy

if TYPE_CHECKING:
    from session_classify.agreement.figures import Held


def judge_of(command: str | None, seconds: float, rules: tuple[Rule, ...]) -> Judge:
    """Return what records a verdict on a case: a judge's command, or the rules alone."""

    def judge(case: Case, evidence: Evidence) -> None:
        case.keep_a_better_verdict(JudgedBy.COMMAND if command else JudgedBy.RULES_ONLY)
        if command is not None:
            judged(case, evidence, command, seconds, rules)
        else:
            case.save_verdict(rules_only(evidence, rules))

    return judge


def classified_app(
    app: str,
    paths: tuple[str, ...],
    choice: AppChoice,
    backend: str | None,
    profile: str | None,
    judge: Judge,
    judge_name: str | None,
    *,
    json: bool,
) -> str:
    """Classify a sample of an app and return the summary, or run and labels as JSON.

    `judge_name` is None for the rules alone.
    """
    running = AppRun(app, choice, backend, paths, profile, judge_name)
    run, labels = running.until_narrow(running.start(), judge)
    if json:
        return _run_json(running.folder, run, labels)
    return summary(run, labels, case_argument(running.folder))


def run_report(
    folder: Path,
    against: Path | None,
    form: str,
    said: Path | None = None,
    by: tuple[str, ...] = (),
) -> str:
    """Return a run's summary, its labels as JSON lines (`jsonl`), or both as `json`.

    `against` is an earlier run to compare with, `said` holds people's labels of the units, `by` are
    attributes by which it is split. Raises UsageError for one that the run does not know.
    """
    run, labels = labelled(folder)
    check_by(run, by)
    if form == "jsonl":
        return "".join(msgspec.json.encode(label).decode() + "\n" for label in labels)
    agreed = held_against(folder, said)
    if form == "json":
        return _run_json(folder, run, labels, agreed.told if agreed else {})
    text = swept_summary(folder) or summary(run, labels, case_argument(folder), by)
    if agreed:
        from session_classify.report.agreement import agreement_text

        text += "\n" + agreement_text(agreed, head="##")
    if against is None:
        return text
    before, others = labelled(against)
    found = compared(before, unit_rows(before, others, {}), run, unit_rows(run, labels, {}))
    return text + render("run_comparison.md.j2", other=found)


def held_against(folder: Path, said: Path | None) -> "Held | None":
    """Return a run's verdicts held against people's labels; None without labels.

    Raises as `agree` does.
    """
    if said is None:
        return None
    from session_classify.agreement.figures import held
    from session_classify.agreement.ratings import read_ratings

    return held(read_ratings(folder), read_ratings(said, by_people=True))


def _run_json(
    folder: Path,
    run: Run,
    labels: tuple[Label, ...],
    more: Mapping[str, Any] = MappingProxyType({}),
) -> str:
    return as_json({"run": run, "folder": str(folder), "labels": labels, **more})


def gathered_app(
    app: str,
    paths: tuple[str, ...],
    choice: AppChoice,
    backend: str | None,
    profile: str | None,
) -> str:
    """Gather a sample of an app; return the plan of its batches and the digests of the first."""
    running = AppRun(app, choice, backend, paths, profile)
    run = running.start()
    labels = running.gather_all(run, None)
    return app_plan(running, run, labels)


def app_plan(running: AppRun, run: Run, labels: tuple[Label, ...]) -> str:
    """Return what is left to judge: the digests that have room, and the commands for the others."""
    known = {label.id: label for label in labels}
    left, gone = [], []
    for unit_id in run.units:
        label = known.get(unit_id)
        if label is not None and label.verdict is not None:
            continue
        path = case_of(running.folder, run.granularity, unit_id)
        try:
            if not is_case(path):
                gone.append((unit_id, label.error if label else "not gathered"))
                continue
            case = open_case(path)
            left.append((case, recalled(case.session(), case.findings())))
        except ClassifyError as error:
            gone.append((unit_id, str(error)))
    text, shown = digests_of(left)
    for case, turns in shown:
        case.mark_shown(turns)
    printed = {case.path for case, _ in shown}
    place = case_argument(running.folder)
    plan = render(
        "run_plan.md.j2",
        run=run,
        place=place,
        program=program(),
        judged=len(run.units) - len(left) - len(gone),
        printed=[case_argument(case.path) for case, _ in shown],
        others=[case_argument(c.path) for c, _ in left if c.path not in printed],
        gone=gone,
    )
    return f"{plan}\n{text}" if text else plan
