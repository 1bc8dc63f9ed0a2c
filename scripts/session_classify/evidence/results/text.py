"""How a text result tells how its call ended: by phrases at its head.

In goes the text, out come an outcome and the words that told it. The phrases are rows of
`phrases`; what stands behind a phrase changes nothing.
"""

import re
from collections.abc import Collection, Container

from session_classify.evidence.results.codes import CODES, EXITS
from session_classify.evidence.results.phrase import Phrase
from session_classify.evidence.results.phrases import PHRASES
from session_classify.evidence.results.words import (
    DONE,
    KINDS_OF_FAILURE,
    NOT_DONE,
    OPENED,
    STATISTIC,
)
from session_classify.lazy import lazy_pattern
from session_classify.vocabulary import Outcome

HEAD = 300
"""Characters of a text result that may tell how the call ended."""
_PAGE_HEAD = 1_500
"""Characters of an HTML or XML answer that may hold its title or fault."""
_NOTHING = lazy_pattern(
    r"NO_DATA|null|None|undefined|no (?:data|results?|matches|rows|records)\b.*", re.IGNORECASE
)
_FAULT = lazy_pattern(
    r"<(?:[\w-]{1,20}:)?(?:title|faultstring|fault|error|message|code|h1)\b[^<>]{0,80}>([^<]{1,200})",
    re.IGNORECASE,
)
_IS_FAULT = lazy_pattern(
    r"\A\s*+(?:<\?xml[^>]{0,200}>\s*+)?<(?:[\w-]{1,20}:)?(?:error|errors|fault|errorresponse)\b"
    r"|<(?:[\w-]{1,20}:)?fault\b",
    re.IGNORECASE,
)
_TITLE = lazy_pattern(
    r"\b(?:[45]\d\d\b|error|denied|forbidden|not found|unavailable|bad gateway|unauthorized)",
    re.IGNORECASE,
)


def judge_text(
    text: str, *, strict: bool = False, verbs: Collection[str] = ()
) -> tuple[Outcome, str]:
    """Return the outcome that the head of a text speaks of, and what told it.

    `strict` is for calls that change something: a read may well report that something failed.
    `verbs` are the words of the tool's name: `rejected` is what `reject_request` is for.
    """
    if not text.strip():
        return Outcome.EMPTY, "an empty text"
    head = text[:HEAD]
    if len(text) <= HEAD and _NOTHING.fullmatch(text.strip()):
        return Outcome.EMPTY, short(head)
    told = _by_code(head, strict) or _by_page(text) or _by_phrase(head, strict, verbs)
    if told is not None:
        return told
    own = OPENED.search(head[:120]) if strict else None
    if DONE.search(head[:120]) or (own and any(own.group().startswith(v[:-1]) for v in verbs)):
        return Outcome.CONFIRMED, short(head)
    return Outcome.UNKNOWN, "a text that does not say how it ended"


def _by_code(head: str, strict: bool) -> tuple[Outcome, str] | None:
    """Read an exit code or an HTTP status at the head."""
    for phrase in EXITS:
        if match := phrase.pattern.match(head):
            code = next(filter(None, match.groups()), "")
            outcome = Outcome.CONFIRMED if int(code) == 0 else Outcome.FAILED
            return outcome, f"return code {code}"
    for phrase in CODES:
        if (strict or not phrase.strict) and (match := phrase.pattern.match(head)):
            return judge_code(int(next(filter(None, match.groups()), "0")), short(head))
    return None


def _by_page(text: str) -> tuple[Outcome, str] | None:
    """Read the title of an HTML page, or the fault of an XML answer."""
    head = text[:_PAGE_HEAD]
    if head.lstrip()[:1] != "<":
        return None
    is_fault = bool(_IS_FAULT.search(head))
    said = " ".join(match.strip() for match in _FAULT.findall(head)[:3])
    if not is_fault and not (head.lstrip()[:14].lower().startswith(("<!doctype html", "<html"))
                             and _TITLE.search(said)):  # fmt: skip
        return None
    return refine(said), short(said or head)


def _by_phrase(head: str, strict: bool, verbs: Container[str]) -> tuple[Outcome, str] | None:
    is_statistic = bool(STATISTIC.match(head))
    begins_well = bool(DONE.match(head.lstrip("*_`\"' \n")))
    for phrase in PHRASES:
        if phrase.strict and (
            not strict or (begins_well and phrase.outcome is not Outcome.REJECTED)
        ):
            continue
        if phrase.counts and is_statistic:
            continue
        if any(verb in verbs for verb in phrase.unless):
            continue
        if match := phrase.pattern.match(head):
            return _outcome_of(phrase, match, head), short(head)
    return None


def _outcome_of(phrase: Phrase, match: re.Match[str], head: str) -> Outcome:
    return phrase.outcome or refine(head[match.start() :])


def denied_text(text: str) -> tuple[Outcome, str] | None:
    """Return the outcome of a write whose text says that nothing was done; None otherwise."""
    head = text[:HEAD]
    denied = NOT_DONE.search(head)
    made = [match.start() for pattern in (DONE, OPENED) if (match := pattern.search(head))]
    if denied is None or (made and min(made) < denied.start()):
        return None
    return refine(denied.group()), short(head)


def judge_code(code: int, why: str) -> tuple[Outcome, str]:
    """Return the outcome that an HTTP status speaks of; a 5xx write may have landed."""
    if code < 400:
        return Outcome.CONFIRMED, why
    by_code = {401: Outcome.BLOCKED, 403: Outcome.BLOCKED, 404: Outcome.NOT_FOUND}
    if code in by_code:
        return by_code[code], why
    return (Outcome.UNCERTAIN if code >= 500 else Outcome.FAILED), why


def refine(text: str) -> Outcome:
    """Tell the kinds of failure apart; what none of the words fits has simply failed."""
    head = text[:HEAD]
    return next(
        (kind for kind, pattern in KINDS_OF_FAILURE if pattern.search(head)), Outcome.FAILED
    )


def short(text: str) -> str:
    """Return the beginning of a text on one line."""
    line = " ".join(text[:200].split())
    return line if len(line) <= 100 else line[:99] + "…"
