"""Which verdict stands against which label: units by their id, raters' majority."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

import msgspec

from session_classify.agreement.ratings import Rating, read_ratings
from session_classify.errors import UnusableInputError, UsageError
from session_classify.vocabulary import Satisfaction


class Pair(msgspec.Struct, frozen=True):
    """A unit that was judged and labelled."""

    judged: Rating
    label: Satisfaction
    """What most raters say."""
    raters: tuple[Rating, ...]

    @property
    def agrees(self) -> bool:
        """Whether verdict and label are the same word."""
        return self.judged.verdict == self.label


class Rated(msgspec.Struct, frozen=True):
    """What was said of a unit."""

    raters: tuple[Rating, ...]
    judged: Rating | None = None


class Matched(msgspec.Struct, frozen=True):
    """The units of both sides, and what was left out."""

    pairs: tuple[Pair, ...]
    unlabelled: int
    """Verdicts on units without a label."""
    unjudged: int
    """Labelled units without a verdict."""
    disputed: tuple[str, ...]
    """Units whose raters have no majority."""
    rated: tuple[Rated, ...] = ()
    """Every unit of both sides, the disputed ones too."""
    rated_alone: tuple[Rated, ...] = ()
    """Every unit with a label, judged or not."""
    is_of_judges: bool = False
    """The labels are of a run, not of people."""


def by_unit(labels: Iterable[Rating]) -> dict[str, list[Rating]]:
    """Return the ratings of each unit, by its id without regard to case."""
    rated: dict[str, list[Rating]] = defaultdict(list)
    for one in labels:
        rated[one.id.casefold()].append(one)
    return rated


def majority(ratings: Iterable[Rating]) -> Satisfaction | None:
    """Return what most raters of a unit say; None where no word has most of them."""
    top = Counter(one.verdict for one in ratings).most_common(2)
    return None if len(top) > 1 and top[0][1] == top[1][1] else top[0][0]


def matched(verdicts: Iterable[Rating], labels: Iterable[Rating]) -> Matched:
    """Return the units that both sides have; ids are compared whatever the case of their letters.

    Raises UnusableInputError where none is on both sides, with an id of each, and for verdicts of
    several judges on a unit.
    """
    judged: dict[str, Rating] = {}
    for one in verdicts:
        other = judged.setdefault(one.id.casefold(), one)
        if other is not one:
            raise UnusableInputError(
                f"{one.id} has verdicts by {other.rater or 'one'} and {one.rater or 'another'}; "
                "hold one judge at a time against the labels, or use --against"
            )
    labels = tuple(labels)
    rated = by_unit(labels)
    pairs, disputed = [], []
    for key in judged.keys() & rated.keys():
        label = majority(rated[key])
        if label is None:
            disputed.append(judged[key].id)
            continue
        pairs.append(Pair(judged[key], label, tuple(rated[key])))
    if not judged.keys() & rated.keys():
        raise UnusableInputError(
            f"no id is on both sides: {len(judged)} verdicts such as {next(iter(judged), 'none')}, "
            f"{len(rated)} labels such as {next(iter(rated), 'none')}"
        )
    if not pairs:
        raise UnusableInputError(
            f"the raters have no majority on any of the {len(disputed)} units of both sides"
        )
    return Matched(
        tuple(sorted(pairs, key=lambda pair: pair.judged.id)),
        len(judged.keys() - rated.keys()),
        len(rated.keys() - judged.keys()),
        tuple(sorted(disputed)),
        tuple(
            Rated(tuple(rated[key]), judged[key]) for key in sorted(judged.keys() & rated.keys())
        ),
        tuple(Rated(tuple(rated[key])) for key in sorted(rated)),
        any(one.is_judged for one in labels),
    )


def satisfied_units(labels: Path) -> tuple[dict[str, bool], int]:
    """Return by unit, in lower case, whether most raters say `yes`, and the number of disputed.

    Raises UsageError for the directory of a run, whose verdicts are a judge's, and
    UnusableInputError as `read_ratings` does.
    """
    ratings = read_ratings(labels, by_people=True)
    if any(one.is_judged for one in ratings):
        raise UsageError(
            f"{labels} is of a run: its verdicts are a judge's, which may have seen the actions; "
            "expected people's labels, such as its labels.csv"
        )
    said = {unit: majority(found) for unit, found in by_unit(ratings).items()}
    known = {unit: word is Satisfaction.YES for unit, word in said.items() if word is not None}
    return known, len(said) - len(known)
