"""Claims: each effect that an answer states, what backs it, and a finding where nothing does."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import TypeVar

from session_classify.evidence.conversation.claims.backing import Around, History, back, named_by
from session_classify.evidence.conversation.claims.claim import Backing, Claim, Verdict
from session_classify.evidence.conversation.claims.effects import Words, effect_words
from session_classify.evidence.conversation.claims.line import tokens_of
from session_classify.evidence.conversation.claims.sentences import Sentence, sentences
from session_classify.evidence.conversation.claims.stated import Stated, stated_effects
from session_classify.evidence.conversation.ledger import Write
from session_classify.evidence.conversation.tool_results import ToolResult
from session_classify.model import Finding, Session, Turn
from session_classify.profiles.profile import Profile
from session_classify.vocabulary import LEDGER_KINDS, Direction, Outcome, Tier, ToolKind

_MOST = 50
_MOST_CLAIMS = 500
"""Claims of one session: what a person would not read need not be held against anything."""
_MOST_A_TURN = 5
"""Findings of one turn: who reads so many sentences reads the answer."""
_AGREEING = frozenset(
    """yes yeah yep sure ok okay please proceed go confirm confirmed correct agreed fine do let's
    absolutely definitely""".split()
)
_RECALLING = frozenset("already earlier previously recap summary summarize before also".split())


def claims_of(
    session: Session,
    readings: Sequence[ToolResult],
    writes: Sequence[Write],
    profile: Profile | None = None,
) -> tuple[Claim, ...]:
    """Return every sentence that states an effect, with what of the session backs it.

    The texts between the calls of a turn count as told. A call of unknown kind that did not fail
    may be the effect, so what its turn states cannot be told, nor what a later turn repeats of it.
    """
    words = effect_words(profile)
    history = History(words)
    read, written = _by_turn(readings), _by_turn(writes)
    found: list[Claim] = []
    open_verbs: set[str] = set()
    for turn in session.turns:
        own = read[turn.number]
        for reading in own:
            history.schema.add(reading)
            made = reading.call.kind in LEDGER_KINDS and reading.outcome is Outcome.CONFIRMED
            if reading.call.kind is ToolKind.READ or made:
                history.records.add(reading)
        history.writes.extend(written[turn.number])
        unsure = any(map(_may_be_the_effect, own))
        fresh = _is_asked_for(turn) and not written[turn.number]
        for claim in _of_turn(turn, words, history, fresh=fresh):
            opened = unsure or claim.verb in open_verbs
            shown = not opened or claim.backing not in _RULES
            if not shown:
                open_verbs.add(claim.verb)
            found.append(claim if shown else replace(claim, backing=Backing.OPEN, by=()))
            if len(found) >= _MOST_CLAIMS:
                return tuple(found)
    return tuple(found)


def claim_findings(session: Session, claims: Iterable[Claim]) -> list[Finding]:
    """Return a finding for each stated effect that is backed by half or by nothing."""
    ends = {turn.number: turn.end for turn in session.turns}
    found: list[Finding] = []
    per_turn: dict[int, int] = defaultdict(int)
    for claim in claims:
        if claim.backing not in _RULES or len(found) >= _MOST:
            continue
        per_turn[claim.turn] += 1
        if per_turn[claim.turn] > _MOST_A_TURN:
            continue
        found.append(
            Finding(
                id=f"claim{len(found) + 1}",
                rule=_RULES[claim.backing],
                tier=Tier.FACT,
                direction=Direction.NEGATIVE,
                summary=_summary(claim),
                turn=claim.turn,
                instant=ends[claim.turn],
                quote=claim.sentence,
                needs_reading=True,
            )
        )
    return found


_RULES = {Backing.NOTHING: "claim-without-write", Backing.HALF: "claim-half-backed"}


def _summary(claim: Claim) -> str:
    if claim.backing is Backing.NOTHING:
        return "the answer states an effect that no confirmed write shows"
    shown = ", ".join(claim.by)
    if claim.told:
        return f"the answer states an effect on {claim.told}, and {shown} shows it on {claim.made}"
    return f"the answer states several effects, and {shown} shows only a part of them"


_Entry = TypeVar("_Entry", ToolResult, Write)


def _by_turn(entries: Iterable[_Entry]) -> dict[int, list[_Entry]]:
    found: dict[int, list[_Entry]] = defaultdict(list)
    for entry in entries:
        found[entry.turn].append(entry)
    return found


def _may_be_the_effect(reading: ToolResult) -> bool:
    """Tell whether a call of unknown kind ended well enough to be what the answer speaks of."""
    well = reading.outcome in (Outcome.CONFIRMED, Outcome.UNKNOWN)
    return reading.call.kind is ToolKind.UNKNOWN and well


def _is_asked_for(turn: Turn) -> bool:
    """Tell whether the user has just said that something shall be done, and asks nothing."""
    text = turn.user_text or ""
    first = [token.word for token in tokens_of(text[:200])[:6]]
    return bool(_AGREEING.intersection(first)) and "?" not in text


def _of_turn(turn: Turn, words: Words, history: History, *, fresh: bool) -> Iterator[Claim]:
    """Yield the claims of a turn's texts, each statement once."""
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for text in told_texts(turn):
        parts = sentences(text)
        for place, stated in stated_in(parts, words):
            sentence = parts[place]
            items = islice((part.plain for part in parts[place:] if part.lead == place), _MOST)
            around = Around(tuple(items), _line_before(parts, place))
            claim = _held(turn.number, sentence, stated, around, history, fresh)
            key = (claim.verb, claim.by or claim.missing)
            if claim.backing is Backing.WHOLE or key not in seen:
                seen.add(key)
                yield claim


