"""Attack regular expressions: find inputs on which their time grows faster than their input.

The inputs are built from a pattern's own parts: what each repeat takes, again and again, after what
stands before the repeat and in front of what nearly ends the match; beginnings of a match, again
and again; two of these one after the other. Times are of this thread's processor alone, the best of
several, and are judged only where they are long enough to be measured.
"""

import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

LARGEST = 200_000
"""Characters up to which the time is looked at."""
GROWTH = 2.5
"""How many times as long an input of double length may take."""
_FIRST = 12_500
"""Characters from which on the growth is looked at."""
_TINY, _FEW, _SOME = 40, 1_000, 4_000
"""Characters of the first trials, which choose the inputs that are looked at."""
_CHOSEN = 12
_MOST = 600
"""Inputs of a pattern that are tried at first."""
_LETTERS_TRIED = 12
_TELLING = 0.004
"""Seconds from which a time is judged."""
_HARMLESS = 0.05
"""Seconds that all but the linear part of the time may take at the largest size."""
_HANGS = 0.5
"""Seconds after which a search has lasted too long, whatever its growth."""

_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)
_LETTERS = (op.LITERAL, op.NOT_LITERAL, op.IN, op.ANY)
_COMMON = "aA0_ \n\t-.:/\\\"'=<>()[]{},;@#%&+*?!|~$^`\0é€"


