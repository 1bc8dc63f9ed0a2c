"""Which ambiguous actions the users of labelled sessions sent, from runs, cases and RUM rows."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from session_classify.errors import ClassifyError, UnusableInputError, UsageError
from session_classify.events import RumEvent, Times
from session_classify.evidence.rum.timeline import Timeline, session_times, timeline
from session_classify.gathering.case import open_case
from session_classify.gathering.case_files import is_case
from session_classify.inputs import read_input
from session_classify.population.run import case_paths, is_run
from session_classify.profiles.patterns import as_pattern
from session_classify.profiles.profile import ActionRule, Profile
from session_classify.vocabulary import ActionCategory, Direction, Phase, Tier
from session_classify.wire.rum.events import RumAnswer, read_rum
from session_classify.wire.rum.owner import times_known
from session_classify.wire.rum.pages import joined

_DEEPEST = 3
"""Objects inside the context of an event in which ids are looked for."""


class Key(NamedTuple):
    """What tells one action of a profile from another: its pattern, and what its payload holds."""

    name: str
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()


def key_of(rule: ActionRule) -> Key:
    """Return what tells a rule from others; names are compared whatever the case of letters."""
    return Key(rule.name.casefold(), tuple(sorted(rule.where.items())))


class Seen(msgspec.Struct, frozen=True):
    """The ambiguous actions that the user of one session sent."""

    unit: str
    since: frozenset[Key]
    """Since the session began; of rows whose session has no known times, any of them."""
    during: frozenset[Key] | None
    """Between the first turn's begin and the last turn's end; None where no times are known."""


class Sightings(msgspec.Struct, frozen=True):
    """What was seen of the sessions that have a label."""

    seen: tuple[Seen, ...]
    rules: dict[Key, ActionRule]
    """The profile's rule of each action; a plain one for an action that it does not name."""
    silent: int
    """Sessions with a label of which no RUM event is known: they show nothing."""
    strange: int
    """Cases that cannot be read and rows that are no events, or of no session with a label."""


def sightings(paths: Sequence[Path], units: frozenset[str], profile: Profile) -> Sightings:
    """Return the ambiguous actions of each labelled unit.

    `units` are ids in lower case. A path is the directory of a run or of a case, or a file with
    rows of RUM events. A row is of the unit that its RUM session is called, or that a field of its
    context whose name ends in `id` holds. Raises UnusableInputError for another path, and where no
    event is of any unit.
    """
    found: dict[str, list[Timeline]] = {}
    timed: set[str] = set()
    strange = 0
    folders = [path for path in paths if path.is_dir()]
    for path in _cases(folders):
        read = _of_case(path, profile)
        if read is None or read[0] not in units:
            strange += 1
            continue
        unit, told, is_timed = read
        if told.events or told.noise or told.other_types:
            found.setdefault(unit, []).append(told)
            timed |= {unit} if is_timed else set()
    rows, lost = _of_files([path for path in paths if not path.is_dir()], units)
    for unit, events in rows.items():
        whole = Times(events[0].at, events[-1].at)
        found.setdefault(unit, []).append(timeline(events, whole, profile))
    if not found:
        raise UnusableInputError(
            f"no event is of a labelled session: {len(units)} labels such as "
            f"{min(units, default='none')}; expected rows whose RUM session, or a field of the "
            "context such as session_id, is the id of a label, or the run that was labelled"
        )
    rules: dict[Key, ActionRule] = {}
    seen = tuple(_seen(unit, found[unit], rules, unit in timed) for unit in sorted(found))
    return Sightings(seen, rules, len(units) - len(found), strange + lost)


def _cases(folders: Iterable[Path]) -> Iterable[Path]:
    for folder in folders:
        if is_run(folder):
            yield from case_paths(folder).values()
        elif is_case(folder):
            yield folder
        else:
            raise UnusableInputError(
                f"{folder} is neither a run nor a case; name one, or files with RUM events"
            )


def _of_case(path: Path, profile: Profile) -> tuple[str, Timeline, bool] | None:
    """Return the unit of a case, its timeline, and whether its times are known.

    None where the case cannot be read.
    """
    try:
        case = open_case(path)
        session, events = case.session(), case.events()
    except ClassifyError:
        return None
    if not session.turns:
        return None
    told = timeline(events.rum, session_times(session), profile)
    return case.info.id.casefold(), told, times_known(session)


def _of_files(
    paths: Iterable[Path], units: frozenset[str]
) -> tuple[dict[str, list[RumEvent]], int]:
    """Return the events of each unit by time, and how many rows are of none or no event."""
    answers: list[RumAnswer] = []
    for path in paths:
        try:
            data = read_input(path.expanduser())
        except OSError as error:
            raise UsageError(f"cannot read {path}: {error.strerror}") from error
        answers += read_rum(data, str(path))
    whole = joined(answers)
    by: dict[str, list[RumEvent]] = defaultdict(list)
    lost = len(whole.unreadable)
    for event in whole.events:
        unit = _unit(event, units)
        if unit is None:
            lost += 1
        else:
            by[unit].append(event)
    return by, lost


def _unit(event: RumEvent, units: frozenset[str]) -> str | None:
    """Return the unit that an event is of."""
    ids = (str(one).casefold() for one in (event.rum_session, *_ids(event.context)))
    return next((one for one in ids if one in units), None)


def _ids(context: Mapping[str, Any], depth: int = 0) -> Iterator[Any]:
    """Yield what the fields whose names end in `id` hold, also those of objects inside."""
    for key, value in context.items():
        if isinstance(value, dict):
            yield from _ids(value, depth + 1) if depth < _DEEPEST else ()
        elif key.casefold().endswith("id"):
            yield value


def _seen(
    unit: str, told: Iterable[Timeline], rules: dict[Key, ActionRule], is_timed: bool
) -> Seen:
    """Return what timelines show of the ambiguous actions, whose rules are added to `rules`."""
    since, during = set(), set()
    for event in (event for one in told for event in one.events):
        if event.tier is not Tier.AMBIGUOUS or event.phase is Phase.PRE or not event.event.name:
            continue
        rule = event.rule or ActionRule(
            as_pattern(event.event.name),
            ActionCategory.OTHER,
            Tier.AMBIGUOUS,
            Direction.NEUTRAL,
        )
        key = key_of(rule)
        rules.setdefault(key, rule)
        since.add(key)
        if event.phase is Phase.DURING:
            during.add(key)
    return Seen(unit, frozenset(since), frozenset(during) if is_timed else None)
