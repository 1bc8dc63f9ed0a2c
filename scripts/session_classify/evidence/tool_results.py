"""How each tool call ended: status fields first, then bounded patterns at the result's head.

A word inside a result proves nothing: `{"errors": []}`, `latency_ms: 1500` and a dashboard called
`abc-404` are successes. So a JSON result speaks through its status fields alone, and a text through
how it begins.
"""

import re
from dataclasses import dataclass

from session_classify.jsontext import parsed
from session_classify.masks import is_masked
from session_classify.model import JsonValue, Session, ToolCall
from session_classify.vocabulary import LEDGER_KINDS, Outcome, ToolKind

_HEAD = 300
"""Characters of a text result that may tell how the call ended."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A tool call with its result decoded once and its outcome."""

    call: ToolCall
    turn: int
    data: JsonValue
    """The result as JSON where it is an object or list, else its text; None when there is none."""
    outcome: Outcome
    why: str
    """What in the result told the outcome, in a few words."""


def read_results(session: Session) -> tuple[Reading, ...]:
    """Return one reading for every tool call of the session, in order."""
    return tuple(_read(call, turn.number) for turn in session.turns for call in turn.tool_calls)


def _read(call: ToolCall, turn: int) -> Reading:
    if is_masked(call.result):
        return Reading(call, turn, call.result, Outcome.UNKNOWN, "the result is masked")
    data = _unwrapped(parsed(call.result)) if call.result is not None else None
    outcome, why = judge_result(data, call.error)
    if outcome in (Outcome.CONFIRMED, Outcome.UNKNOWN) and call.kind in LEDGER_KINDS:
        outcome, why = _denied(data) or (outcome, why)
    if call.kind in LEDGER_KINDS and outcome is Outcome.EMPTY:
        outcome, why = Outcome.UNKNOWN, "an empty answer confirms nothing"
    if call.kind is ToolKind.READ and outcome is Outcome.UNKNOWN and data is not None:
        outcome, why = Outcome.CONFIRMED, "returned text"
    return Reading(call, turn, data, outcome, why)


def judge_result(data: JsonValue, error: str | None = None) -> tuple[Outcome, str]:
    """Return the outcome that a decoded result and the span's error speak of, and what told it."""
    if error is not None:
        text = data if isinstance(data, str) else ""
        said = f", {_short(text)}" if text.strip() else ""
        return _refine(f"{error} {text}"), f"span error {error}{said}"
    if data is None:
        return Outcome.UNKNOWN, "no answer in the trace"
    if isinstance(data, str):
        return judge_text(data)
    if isinstance(data, dict):
        return _judge_fields(data)
    if data in ([], 0):
        return Outcome.EMPTY, "an empty list"
    return Outcome.CONFIRMED, "returned data"


def _unwrapped(data: JsonValue) -> JsonValue:
    """Look inside an MCP result: its error flag stays, its only text block becomes the result."""
    if isinstance(data, dict) and isinstance(data.get("content"), list):
        texts = [b.get("text") for b in data["content"] if isinstance(b, dict)]
        if len(texts) == 1 and isinstance(texts[0], str) and set(data) <= _MCP_FIELDS:
            inner = parsed(texts[0])
            return {"isError": True, "error": inner} if data.get("isError") else inner
    return data


def _denied(data: JsonValue) -> tuple[Outcome, str] | None:
    """Return the outcome of a write whose answer says that nothing was done; None otherwise.

    A read may well report that something "was not cancelled", or count 403 of it; a write that
    answers so has failed.
    """
    if isinstance(data, str):
        head = data[:_HEAD]
        if re.fullmatch(r"\s*[45]\d\d\s*", head):
            return _judge_code(int(head), f"status {head.strip()}")
        denied, done = _NOT_DONE.search(head), _DONE.search(head)
        first = denied is not None and (done is None or denied.start() < done.start())
        return (Outcome.FAILED, _short(head)) if first else None
    if not isinstance(data, dict):
        return None
    status = data.get("status")
    if isinstance(status, str) and status.lower() in ("error", "failure"):
        return Outcome.FAILED, f"status: {status}"
    flags = [key for key, value in data.items() if value is False and _DONE.fullmatch(key)]
    return (Outcome.FAILED, f"{flags[0]}: false") if flags else None


_MCP_FIELDS = {"content", "isError", "structuredContent", "_meta"}
_CODE_FIELDS = ("status_code", "statusCode", "http_status", "httpStatus", "status", "code")
_BAD_WORDS = frozenset({"error", "failed", "failure", "denied", "forbidden", "unauthorized"})
_WHY_FIELDS = ("message", "detail", "reason", "error_message")


def _judge_fields(data: dict[str, JsonValue]) -> tuple[Outcome, str]:
    if not data:
        return Outcome.EMPTY, "an empty object"
    why = next((str(data[f]) for f in _WHY_FIELDS if isinstance(data.get(f), str)), "")
    also = f", {_short(why)}" if why else ""
    for name in _CODE_FIELDS:
        code = data.get(name)
        if name not in ("status", "code") and isinstance(code, str) and code.isdecimal():
            code = int(code[:4])
        if isinstance(code, int) and not isinstance(code, bool) and 100 <= code < 600:
            return _judge_code(code, f"{name} {code}{also}")
    if flag := _failure_flag(data, why):
        return _refine(f"{why} {flag}"), f"{flag}{also}"
    values = [value for value in data.values() if isinstance(value, list | dict)]
    if len(values) == len(data) and not any(values):
        return Outcome.EMPTY, "nothing in it"
    return Outcome.CONFIRMED, "returned the record"