@dataclass(frozen=True)
class Attack:
    """An input of any size: what it begins with, what is repeated, what it ends with."""

    head: str
    pumps: tuple[str, ...]
    """Each takes an equal part of the room."""
    tail: str

    def text(self, size: int) -> str:
        """Return an input of about `size` characters."""
        room = max(size - len(self.head) - len(self.tail), 0) // len(self.pumps)
        return self.head + "".join(p * (room // len(p)) for p in self.pumps) + self.tail


class _Parts:
    """The parts of a pattern, and texts that they match."""

    def __init__(self, pattern: "re.Pattern[Any]") -> None:
        text = pattern.pattern
        text = text.decode("latin-1") if isinstance(text, bytes) else text
        self.tree = parser.parse(text, pattern.flags & ~re.UNICODE)
        self.flags = pattern.flags
        self.atoms: dict[str, re.Pattern[str]] = {}
        letters: dict[str, None] = {}
        self._collect(self.tree, letters)
        # Of letters that no part of the pattern tells apart, one is enough.
        kinds: dict[tuple[bool, ...], str] = {}
        for letter in (*letters, *_COMMON):
            kind = tuple(atom.fullmatch(letter) is not None for atom in self.atoms.values())
            kinds.setdefault(kind, letter)
        wide = [not key.startswith("(LITERAL") for key in self.atoms]
        order = sorted(kinds, key=lambda kind: -sum(map(bool.__and__, kind, wide)))
        self.letters = tuple(kinds[kind] for kind in order[:_LETTERS_TRIED])

    def _collect(self, tree: Any, letters: dict[str, None]) -> None:
        for code, value in tree:
            if code in _LETTERS:
                self._atom(code, value)
                listed = value if code is op.IN else [(code, value)]
                for kind, one in listed:
                    if kind in (op.LITERAL, op.NOT_LITERAL):
                        letters[chr(one)] = None
                    elif kind is op.RANGE:
                        letters[chr(one[0])] = letters[chr(one[1])] = None
            for inner in _inside(code, value):
                self._collect(inner, letters)

    def _atom(self, code: Any, value: Any) -> "re.Pattern[str]":
        """Return a pattern for a part that takes one letter."""
        key = repr((code, value))
        if key not in self.atoms:
            state = parser.State()
            state.str = "attack"
            state.flags = self.flags & ~re.UNICODE
            part = parser.SubPattern(state, [(code, value)])
            self.atoms[key] = _compile(part, self.flags)
        return self.atoms[key]

    def text(self, tree: Any, choose: "_Choice") -> str:
        """Return a short text that a part of the pattern matches, as far as can be told."""
        made = ""
        for code, value in tree:
            made = self._with(made, code, value, choose)
        return made

    def _with(self, made: str, code: Any, value: Any, choose: "_Choice") -> str:
        if code in _LETTERS:
            if code is op.LITERAL:
                return made + chr(value)
            return made + choose.letter(self._atom(code, value), self.letters)
        if code is op.BRANCH:
            branches = value[1]
            return made + self.text(branches[choose.branch % len(branches)], choose)
        if code in _REPEATS:
            low, high, inner = value
            count = min(max(low, choose.least), high if high < op.MAXREPEAT else max(low, 1))
            return made + "".join(self.text(inner, choose) for _ in range(int(count)))
        if code is op.ASSERT and value[0] < 0:
            # What stands before is given by a look behind: `key` after `api_`.
            behind = self.text(value[1], choose)
            return behind if behind.endswith(made) else made
        if code in (op.SUBPATTERN, op.ATOMIC_GROUP):
            return made + "".join(self.text(inner, choose) for inner in _inside(code, value))
        return made


@dataclass
class _Choice:
    """Which letters, branches and counts a text is made of."""

    preferred: str
    branch: int = 0
    least: int = 1
    """Optional parts are there (1) or not (0)."""
    at: int = 0

    def letter(self, atom: "re.Pattern[str]", letters: tuple[str, ...]) -> str:
        wanted = [one for one in self.preferred if atom.fullmatch(one)]
        self.at += 1
        if wanted:
            return wanted[self.at % len(wanted)]
        return next((one for one in letters if atom.fullmatch(one)), "a")


def _inside(code: Any, value: Any) -> list[Any]:
    """Return the parts inside a part."""
    if code in _REPEATS:
        return [value[2]]
    if code is op.BRANCH:
        return list(value[1])
    if code is op.SUBPATTERN:
        return [value[3]]
    if code is op.ATOMIC_GROUP:
        return [value]
    if code in (op.ASSERT, op.ASSERT_NOT):
        return [value[1]]
    if code is op.GROUPREF_EXISTS:
        return [part for part in value[1:] if part is not None]
    return []


def _compile(part: Any, flags: int) -> "re.Pattern[str]":
    from re import _compiler  # type: ignore[attr-defined]

    made: re.Pattern[str] = _compiler.compile(part, flags & re.IGNORECASE | flags & re.DOTALL)
    return made


def attacks(pattern: "re.Pattern[Any]") -> list[Attack]:
    """Return inputs that are made for a pattern, each once."""
    parts = _Parts(pattern)
    found: dict[Attack, None] = {}
    for attack in _attacks(parts):
        found.setdefault(attack)
    return list(found)


def _attacks(parts: _Parts) -> Iterator[Attack]:
    tails = ("", "\0", "!")
    for choice in _choices(parts):
        whole = parts.text(parts.tree, choice())
        starts = [whole[:at] for at in _cuts(whole)]
        for start in filter(None, starts):
            yield Attack("", (start,), "")
            yield Attack("", (start,), "\0")
        for head, body, rest in _repeats(parts, parts.tree, choice, "", ""):
            if not body:
                continue
            for tail in (*tails, rest[:-1], rest):
                yield Attack(head, (body,), tail)
            for start in {head, whole[: len(head) + len(body)]} - {""}:
                yield Attack("", (start, body), "")
                yield Attack("", (start + body * 3,), "")
                yield Attack("", (body, start), "")


def _choices(parts: _Parts) -> Iterator[Callable[[], _Choice]]:
    """Yield ways to fill the parts in: one kind of letter each, all of them in turn, branches."""
    branches = min(_most_branches(parts.tree), 6)
    everything = "".join(parts.letters)
    for preferred in (*parts.letters, "a0", everything):
        yield lambda preferred=preferred: _Choice(preferred)
    for branch in range(branches):
        for least in (0, 1):
            yield lambda branch=branch, least=least: _Choice("a0", branch, least)


def _most_branches(tree: Any) -> int:
    most = 1
    for code, value in tree:
        if code is op.BRANCH:
            most = max(most, len(value[1]))
        most = max([most, *(_most_branches(inner) for inner in _inside(code, value))])
    return most


def _cuts(text: str) -> list[int]:
    """Return lengths of beginnings: all of a short text, some of a long one."""
    step = max(len(text) // 8, 1)
    return sorted({*range(1, min(len(text), 3) + 1), *range(step, len(text), step), len(text)})


def _repeats(
    parts: _Parts, tree: Any, choice: Callable[[], _Choice], head: str, rest: str
) -> Iterator[tuple[str, str, str]]:
    """Yield `(before, repeated, after)` for every part that may be repeated without an end.

    What takes up to a large count is as bad as one that takes any, up to that count.
    """
    items = list(tree)
    for at, (code, value) in enumerate(items):
        before = parts.text(items[:at], choice())
        before = before if before.startswith(head) else head + before
        after = parts.text(items[at + 1 :], choice()) + rest
        if code in _REPEATS and value[1] > 8:
            body = parts.text(value[2], choice())
            yield before, body, after
            yield before, parts.text([*value[2], *value[2]], choice()), after
        for inner in _inside(code, value):
            yield from _repeats(parts, inner, choice, before, after)


@dataclass(frozen=True)
class Finding:
    """An input whose time grows too fast."""

    attack: Attack
    why: str

    def __str__(self) -> str:
        head, tail = self.attack.head[:60], self.attack.tail[:60]
        return f"{self.why}: {head!r} + {self.attack.pumps!r} * n + {tail!r}"


def findings(run: Callable[[str], object], inputs: list[Attack], most: int = 1) -> list[Finding]:
    """Return the first findings among the inputs; `run` searches a text.

    All are tried with few characters; those whose time grows most are looked at further.
    """
    tried = inputs[:: len(inputs) // _MOST + 1]
    found = (one if isinstance(one, Finding) else _growth(run, one) for one in _worst(run, tried))
    return list(islice(filter(None, found), most))


def confirmed(run: Callable[[str], object], inputs: list[Attack]) -> list[Finding]:
    """Return findings that show in each of three rounds; a busy machine makes some that do not."""
    found: list[Finding] = []
    for _ in range(3):
        found = findings(run, inputs)
        if not found:
            break
    return found


def _worst(run: Callable[[str], object], inputs: list[Attack]) -> "list[Attack | Finding]":
    """Return the inputs whose time grows most from few to some characters, or one that hangs."""
    growths = []
    for at, one in enumerate(inputs):
        took = {}
        for size in (_TINY, _FEW, _SOME):
            took[size] = _seconds(run, one.text(size), 1)
            if took[size] >= _HANGS:
                return [_hang(one, size)]
        if took[_SOME] > max(_HARMLESS, 10 * took[_FEW]):
            return [one]  # sixteen times as long for four times the size: none is worse
        growths.append((took[_SOME] - took[_FEW] * _SOME / _FEW, -at))
    return [inputs[-at] for _, at in sorted(growths, reverse=True)[:_CHOSEN]]


def _hang(attack: Attack, size: int) -> Finding:
    return Finding(attack, f"more than {_HANGS:g} s for {size:,} characters")


def _growth(run: Callable[[str], object], attack: Attack) -> Finding | None:
    """Return what is wrong with the time that `run` takes on an input; None for nothing.

    The size is doubled up to the largest, as long as what is not linear of the time could do harm
    there if it grew with the square of the size.
    """
    size, half = _FIRST, _seconds(run, attack.text(_FIRST // 2), 2)
    while size <= LARGEST:
        took = _seconds(run, attack.text(size), 2)
        if took >= _HANGS:
            return _hang(attack, size)
        if took > _TELLING and took > GROWTH * half:
            times = 2 if took > 10 * _TELLING else 5
            half = _seconds(run, attack.text(size // 2), times)
            took = _seconds(run, attack.text(size), times)
            if took > GROWTH * half:
                return Finding(attack, f"{took / half:.1f} times as long for {size:,} characters")
        if 2 * (took - 2 * half) * (LARGEST / size) ** 2 < _HARMLESS:
            return None
        size, half = size * 2, took
    return None


class _TooLongError(Exception):
    pass


def _seconds(run: Callable[[str], object], text: str, times: int) -> float:
    """Return the least seconds of processor time that a run takes, or those of one that hangs."""
    least = _HANGS
    try:
        with _alarm(_HANGS):
            for _ in range(times):
                begun = time.thread_time()
                run(text)
                least = min(least, time.thread_time() - begun)
    except _TooLongError:
        pass
    return least


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Raise _TooLongError in this thread after so much processor time; a search looks for it."""

    def ring(*_: object) -> None:
        raise _TooLongError

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
