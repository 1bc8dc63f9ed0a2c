"""How a text result tells how its call ended: by bounded patterns at its head."""

import re

from session_classify.vocabulary import Outcome

HEAD = 300
"""Characters of a text result that may tell how the call ended."""

# Each pattern must match at the head of the text, within its first words.
_HTTP = re.compile(
    r"\A\s*(?:HTTP/\d(?:\.\d)?\s+(?P<line>[1-5]\d\d)\b"
    r"|(?:http\s+)?(?:status(?:\s*code)?|error(?:\s*code)?|code)\s*+(?:[:=]\s*+)?\(?(?P<named>[1-5]\d\d)\b"
    r"|(?P<bare>[1-5]\d\d)\s*(?:[:{]|-(?!\d)|(?:ok|created|accepted|no content|bad request"
    r"|unauthorized|forbidden|not (?:found|allow)|conflict|gone|too many|internal server"
    r"|bad gateway|service unavailable"
    r"|(?:get|put|post|patch|delete)\b)))",
    re.IGNORECASE,
)
_RETURN_CODE = re.compile(
    r"\A\s*(?:<returncode>\s*(-?\d+)\s*</returncode>"
    r"|(?:exit|return)[ _]?code\s*+(?:[:=]\s*+)?(-?\d+))",
    re.IGNORECASE,
)
_ERROR = re.compile(
    r"\A\W{0,3}(?:[a-z_.]*(?:error|exception)(?:\s*[:(\[](?!\s*(?:0|none|null|nil|false)\b)|\s*\Z|\s+(?:executing|calling|while|occurred|in|code)\b)"
    r"|(?:success|ok)\W{1,4}false\b|there was an? (?:\w+ ){0,3}error\b"
    r"|an? (?:\w+ ){0,3}(?:error|exception) (?:has )?(?:occurred|was raised|happened)\b"
    r"|(?:fatal|failed(?!\s*[:=]\s*0\b)|failure|cannot|could not|unable to|access denied"
    r"|permission denied|forbidden|unauthorized|(?:(?:get|put|post|patch|delete) )?not allowlisted"
    r"|not found|session not found|invalid)\b|traceback \(most recent call last\))",
    re.IGNORECASE,
)
DONE = re.compile(
    r"\b(?:success(?:ful(?:ly)?)?|succeeded|completed|done|ok"
    r"|(?:created|updated|deleted|cancell?ed|sent|saved|booked|modified|transferred|returned|"
    r"removed|added|scheduled|submitted))\b",
    re.IGNORECASE,
)
_NOT_DONE = re.compile(
    rf"(?:\b(?:not|no|cannot|unable to|never|nothing)|n['’]t)\s+(?:\w+\s+){{0,2}}{DONE.pattern}"
    r"|\b(?:not found|does(?: not|n['’]t) exist)\b"
    r"|\A\W*(?:0|no)\s+(?:rows?|records?|items?|documents?|changes?)\b",
    re.IGNORECASE,
)
_DELEGATED = re.compile(r"\A\s*this tool is handled by the client application", re.IGNORECASE)
_NO_DATA = re.compile(r"NO_DATA|no (?:data|results?|matches|rows|records)\b.*", re.IGNORECASE)
_REFINED = (
    (
        Outcome.EXPIRED,
        re.compile(r"session not found|session (?:has )?expired|token expired", re.IGNORECASE),
    ),
    (
        Outcome.BLOCKED,
        re.compile(
            r"\b40[13]\b|not allow\s?listed|forbidden|permission|unauthori[sz]ed|access denied"
            r"|not permitted|not allowed",
            re.IGNORECASE,
        ),
    ),
    (Outcome.NOT_FOUND, re.compile(r"\b404\b|not found|does not exist|no such", re.IGNORECASE)),
    (
        Outcome.UNCERTAIN,
        re.compile(
            r"\b50[0234]\b|internal server error|timed? ?out|timeout|bad gateway", re.IGNORECASE
        ),
    ),
)


def judge_text(text: str) -> tuple[Outcome, str]:
    """Return the outcome that the head of a text speaks of, and what told it."""
    if not text.strip():
        return Outcome.EMPTY, "an empty text"
    head = text[:HEAD]
    if _DELEGATED.match(head):
        return Outcome.DELEGATED, "handed to the client application"
    if len(text) <= HEAD and _NO_DATA.fullmatch(text.strip()):
        return Outcome.EMPTY, short(head)
    if match := _RETURN_CODE.match(head):
        code = match.group(1) or match.group(2)
        return (Outcome.CONFIRMED if code == "0" else Outcome.FAILED), f"return code {code}"
    if match := _HTTP.match(head):
        return judge_code(int(match.group(match.lastgroup or 0)), short(head))
    if _ERROR.match(head):
        return refine(head), short(head)
    if DONE.search(head[:120]):
        return Outcome.CONFIRMED, short(head)
    return Outcome.UNKNOWN, "a text that does not say how it ended"


def denied_text(text: str) -> tuple[Outcome, str] | None:
    """Return the outcome of a write whose text says that nothing was done; None otherwise."""
    head = text[:HEAD]
    if re.fullmatch(r"\s*[45]\d\d\s*", head):
        return judge_code(int(head), f"status {head.strip()}")
    denied, done = _NOT_DONE.search(head), DONE.search(head)
    if denied is None or (done is not None and done.start() < denied.start()):
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
    return next((kind for kind, pattern in _REFINED if pattern.search(head)), Outcome.FAILED)


def short(text: str) -> str:
    """Return the beginning of a text on one line."""
    line = " ".join(text[:200].split())
    return line if len(line) <= 100 else line[:99] + "…"