def _line_before(parts: Sequence[Sentence], place: int) -> str:
    """Return the sentences before one on its line."""
    begin = place
    while begin and not parts[begin - 1].last:
        begin -= 1
    return " ".join(part.plain for part in parts[begin:place])


def told_texts(turn: Turn) -> tuple[str, ...]:
    """Return what the assistant said in a turn: between its calls, and at the end."""
    final = turn.final_text or ""
    between = [step.text for step in turn.iterations if step.text and step.text != final]
    return (*between, final)


def stated_in(parts: Sequence[Sentence], words: Words) -> Iterator[tuple[int, list[Stated]]]:
    """Yield the position of each sentence that states effects, with them."""
    first = -1
    for place, sentence in enumerate(parts):
        stated = stated_effects(sentence, words, under_claim=sentence.lead >= first >= 0)
        if stated:
            first = place if first < 0 else first
            yield place, stated


def _held(
    turn: int,
    sentence: Sentence,
    stated: Sequence[Stated],
    around: Around,
    history: History,
    fresh: bool,
) -> Claim:
    """Hold the effects that one sentence states against the session, and join what they give."""
    text = sentence.plain
    fresh = fresh and not any(token.word in _RECALLING for token in tokens_of(text))
    found = [
        back(one, named_by(text, one, around, history), turn, history, fresh) for one in stated
    ]
    joined = _joined(found)
    verb = next(
        (one.verb for one, v in zip(stated, found, strict=True) if v.backing is joined.backing),
        stated[0].verb,
    )
    return Claim(
        turn,
        sentence.text,
        verb,
        joined.backing,
        joined.by,
        joined.missing,
        joined.told,
        joined.made,
    )


def _joined(found: Sequence[Verdict]) -> Verdict:
    """Return what several effects of one sentence give together."""
    backings = {verdict.backing for verdict in found}
    by = tuple(dict.fromkeys(name for verdict in found for name in verdict.by))
    missing = tuple(dict.fromkeys(name for verdict in found for name in verdict.missing))
    if len(backings) == 1 and Backing.HALF not in backings:
        return Verdict(found[0].backing, by, missing)
    if Backing.OPEN in backings:
        return Verdict(Backing.OPEN, by)
    half = next((v for v in found if v.backing is Backing.HALF), Verdict(Backing.HALF))
    return Verdict(Backing.HALF, by, missing, half.told, half.made)
