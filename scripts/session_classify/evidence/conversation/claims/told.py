"""Told against stored: values that an answer tells beside a write, and what the write holds.

Each write is held against what the answer says of it and nothing else. A value is a mismatch only
where the write holds another one of the same field; what it does not hold proves nothing.
Source: `references/sources/rules.md#told-against-stored`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from session_classify.evidence.conversation.claims import grammar
from session_classify.evidence.conversation.claims.backing import is_made
from session_classify.evidence.conversation.claims.checks import CHECKS, Part, Seen, plain
from session_classify.evidence.conversation.claims.checks_of_texts import CHECKS_OF_TEXTS
from session_classify.evidence.conversation.claims.claim import ToldText, ToldValue
from session_classify.evidence.conversation.claims.line import words_of
from session_classify.evidence.conversation.claims.objects import (
    form_of,
    id_fields,
    ids_of,
    keys_in,
)
from session_classify.evidence.conversation.claims.places import check_place
from session_classify.evidence.conversation.claims.sentences import Sentence
from session_classify.evidence.conversation.claims.stored import Stored, leaves_of
from session_classify.evidence.conversation.ledger import Write
from session_classify.evidence.conversation.tool_results import ToolResult
from session_classify.model import Finding, Session
from session_classify.vocabulary import Direction, Tier

_UNTOLD = frozenset(
    """would could should please confirm proceed instead alternatively unchanged remains remain
    if before previously once""".split()
)
# A sentence with a colon that goes on about what was done, and not about something else.
_MORE_OF_IT = frozenset(
    """details detail summary changes information following here updated recap happens breakdown
    result confirmation""".split()
)
_MOST = 500


def told_values(
    texts: Sequence[ToldText], writes: Sequence[Write], seen: Seen
) -> tuple[ToldValue, ...]:
    """Return the values that the answers tell beside writes, each with what the write holds."""
    stored = {w.id: Stored(w) for w in writes if is_made(w)}
    found: dict[tuple[str, str, str], ToldValue] = {}
    for text in texts:
        for part in _parts(text, stored):
            checks = (*CHECKS, *CHECKS_OF_TEXTS) if part.is_told else ()
            for check in (*checks, check_place):
                for value in check(part, seen):
                    found.setdefault((value.write, value.field, plain(value.said)), value)
            if len(found) >= _MOST:
                break
    return tuple(found.values())


def told_findings(session: Session, values: Iterable[ToldValue]) -> list[Finding]:
    """Return a finding for each sentence that tells a value which its write holds otherwise."""
    ends = {turn.number: turn.end for turn in session.turns}
    by_sentence: dict[tuple[int, str], list[ToldValue]] = defaultdict(list)
    for value in values:
        if not value.matches:
            by_sentence[value.turn, value.sentence].append(value)
    return [
        Finding(
            id="told",
            rule="told-otherwise",
            tier=Tier.FACT,
            direction=Direction.NEGATIVE,
            summary=_summary(wrong),
            turn=turn,
            instant=ends[turn],
            quote=sentence,
            needs_reading=True,
        )
        for (turn, sentence), wrong in by_sentence.items()
    ][:_MOST_FINDINGS]


def _summary(wrong: Sequence[ToldValue]) -> str:
    """Return what is wrong in the digest's own words: fields and writes, no values."""
    writes = ", ".join(dict.fromkeys(value.write for value in wrong))
    if all(value.agreed for value in wrong):
        return f"{writes} was made with another value than the user agreed to"
    return f"the answer tells another value than {writes} holds"


_MOST_FINDINGS = 20
_MOST_ITEMS = 8


