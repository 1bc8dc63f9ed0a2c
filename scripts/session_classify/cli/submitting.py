"""What `submit` does with the judged units of a case or run, and what it tells of them."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

from session_classify.backends.environment import refuse_when_read_only
from session_classify.cli.output import as_json, emit
from session_classify.errors import (
    ClassifyError,
    NotFoundError,
    RefusedError,
    UnusableInputError,
    UsageError,
)
from session_classify.instants import utc_now
from session_classify.population.run import is_run
from session_classify.printing.text import counted, one_line
from session_classify.submission.evaluation import Evaluation, body, check_label, evaluation
from session_classify.submission.intake import Intake, address_of, open_intake
from session_classify.submission.judged import (
    REFUSED,
    TROUBLES,
    UNCHECKED,
    UNUSABLE,
    Judged,
    Left,
    chosen,
)
from session_classify.submission.sending import Done, submitted

_NAMED = 3
"""Left-out units that are named for each reason; the others are counted."""
_FIXES = {UNCHECKED: "; --include-unchecked submits them"}


class Selection:
    """The units of a case or run; `left` fills while they are read."""

    def __init__(self, folder: Path, *, include_unchecked: bool) -> None:
        self.folder = folder
        self.left: list[Left] = []
        self._include_unchecked = include_unchecked
        self._read = 0

    @property
    def is_run(self) -> bool:
        """Whether there can be several units."""
        return is_run(self.folder)

    def __iter__(self) -> Iterator[Judged]:
        for one in chosen(self.folder, self.left, include_unchecked=self._include_unchecked):
            self._read += 1
            yield one

    def leave_out(self, unit: Judged, why: str, error: ClassifyError) -> None:
        """Leave a unit of a run out for an error; raise the error of a case."""
        if not self.is_run:
            raise error
        self._read -= 1
        self.left.append(Left(unit.session.id, why, str(error)))

    def tell(self) -> None:
        """Say on stderr what was left out, with a line for each reason."""
        for why in dict.fromkeys(one.why for one in self.left):
            units = [one for one in self.left if one.why == why]
            named = [
                f"{one_line(one.id)} ({one_line(one.detail)})" if one.detail else one_line(one.id)
                for one in units[:_NAMED]
            ]
            more = f" and {len(units) - _NAMED} more" if len(units) > _NAMED else ""
            told = f"left out, {why}: {', '.join(named)}{more}{_FIXES.get(why, '')}"
            click.echo(told, err=True)

    def check(self) -> None:
        """Raise an error if nothing was submitted, or something could not be."""
        whys = Counter(one.why for one in self.left)
        troubled = sum(whys[why] for why in TROUBLES)
        if troubled:
            kind = UsageError if whys[REFUSED] else UnusableInputError
            raise kind(
                f"{self.folder}: units left out that have a verdict: {troubled}; taken: "
                f"{self._read}; mend what is told above, then run the same command again"
            )
        if not self._read and whys[UNCHECKED]:
            raise RefusedError(
                f"every verdict of {self.folder} is unchecked; have them judged, or add "
                "--include-unchecked"
            )
        if not self._read:
            raise NotFoundError(
                f"no unit of {self.folder} has a verdict yet; record some with `verdict`"
            )


def print_evaluations(units: Selection, label: str, url: str, out: str | None) -> None:
    """Print the request body, and say on stderr that it was not sent."""
    made, sites = [], set()
    for unit, one in evaluations(units, label):
        made.append(one)
        sites.add(unit.case.info.site)
    units.tell()
    if made:
        where = " and ".join(sorted(address_of(url, site) for site in sites))
        what = counted(len(made), "evaluation") if units.is_run else "this"
        click.echo(f"dry run, nothing was sent; --confirm sends {what} to {where}", err=True)
        emit(as_json(body(tuple(made))), out)
    units.check()


def send_evaluations(units: Selection, label: str, url: str, out: str | None) -> None:
    """Send each evaluation unless that was done, and print what was done.

    A refused key, a used-up rate limit or a lost connection ends the run; the same command goes on
    from there. A refused evaluation is left out.
    """
    refuse_when_read_only("evaluations are not submitted")
    intakes: dict[str, Intake] = {}
    lines, counts = [], Counter[Done]()
    try:
        for unit, one in evaluations(units, label):
            site = unit.case.info.site
            intake = intakes.setdefault(site, intakes.get(site) or open_intake(url, site))
            try:
                done = submitted(unit.case, one, intake)
            except UsageError as error:
                units.leave_out(unit, REFUSED, error)
                continue
            counts[done] += 1
            lines.append(f"{done}: {_shown(one, intake.url)}")
    finally:
        units.tell()
        if units.is_run and counts:
            lines.append(", ".join(f"{count} {done}" for done, count in counts.items()) + "\n")
        if lines:
            emit("".join(lines), out)
    units.check()


def evaluations(units: Selection, label: str) -> Iterator[tuple[Judged, Evaluation]]:
    """Yield each unit with its evaluation; raises UsageError for a label that cannot be one."""
    check_label(label)
    now = int(utc_now().timestamp() * 1000)
    for unit in units:
        try:
            made = evaluation(unit.session, unit.verdict, label, now)
        except UnusableInputError as error:
            units.leave_out(unit, UNUSABLE, error)
        else:
            yield unit, made


def _shown(evaluation: Evaluation, address: str) -> str:
    where = f"span {evaluation.span['span_id']} of trace {evaluation.span['trace_id']}"
    named = f"{evaluation.label} = {evaluation.categorical_value} on {where}"
    return f"{one_line(named)}, to {address}\n"