def _failure_flag(data: dict[str, JsonValue], why: str) -> str:
    """Return the field that says the call failed, with its value; empty when none does.

    A record may have a status `failed` of its own (a build, a payment), so that word counts only
    beside an explanation or alone.
    """
    if data.get("isError") is True or data.get("is_error") is True:
        return f"isError: {_short(str(data.get('error') or 'true'))}"
    for name in ("success", "ok"):
        if data.get(name) is False or str(data.get(name)).lower() == "false":
            return f"{name}: false"
    for name in ("error", "errors"):
        if data.get(name):
            return f"{name}: {_short(str(data[name]))}"
    status = data.get("status")
    said = isinstance(status, str) and status.lower() in _BAD_WORDS and (why or len(data) == 1)
    return f"status: {status}" if said else ""


def _judge_code(code: int, why: str) -> tuple[Outcome, str]:
    if code < 400:
        return Outcome.CONFIRMED, why
    by_code = {401: Outcome.BLOCKED, 403: Outcome.BLOCKED, 404: Outcome.NOT_FOUND}
    if code in by_code:
        return by_code[code], why
    return (Outcome.UNCERTAIN if code >= 500 else Outcome.FAILED), why


# Each pattern must match at the head of the text, within its first words.
_HTTP = re.compile(
    r"\A\s*(?:HTTP/\d(?:\.\d)?\s+(?P<line>[1-5]\d\d)\b"
    r"|(?:http\s+)?(?:status(?:\s*code)?|error(?:\s*code)?|code)\s*[:=]?\s*\(?(?P<named>[1-5]\d\d)\b"
    r"|(?P<bare>[1-5]\d\d)\s*(?:[:{-]|(?:ok|created|accepted|no content|bad request|unauthorized"
    r"|forbidden|not (?:found|allow)|conflict|gone|too many|internal|bad gateway|service"
    r"|(?:get|put|post|patch|delete)\b)))",
    re.IGNORECASE,
)
_RETURN_CODE = re.compile(
    r"\A\s*(?:<returncode>\s*(-?\d+)\s*</returncode>"
    r"|(?:exit|return)[ _]?code\s*[:=]?\s*(-?\d+))",
    re.IGNORECASE,
)
_ERROR = re.compile(
    r"\A\W{0,3}(?:[a-z_.]*(?:error|exception)(?:\s*[:(\[]|\s*\Z|\s+(?:executing|calling|while|occurred|in|code)\b)"
    r"|(?:fatal|failed|failure|cannot|could not|unable to|access denied|permission denied|forbidden"
    r"|unauthorized|(?:(?:get|put|post|patch|delete) )?not allowlisted|not found|session not found"
    r"|invalid)\b|traceback \(most recent call last\))",
    re.IGNORECASE,
)
_DONE = re.compile(
    r"\b(?:success(?:ful(?:ly)?)?|succeeded|completed|done|ok"
    r"|(?:created|updated|deleted|cancell?ed|sent|saved|booked|modified|transferred|returned|"
    r"removed|added|scheduled|submitted))\b",
    re.IGNORECASE,
)
_NOT_DONE = re.compile(
    rf"(?:\b(?:not|cannot|unable to|never|nothing)|n['’]t)\s+(?:\w+\s+){{0,2}}{_DONE.pattern}"
    r"|\A\W*(?:0|no)\s+(?:rows?|records?|items?|documents?|changes?)\b",
    re.IGNORECASE,
)
_DELEGATED = re.compile(r"\A\s*this tool is handled by the client application", re.IGNORECASE)
_NO_DATA = re.compile(
    r"\A\s*(?:NO_DATA|no (?:data|results?|matches|rows|records)\b.*)\s*\Z", re.IGNORECASE
)
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
    head = text[:_HEAD]
    if _DELEGATED.match(head):
        return Outcome.DELEGATED, "handed to the client application"
    if _NO_DATA.match(text):
        return Outcome.EMPTY, _short(head)
    if match := _RETURN_CODE.match(head):
        code = match.group(1) or match.group(2)
        return (Outcome.CONFIRMED if code == "0" else Outcome.FAILED), f"return code {code}"
    if match := _HTTP.match(head):
        return _judge_code(int(match.group(match.lastgroup or 0)), _short(head))
    if _ERROR.match(head):
        return _refine(head), _short(head)
    if _DONE.search(head[:120]):
        return Outcome.CONFIRMED, _short(head)
    return Outcome.UNKNOWN, "a text that does not say how it ended"


def _refine(text: str) -> Outcome:
    """Tell the kinds of failure apart; what none of the words fits has simply failed."""
    head = text[:_HEAD]
    return next((kind for kind, pattern in _REFINED if pattern.search(head)), Outcome.FAILED)


def _short(text: str) -> str:
    line = " ".join(text[:200].split())
    return line if len(line) <= 100 else line[:99] + "…"