def _parts(text: ToldText, stored: dict[str, Stored]) -> Iterator[Part]:
    """Yield the sentences of a text that speak of confirmed writes, with them.

    A sentence that states an effect speaks of what backs it; so does the list that it leads, and
    what follows until something else begins.
    """
    current: tuple[Stored, ...] = ()
    item: tuple[Stored, ...] = ()
    lead = -1
    for place, sentence in enumerate(text.parts):
        claim, words = text.claims.get(place), words_of(sentence.plain)
        stated = claim is not None
        if sentence.lead != lead:
            lead, item = sentence.lead, ()
        if claim is not None:
            current = tuple(stored[name] for name in claim.by if name in stored)
            scope = current
        elif lead >= 0 and lead in text.claims:
            scope = tuple(stored[n] for n in text.claims[lead].by if n in stored)
            stated = True
        else:
            if _turns_away(sentence, words) or _is_of_another(text, place, current):
                current = ()
            scope = current
            stated = lead >= 0
        named = _named(scope, sentence.plain)
        if sentence.item and named:
            item = named
        scope = named or tuple(one for one in item if one in scope) or scope
        is_told = bool(scope) and (claim is not None or not _UNTOLD.intersection(words))
        scope = scope or _last(text.turn, stored)
        if scope and words[-1:] != ["?"]:
            part = Part(text.turn, sentence.text, sentence.plain, scope)
            part.is_stated, part.is_claim = stated, claim is not None
            part.is_told = is_told
            yield part
    yield from _lists(text, stored)


def _is_of_another(text: ToldText, place: int, scope: Sequence[Stored]) -> bool:
    """Tell whether the list below a sentence names another thing of the kind that was written."""
    forms = {form_of(key) for one in scope for _, key in id_fields(one.write.call.arguments)}
    held = {key for one in scope for key in one.every_key}
    below = (part for part in text.parts[place + 1 : place + 1 + _MOST_ITEMS] if part.lead == place)
    named = {key for part in below for key in ids_of(part.plain)}
    return any(
        key not in held and (form_of(key) in forms or len(key) in {len(f) for f in forms})
        for key in named
    )


def _last(turn: int, stored: dict[str, Stored]) -> tuple[Stored, ...]:
    """Return the last write up to a turn: what a promise without a statement is about."""
    return tuple(one for one in stored.values() if one.write.turn <= turn)[-1:]


def _lists(text: ToldText, stored: dict[str, Stored]) -> Iterator[Part]:
    """Yield each list below a statement as one part: an address may stand on several lines."""
    items: dict[int, list[Sentence]] = defaultdict(list)
    for sentence in text.parts:
        if sentence.lead >= 0 and len(items[sentence.lead]) < _MOST_ITEMS:
            items[sentence.lead].append(sentence)
    for lead, below in items.items():
        before = [place for place in text.claims if place <= lead]
        claim = text.claims[before[-1]] if before else None
        scope = tuple(stored[n] for n in claim.by if n in stored) if claim else ()
        leads_away = lead not in text.claims and _turns_away(
            text.parts[lead], words_of(text.parts[lead].plain)
        )
        if len(below) > 1 and scope and not leads_away:
            joined = ", ".join(sentence.plain for sentence in below)
            yield Part(text.turn, below[0].text, joined, scope)


def _turns_away(sentence: Sentence, words: list[str]) -> bool:
    """Tell whether a sentence with a colon begins something else than what was done."""
    leads = sentence.plain.endswith(":") and not sentence.item
    other = grammar.MODALS.intersection(words) or not _MORE_OF_IT.intersection(words)
    return words[-1:] == ["?"] or (leads and bool(other))


def _named(scope: Sequence[Stored], text: str) -> tuple[Stored, ...]:
    """Return the writes of which a sentence names an id that not all have."""
    if len(scope) < 2:
        return ()
    keys = keys_in(text)
    ids = {one.write.id: {key for _, key in id_fields(one.write.call.arguments)} for one in scope}
    common = set.intersection(*ids.values())
    return tuple(one for one in scope if keys & (ids[one.write.id] - common))


def domains_of(readings: Iterable[ToolResult]) -> dict[str, set[str]]:
    """Return by field the short texts that arguments and results have for it."""
    found: dict[str, set[str]] = defaultdict(set)
    for reading in readings:
        for data in (reading.call.arguments, reading.data):
            for leaf in leaves_of(data):
                value = leaf.value
                if isinstance(value, str) and 1 < len(value) <= 40 and len(found) < 2_000:
                    found[leaf.name].add(plain(value))
    return found
