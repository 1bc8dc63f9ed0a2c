"""Which changes are asked about, and how answers are counted."""

from session_classify.population.interval import of_size
from session_classify.probing.changes import KINDS, Changed
from session_classify.probing.tallies import Answer, Choice, Chosen, Subject, tallies
from session_classify.vocabulary import Satisfaction

FAILED, UNTOUCHED = "write failed", "untouched"


def made(kind: str, count: int) -> list[Changed]:
    return [Changed(kind, f"change {n}", KINDS[kind], []) for n in range(count)]


def of_kind(choice: Choice, kind: str) -> Chosen:
    (found,) = choice.chosen([kind])
    return found


def test_changes_are_spread_over_the_sessions() -> None:
    """One of each session comes before the second of any; what is left out is counted."""
    choice = Choice(5)
    for name, count in (("a", 9), ("b", 1), ("c", 2), ("d", 3)):
        choice.add(name, made(FAILED, count))

    found = of_kind(choice, FAILED)

    assert [one.session for one in found.subjects] == ["a", "b", "c", "d", "a"]
    assert (found.possible, found.sessions) == (15, 4)


def test_few_sessions_give_all_that_they_have() -> None:
    """Nothing is dropped that would still have had a place."""
    choice = Choice(6)
    for name, count in (("a", 9), ("b", 1)):
        choice.add(name, made(FAILED, count))

    assert [one.session for one in of_kind(choice, FAILED).subjects] == ["a", "b", *"aaaa"]


def test_a_kind_that_no_session_allows_is_known() -> None:
    """It has no subjects, and is told as such."""
    choice = Choice(5)
    choice.add("a", made(FAILED, 1))

    assert of_kind(choice, UNTOUCHED) == Chosen(UNTOUCHED, 0, ())


def answer(number: int, verdict: str = "", *, right: bool = False, refused: bool = False) -> Answer:
    word = Satisfaction(verdict) if verdict else None
    return Answer("a", number, FAILED, "x", word, right, 1.0, 10, is_refused=refused)


def counted(*answers: Answer) -> Chosen:
    subjects = [Subject("a", one.number, made(FAILED, 1)[0]) for one in answers]
    return Chosen(FAILED, 9, tuple({one.number: one for one in subjects}.values()))


def test_a_refused_verdict_is_not_right() -> None:
    """A judge that says `yes` to all is not left out where the check catches it."""
    given = [answer(1, refused=True), answer(2, "no", right=True), answer(3)]

    (row,) = tallies([counted(*given)], given)

    assert (row.asked, row.right, row.refused, row.errors) == (2, 1, 1, 1)
    assert row.interval == of_size(0.5, 2)


def test_repeating_makes_no_interval_narrower() -> None:
    """A changed session counts once, however often it is asked about."""
    given = [answer(1, "no", right=True) for _ in range(20)]

    (row,) = tallies([counted(*given)], given)

    assert (row.asked, row.right) == (20, 20)
    assert row.interval == of_size(1.0, 1)


def test_changes_that_are_told_alike_are_no_flip() -> None:
    """Two changes with one answer each are not one with two."""
    given = [answer(1, "no", right=True), answer(2, "yes")]
    (row,) = tallies([counted(*given)], given)
    assert row.flips == 0

    again = [*given, answer(2, "no", right=True)]
    (row,) = tallies([counted(*again)], again)
    assert row.flips == 1
