"""Regular expressions for ids in profiles, matched in time linear in the text.

The `re` module backtracks, which is exponential for some expressions. This matcher follows all
alternatives at once. Supported are letters, sets, groups, alternatives and repeats; lookaround and
backreferences are refused.
"""

import re
from functools import cache
from typing import NamedTuple

import msgspec

from session_classify.lazy import lazy_pattern

LONGEST = 200
"""Characters of an expression; no id needs more."""
_MOST = 500
"""Most steps of an expression after counted repeats are expanded."""
_TOKEN = lazy_pattern(
    r"\[\^?\]?(?:\\.|[^\\\[\]])*+\]|\(\?:|\\.|\{(?:\d+(?:,\d*)?|,\d*)\}|.", re.DOTALL
)
_COUNT = lazy_pattern(r"\{(\d*)(?:(,)(\d*))?\}")
_COUNTS = {"*": (0, None), "+": (1, None), "?": (0, 1)}
_ESCAPES = frozenset("wWdDsSnrtfv")
"""Letters that may follow a backslash; the others are anchors, references or codes."""


class _Step(NamedTuple):
    """One step: a letter to read, or none and the possible next steps."""

    letter: "re.Pattern[str] | None"
    next: tuple[int, ...]


class IdPattern(msgspec.Struct, frozen=True):
    """A compiled expression."""

    steps: tuple[_Step, ...]
    _after: dict[tuple[frozenset[int], str], frozenset[int]] = msgspec.field(default_factory=dict)

    def fits(self, text: str) -> bool:
        """Return whether the whole text is an id."""
        return len(text) in self.ends(text, 0)

    def ends(self, text: str, start: int) -> list[int]:
        """Return every position at which an id that begins at `start` may end, in order."""
        found, places = [], self._reached({0})
        for at in range(start, len(text) + 1):
            if len(self.steps) in places:
                found.append(at)
            if at == len(text) or not places:
                break
            places = self._step(places, text[at])
        return found

    def _step(self, places: frozenset[int], letter: str) -> frozenset[int]:
        if (places, letter) not in self._after:
            if len(self._after) > 10_000:
                self._after.clear()
            steps = [self.steps[at] for at in places if at < len(self.steps)]
            read = (s.next[0] for s in steps if s.letter and s.letter.fullmatch(letter))
            self._after[places, letter] = self._reached(set(read))
        return self._after[places, letter]

    def _reached(self, places: set[int]) -> frozenset[int]:
        """Return the steps that read a letter, or the end, reachable without a letter."""
        seen, waiting = set(places), list(places)
        while waiting:
            at = waiting.pop()
            if at < len(self.steps) and self.steps[at].letter is None:
                waiting += [one for one in self.steps[at].next if one not in seen]
                seen.update(self.steps[at].next)
        return frozenset(at for at in seen if at == len(self.steps) or self.steps[at].letter)


@cache
def id_pattern(expression: str) -> IdPattern:
    """Return a compiled expression.

    Raises ValueError with the reason for an expression that is invalid or not supported.
    """
    if len(expression) > LONGEST:
        raise ValueError(f"it is longer than {LONGEST} characters")
    try:
        re.compile(expression)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(str(error)) from error
    reader = _Reader(_TOKEN.findall(expression))
    try:
        reader.alternatives()
    except re.error as error:
        raise ValueError(f"a part of it cannot be read alone: {error}") from error
    return IdPattern(tuple(reader.steps))


class _Reader:
    """Compiles an expression from left to right to steps."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.at = 0
        self.steps: list[_Step] = []

    def alternatives(self) -> None:
        begin, exits = len(self.steps), []
        self.sequence()
        while self.sees("|"):
            self.at += 1
            self.insert(begin, len(self.steps) + 2)
            exits.append(len(self.steps))
            self.write(None)
            begin = len(self.steps)
            self.sequence()
        for place in exits:
            self.steps[place] = _Step(None, (len(self.steps),))

    def sequence(self) -> None:
        while self.at < len(self.tokens) and not (self.sees("|") or self.sees(")")):
            begin = len(self.steps)
            self.atom()
            if self.at < len(self.tokens):
                self.repeat(begin)

    def atom(self) -> None:
        token = self.tokens[self.at]
        self.at += 1
        if token in ("(", "(?:"):
            if self.sees("?"):
                raise ValueError("a group with `(?` other than `(?:` is not supported")
            self.alternatives()
            self.at += 1
        elif token in ("^", "$") or (token[1:].isalnum() and token[1] not in _ESCAPES):
            raise ValueError(f"`{token}` is not supported; the whole id is matched")
        else:
            self.write(re.compile(token))

    def repeat(self, begin: int) -> None:
        token = self.tokens[self.at]
        counted = _COUNT.fullmatch(token)
        if token not in _COUNTS and counted is None:
            return
        self.at += 1
        if self.sees("?"):
            self.at += 1  # lazy or greedy: all alternatives are followed
        elif self.sees("+"):
            raise ValueError("a possessive repeat is not supported")
        low, high = _COUNTS.get(token, (0, 0))
        if counted:
            low = int(counted[1] or 0)
            high = int(counted[3]) if counted[3] else None if counted[2] else low
        self.copies(begin, low, high)

    def copies(self, begin: int, low: int, high: int | None) -> None:
        body = self.steps[begin:]
        del self.steps[begin:]
        for _ in range(low):
            self.add(body, begin)
        if high is None:
            loop = len(self.steps)
            self.write(None)
            self.add(body, begin)
            self.write(None, loop)
            self.steps[loop] = _Step(None, (loop + 1, len(self.steps)))
            return
        end = len(self.steps) + (high - low) * (len(body) + 1)
        for _ in range(high - low):
            self.write(None, len(self.steps) + 1, end)
            self.add(body, begin)

    def add(self, body: list[_Step], origin: int) -> None:
        """Append a copy of steps that began at `origin`."""
        if len(self.steps) + len(body) > _MOST:
            raise ValueError("its repeats are too large")
        by = len(self.steps) - origin
        self.steps += [_Step(step.letter, tuple(one + by for one in step.next)) for step in body]

    def insert(self, place: int, other: int) -> None:
        """Insert a choice between the following step and `other` before the step at `place`."""
        moved = [
            _Step(step.letter, tuple(one + 1 for one in step.next)) for step in self.steps[place:]
        ]
        self.steps[place:] = [_Step(None, (place + 1, other)), *moved]

    def write(self, letter: "re.Pattern[str] | None", *following: int) -> None:
        if len(self.steps) >= _MOST:
            raise ValueError("its repeats are too large")
        self.steps.append(_Step(letter, following or (len(self.steps) + 1,)))

    def sees(self, token: str) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at] == token
