"""How a session ends: with a go-ahead that nothing follows, a goodbye, or an open request.

Source: `references/sources/rules.md#endings`.
"""

from session_classify.evidence.conversation.claims import grammar
from session_classify.evidence.conversation.claims.line import words_of
from session_classify.evidence.conversation.claims.sentences import sentences
from session_classify.evidence.conversation.gaps import rests_on_missing
from session_classify.lazy import lazy_pattern
from session_classify.model import Finding, Session, Turn
from session_classify.vocabulary import Direction, Tier, ToolKind

_LONGEST = 2_000
_FIRST_WORDS = 6

_PROPOSAL = lazy_pattern(
    r"\b(?:would you like|do you want|want me to|shall i|shall we|should i|may i|can i"
    r"|proceed|confirm|go ahead|is (?:this|that|it|everything) (?:correct|ok|okay|acceptable)"
    r"|i'll|i’ll|i will|ready to|type yes|reply yes|\(yes/no\)|approve)\b"
)
_NO_PROPOSAL = lazy_pattern(
    r"\b(?:anything else|something else|any other|further (?:assistance|help|questions)"
    r"|(?:other|more|any|additional) (?:questions|assistance|help)|reach out|feel free)\b"
)
_DIRECTING = lazy_pattern(
    r"\b(?:go ahead|proceed|continue with|do it|do that|do so|make it so|let's do|let’s do"
    r"|carry on|approved?|(?:i|we) (?:confirm|agree|approve|accept|authori[sz]e)"
    r"|(?:can|could|would|will) you (?:please )?(?:proceed|go ahead)"
    r"|please (?!let me know\b|tell\b|explain\b|show\b|check\b|double\b|see\b|find\b|take care\b"
    r"|have a\b)"
    r"[a-z]{2,20})\b"
)
_CLOSING = lazy_pattern(
    r"\b(?:bye|goodbye|thanks?|thx|thank you|cheers|ty|appreciate[ds]?|that(?:'s|’s| is| was|'ll be"
    r"|’ll be| will be) (?:all|it|everything)|all (?:set|good|done)|nothing else|no more"
    r"|have a (?:nice|good|great)|take care|see you|talk (?:soon|later)|perfect|great|awesome"
    r"|wonderful|excellent|nice|cool|you too|never ?mind|good (?:night|day|evening))\b"
)
_ASKING_THE_OTHER = lazy_pattern(r"\b(?:can|could|would|will) you\b")
_OWN_STEP = lazy_pattern(r"(?:let me|i'll|i’ll|i will|i'm going|i’m going)\b")
_WANTING = lazy_pattern(
    r"\?|\b(?:i need|i want|i'd like|i’d like|i would like|(?:can|could|would|will) you|please)\b"
)
_TAKEN_BACK = lazy_pattern(
    r"\b(?:no|not|don't|don’t|never ?mind|wait|stop|hold (?:on|off)|instead|later|cancel that"
    r"|rather not|leave it|forget it|changed my mind)\b"
)
_ALL = lazy_pattern(
    r"\bthat(?:'s|’s| is| was|'ll be|’ll be| will be) (?:all|it|everything)\b|\b(?:good)?bye\b"
)


def ending_findings(session: Session) -> list[Finding]:
    """Return a finding where the user's last word wants something, and nothing follows.

    Nothing is: no answer, and no call but reads. A go-ahead that nothing follows is a fact; whether
    another request was answered elsewhere is not known. Where content of that turn is missing, or
    the session has one turn only, nothing is found: the recording may have broken off.
    """
    if len(session.turns) < 2:
        return []
    before, last = session.turns[-2:]
    text = last.user_text or ""
    if not is_open(last) or rests_on_missing(last):
        return []
    ahead = _is_go_ahead(text, before)
    if not ahead and (is_goodbye(text) or not _WANTING.search(_spaced(text))):
        return []
    rule, what = ("go-ahead-without-act", "told the assistant to go ahead")
    if not ahead:
        rule, what = ("request-without-answer", "asked for something")
    return [
        Finding(
            id="end1",
            rule=rule,
            tier=Tier.FACT,
            direction=Direction.NEGATIVE if ahead else Direction.NEUTRAL,
            summary=f"the user {what}, and nothing follows: no answer and no call with an effect",
            turn=last.number,
            instant=last.start,
            quote=text[:200],
        )
    ]


def is_open(turn: Turn) -> bool:
    """Tell whether nothing follows the user's text of a turn: no answer and no effect."""
    acted = any(call.kind is not ToolKind.READ for call in turn.tool_calls)
    ended_badly = turn.status == "error" or turn.error
    return bool(turn.user_text) and not (turn.final_text or acted or ended_badly or turn.masked)


def is_goodbye(text: str) -> bool:
    """Tell whether a user's text closes the conversation and wants nothing."""
    low = _spaced(text)
    if "?" in low or _directs(text):
        return False
    return bool(_CLOSING.search(low)) or len(words_of(low)) <= 2


def _is_go_ahead(said: str, before: Turn) -> bool:
    """Tell whether a user's text says yes to an act that was proposed, or orders one."""
    text = _spaced(said)
    if _TAKEN_BACK.match(text) or _OWN_STEP.match(text):
        return False
    if _directs(said):
        return True
    first = next((sentence.plain for sentence in sentences(said[:_LONGEST])), "")
    agrees = "?" not in first and grammar.AGREEING.intersection(words_of(first)[:_FIRST_WORDS])
    return bool(agrees) and not _ALL.search(text) and _proposes(before.final_text or "")


def _directs(text: str) -> bool:
    """Tell whether a text orders an act; "can we proceed?" is a question, no order."""
    return any(
        _DIRECTING.search(low) and ("?" not in low or _ASKING_THE_OTHER.search(low))
        for sentence in sentences(text[:_LONGEST])
        if (low := sentence.plain.lower())
    )


def _proposes(answer: str) -> bool:
    """Tell whether an answer offers an act, asks to confirm it, or announces it."""
    for sentence in sentences(answer):
        low = sentence.plain.lower()
        if _PROPOSAL.search(low) and not _NO_PROPOSAL.search(low):
            return True
    return False


def _spaced(text: str) -> str:
    return " ".join(text[:_LONGEST].lower().split())
