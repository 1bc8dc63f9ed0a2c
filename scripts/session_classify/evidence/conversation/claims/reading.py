"""What the assistant said: its texts by sentence, with what backs each that states an effect."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from msgspec.structs import replace

from session_classify.evidence.conversation.claims import grammar
from session_classify.evidence.conversation.claims.backing import Around, History, back, named_by
from session_classify.evidence.conversation.claims.claim import Backing, Claim, ToldText, Verdict
from session_classify.evidence.conversation.claims.effects import Words, effect_words
from session_classify.evidence.conversation.claims.line import tokens_of
from session_classify.evidence.conversation.claims.sentences import Sentence, sentences
from session_classify.evidence.conversation.claims.stated import Stated, stated_effects
from session_classify.evidence.conversation.ledger import Write
from session_classify.evidence.conversation.tool_results import ToolResult
from session_classify.model import Session, Turn
from session_classify.profiles.profile import Profile
from session_classify.vocabulary import LEDGER_KINDS, Outcome, ToolKind

_DOUBTED = frozenset((Backing.NOTHING, Backing.HALF))
_MOST = 50
_MOST_CLAIMS = 500
"""Claims of one session: what a person would not read need not be held against anything."""
_NEAR = 4
"""Sentences before one on its line that may name what it is about."""
_RECALLING = frozenset("already earlier previously recap summary summarize before also".split())


def texts_of(
    session: Session,
    readings: Sequence[ToolResult],
    writes: Sequence[Write],
    profile: Profile | None = None,
) -> tuple[ToldText, ...]:
    """Return what the assistant said, with what backs each sentence that states an effect.

    The texts between the calls of a turn count as told. A call of unknown kind that did not fail
    may be the effect, so what its turn states cannot be told, nor what a later turn repeats of it.
    """
    words = effect_words(profile)
    history = History(words)
    read, written = _by_turn(readings), _by_turn(writes)
    found: list[ToldText] = []
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
        for text in _of_turn(turn, words, history, fresh=fresh):
            for place, claim in text.claims.items():
                if claim.backing in _DOUBTED and (unsure or claim.verb in open_verbs):
                    open_verbs.add(claim.verb)
                    text.claims[place] = replace(claim, backing=Backing.OPEN, by=())
            found.append(text)
            if sum(len(text.claims) for text in found) >= _MOST_CLAIMS:
                return tuple(found)
    return tuple(found)


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
    return bool(grammar.AGREEING.intersection(first)) and "?" not in text


def _of_turn(turn: Turn, words: Words, history: History, *, fresh: bool) -> Iterator[ToldText]:
    """Yield the texts of a turn, each with its claims by the position of their sentence."""
    for text in told_texts(turn):
        parts = sentences(text)
        claims: dict[int, Claim] = {}
        for place, stated in stated_in(parts, words):
            items = islice((part.plain for part in parts[place:] if part.lead == place), _MOST)
            around = Around(tuple(items), _line_before(parts, place))
            claims[place] = _held(turn.number, parts[place], stated, around, history, fresh)
            if len(claims) >= _MOST_CLAIMS:
                break
        yield ToldText(turn.number, parts, claims)


def _line_before(parts: Sequence[Sentence], place: int) -> str:
    """Return the sentences before one on its line."""
    begin = place
    while begin > max(place - _NEAR, 0) and not parts[begin - 1].last:
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
