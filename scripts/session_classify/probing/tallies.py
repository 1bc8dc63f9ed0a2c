"""Which changes are asked about, and how often the answers to them are right."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import chain, zip_longest
from typing import Any

import msgspec

from session_classify.population.interval import Interval, of_size
from session_classify.probing.changes import KINDS, Changed
from session_classify.vocabulary import Satisfaction


class Subject(msgspec.Struct, frozen=True):
    """A changed session."""

    session: str
    number: int
    """Place of the change among those of its session."""
    change: Changed

    @property
    def told(self) -> dict[str, Any]:
        """The change without its rows."""
        one = self.change
        return {
            "session": self.session,
            "number": self.number,
            "kind": one.kind,
            "what": one.what,
            "good": one.is_good,
        }


class Chosen(msgspec.Struct, frozen=True):
    """The changes of one kind."""

    kind: str
    possible: int
    """Changes that could be made of all sessions."""
    subjects: tuple[Subject, ...]
    """Those that are asked about, spread over the sessions."""

    @property
    def sessions(self) -> int:
        """How many sessions they are of."""
        return len({one.session for one in self.subjects})


class Answer(msgspec.Struct, frozen=True):
    """What the judge said of a changed session, once."""

    session: str
    number: int
    kind: str
    what: str
    verdict: Satisfaction | None
    is_right: bool
    seconds: float
    characters: int
    """Of the digest that was read; 0 for the rules."""
    error: str = ""
    is_refused: bool = False
    """The check refused its verdict, and the corrected one: no verdict, and not right."""


class Tally(msgspec.Struct, frozen=True):
    """The answers to one kind of change."""

    kind: str
    wanted: str
    changes: int
    possible: int
    sessions: int
    asked: int
    """Answers that came, refused ones too."""
    right: int
    interval: Interval
    """Of the share among changed sessions, however often each is asked about."""
    refused: int
    errors: int
    seconds: float
    characters: int
    flips: int
    """Changed sessions with different verdicts at the repetitions."""


class Choice:
    """Collects the changes session by session, at most `most` of a kind."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._possible: dict[str, int] = dict.fromkeys(KINDS, 0)
        self._kept: dict[str, list[list[Subject]]] = {kind: [] for kind in KINDS}

    def add(self, session: str, made: Iterable[Changed]) -> None:
        """Add the changes of one session; what later ones cannot bring back is dropped."""
        own: dict[str, list[Subject]] = defaultdict(list)
        for number, one in enumerate(made, 1):
            self._possible[one.kind] += 1
            if len(own[one.kind]) < self._most:
                own[one.kind].append(Subject(session, number, one))
        for kind, found in own.items():
            self._kept[kind].append(found)
            kept = {(one.session, one.number) for one in self._spread(kind)}
            for held in self._kept[kind]:
                held[:] = [one for one in held if (one.session, one.number) in kept]

    def chosen(self, kinds: Iterable[str]) -> tuple[Chosen, ...]:
        """Return the changes of these kinds, in the order of `KINDS`."""
        wanted = set(kinds)
        return tuple(
            Chosen(kind, self._possible[kind], self._spread(kind))
            for kind in KINDS
            if kind in wanted
        )

    def _spread(self, kind: str) -> tuple[Subject, ...]:
        """Return one change of each session, then a second one, until there are enough."""
        rounds = chain.from_iterable(zip_longest(*self._kept[kind]))
        return tuple(one for one in rounds if one is not None)[: self._most]


def tallies(chosen: Iterable[Chosen], answers: Iterable[Answer]) -> tuple[Tally, ...]:
    """Return a row for each kind of change that was made."""
    by: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        by[answer.kind].append(answer)
    return tuple(_tally(one, by[one.kind]) for one in chosen if by.get(one.kind))


def _tally(chosen: Chosen, answers: list[Answer]) -> Tally:
    came = [answer for answer in answers if answer.verdict is not None or answer.is_refused]
    by: dict[tuple[str, int], list[Answer]] = defaultdict(list)
    for answer in came:
        by[answer.session, answer.number].append(answer)
    shares = [sum(one.is_right for one in same) / len(same) for same in by.values()]
    rate = sum(shares) / len(shares) if shares else 0.0
    return Tally(
        kind=chosen.kind,
        wanted="yes" if KINDS[chosen.kind] else "not yes",
        changes=len(chosen.subjects),
        possible=chosen.possible,
        sessions=chosen.sessions,
        asked=len(came),
        right=sum(answer.is_right for answer in came),
        interval=of_size(rate, len(shares)) if shares else Interval(0.0, 1.0),
        refused=sum(answer.is_refused for answer in came),
        errors=len(answers) - len(came),
        seconds=sum(answer.seconds for answer in answers) / len(answers),
        characters=sum(answer.characters for answer in answers) // len(answers),
        flips=sum(len({(one.verdict, one.is_refused) for one in same}) > 1 for same in by.values()),
    )
