"""Which later write made a failed one good: one test for ledger, check and rules.

Source: `references/sources/rules.md#made-good`.
"""

from collections.abc import Sequence

from session_classify.evidence.conversation.ledger import Write
from session_classify.evidence.conversation.records import record_id
from session_classify.evidence.conversation.shown import shown_before
from session_classify.evidence.results.wrappers import plain
from session_classify.lazy import lazy_pattern
from session_classify.model import JsonValue, Session
from session_classify.vocabulary import Outcome

_NOT_THERE = lazy_pattern(
    r"not (?:be )?found|no such|not exist|nonexistent|unknown|invalid|no \w{1,30} (?:with|matches)"
    r"|not recogni[sz]ed|malformed|could not find|cannot find|can't find",
)
_PAYING = ("payment", "card", "method", "source")
_STATES = frozenset(("status", "state", "phase", "stage"))
_MOST_TEXT = 2_000


def made_good(failed: Write, writes: Sequence[Write], session: Session) -> tuple[Write, ...]:
    """Return the confirmed writes after a failed one that did what it was to do.

    They are of the same tool and on the same target, or on the corrected one: the failed call named
    something by an id that was not there, that is much like the later one, and that nothing in the
    session had shown before.
    """
    after = writes[writes.index(failed) + 1 :]
    return tuple(
        later
        for later in after
        if later.outcome is Outcome.CONFIRMED
        and plain(later.call.name) == plain(failed.call.name)
        and _is_for_the_same(failed, later, session)
    )


def cause_of(failed: Write, writes: Sequence[Write]) -> tuple[Write, str] | None:
    """Return the earlier write that changed the state of a failed write's target, and the change.

    An order that was exchanged cannot be changed any more: the failure follows from that write.
    """
    arguments = failed.call.arguments
    named = set(map(str, _target(arguments).values())) if isinstance(arguments, dict) else set()
    for write in reversed(writes[: writes.index(failed)]):
        earlier = write.call.arguments
        known = _target(earlier).values() if isinstance(earlier, dict) else ()
        if write.outcome is not Outcome.CONFIRMED or named.isdisjoint(map(str, known)):
            continue
        for change in write.changes:
            if change.path.rpartition(".")[2].lower() in _STATES:
                return write, change.path
    return None


def _is_for_the_same(failed: Write, later: Write, session: Session) -> bool:
    first, second = failed.call.arguments, later.call.arguments
    if not isinstance(first, dict) or not isinstance(second, dict):
        return bool(first == second)
    target = _target(first)
    if not target:
        return _is_corrected_text(failed, first, second)
    differ = [key for key, value in target.items() if second.get(key) != value]
    return all(
        plain(key).startswith(_PAYING)
        or _is_mistyped(failed, target[key], second.get(key), session)
        for key in differ
    )


def _target(arguments: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the arguments that name records."""
    return {k: v for k, v in arguments.items() if record_id({k: v})}


def _is_corrected_text(
    failed: Write, first: dict[str, JsonValue], second: dict[str, JsonValue]
) -> bool:
    """Tell whether a call that names no record is the same, but for what its failure names."""
    differ = [key for key in {**first, **second} if first.get(key) != second.get(key)]
    if not differ:
        return True
    told = _told(failed)
    named = all(
        key.lower() in told or str(first[key]).lower() in told for key in differ if key in first
    )
    return named and 2 * len(differ) <= len({**first, **second})


def _is_mistyped(failed: Write, wrong: JsonValue, right: JsonValue, session: Session) -> bool:
    """Tell whether a value that was not there is a mistyped form of another one."""
    if not isinstance(wrong, str | int) or not isinstance(right, str | int):
        return False
    absent = failed.outcome is Outcome.NOT_FOUND or _NOT_THERE.search(_told(failed)) is not None
    return (
        absent and is_alike(str(wrong), str(right)) and not _was_shown(str(wrong), failed, session)
    )


def _told(failed: Write) -> str:
    """Return how a call ended as its result tells it, in lower case."""
    return f"{failed.why} {failed.call.error or ''} {failed.call.result or ''}"[:_MOST_TEXT].lower()


def is_alike(wrong: str, right: str, most: int | None = None) -> bool:
    """Tell whether two ids differ in one place only, by at most `most` characters.

    Without `most` it is a third of the shorter one.
    """
    one, two = wrong.lower().lstrip("#"), right.lower().lstrip("#")
    if one == two:
        return True
    shorter = min(len(one), len(two))
    begin = next((i for i in range(shorter) if one[i] != two[i]), shorter)
    end = next((i for i in range(shorter - begin) if one[-1 - i] != two[-1 - i]), shorter - begin)
    return max(len(one), len(two)) - begin - end <= (most or max(2, shorter // 3))


def _was_shown(value: str, failed: Write, session: Session) -> bool:
    """Tell whether a user text, rule or result before a call has a value of it."""
    shown = shown_before(session, failed.turn, failed.call.id)
    return shown.shows(value.lower().lstrip("#"))
