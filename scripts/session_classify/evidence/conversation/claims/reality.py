"""Whether a participle is a statement, and not conditional, negated, asked or reported."""

from itertools import pairwise

from session_classify.evidence.conversation.claims import grammar
from session_classify.evidence.conversation.claims.line import FIRM_BREAKS, Line


def is_real(line: Line, at: int, *, own: bool) -> bool:
    """Tell whether the words around a participle leave it a statement of the assistant's.

    `own` tells that the assistant says that it did it itself.
    """
    low = line.low
    if low[-1] == "?" and (low[0] in grammar.ASKING or "," not in low[at:]):
        return False
    if low[at] == "turned" and not grammar.SWITCHED.intersection(low[at + 1 : at + 7]):
        return False
    if not own and low[0] in grammar.CONDITIONS:
        return False
    start = line.start(at)
    before = low[start:at]
    if before[:1] in (["which"], ["who"]) and line.word(start - 1) == ",":
        before = before[1:]  # "…, which has already been cancelled" is a statement
    if grammar.NEGATIONS.intersection(before):
        return False
    if grammar.CONDITIONS.intersection(low[line.start(at, FIRM_BREAKS) : at]):
        return own and not grammar.CONDITIONS.intersection(before)
    if grammar.SUBORDINATE.intersection(before) or _is_modal(before):
        return False
    if _is_reported(line, start, at) or grammar.PLANS.intersection(low[:at]):
        return False
    return not (_is_of_the_answer(line, at) if own else _is_observed(line, at, start))


def _is_modal(before: list[str]) -> bool:
    """Tell whether a modal verb governs what follows, with no subject of its own between."""
    places = [i for i, word in enumerate(before) if word in grammar.MODALS - {"to"}]
    if not places:
        return False
    between = before[places[-1] + 1 :]
    return not ("and" in between and grammar.NEW_SUBJECTS.intersection(between))


def _is_reported(line: Line, start: int, at: int) -> bool:
    """Tell whether "that" hands the statement to a record, to the user or to a description."""
    before = line.low[start:at]
    thats = [i for i, word in enumerate(before) if word == "that"]
    if thats and thats[-1] + 1 < len(before):
        ahead = line.low[max(start + thats[-1] - 5, 0) : start + thats[-1]]
        relative = before[thats[-1] + 1] in grammar.PERFECT | grammar.BE
        if relative or not grammar.ASSERTING.intersection(ahead):
            return True
    if grammar.THANKS.intersection(before):
        return True
    told = grammar.TELLING.intersection(before[:-1])
    return bool(told) and not grammar.ASSERTING.intersection(before)


def _is_of_the_answer(line: Line, at: int) -> bool:
    """Tell whether it speaks of the answer's own content: "I have added a chart below"."""
    behind = line.low[at + 1 :]
    if line.low[at] == "opened" and behind[:1] not in (["a"], ["an"]):
        return True  # to look at
    content = grammar.CONTENT.intersection(behind)
    return bool(
        grammar.HERE.intersection(behind)
        or "my" in behind[:3]
        or any(a == "my" and b in grammar.CONTENT for a, b in pairwise(behind))
        or (content and ("this" in behind or behind[-1] == ":"))
    )


def _is_observed(line: Line, at: int, start: int) -> bool:
    """Tell whether it tells what others did, or when something happened of itself."""
    first, second = line.word(at + 1), line.word(at + 2)
    if first == "by" and second and second not in grammar.US:
        return True
    if grammar.OURS.intersection(line.low[start : at + 3]):
        return False
    timed = first in ("at", "on", "in") and second[:1].isdigit()
    dated = first in ("on", "in") and second[:3] in grammar.MONTHS
    observed = line.low[at] in grammar.OBSERVED or first in ("since", "yesterday")
    return timed or dated or observed or "according" in line.low
