"""How each tool call ended: status fields first, then bounded patterns at the result's head.

A word inside a result proves nothing: `{"errors": []}`, `latency_ms: 1500` and a dashboard called
`abc-404` are successes. So a JSON result speaks through its status fields alone, and a text through
how it begins.
"""

from dataclasses import dataclass
from typing import TypeGuard

from session_classify.evidence.conversation.approval_joins import with_approvals, without_pause
from session_classify.evidence.conversation.approvals import Approval
from session_classify.evidence.conversation.result_text import (
    DONE,
    denied_text,
    judge_code,
    judge_text,
    refine,
    short,
)
from session_classify.jsontext import parsed
from session_classify.masks import Missing, placeholder
from session_classify.model import JsonValue, Session, ToolCall
from session_classify.vocabulary import (
    BAD_OUTCOMES,
    FAILED_OUTCOMES,
    LEDGER_KINDS,
    Outcome,
    ToolKind,
)


@dataclass(frozen=True, slots=True)
class ToolResult:
    """A tool call with its result decoded once and its outcome."""

    call: ToolCall
    turn: int
    data: JsonValue
    """The result as JSON where it is an object or list, else its text; None when there is none."""
    outcome: Outcome
    why: str
    """What in the result told the outcome, in a few words."""
    approval: Approval | None = None
    """What a person decided about the call; None where nobody is known to have been asked."""


def read_results(session: Session) -> tuple[ToolResult, ...]:
    """Return one reading for every tool call of the session, in order."""
    readings = [
        _read(without_pause(call), turn.number)
        for turn in session.turns
        for call in turn.tool_calls
    ]
    return with_approvals(readings, session)


def _read(call: ToolCall, turn: int) -> ToolResult:
    lost = placeholder(call.result)
    if lost and call.error is None:
        return ToolResult(call, turn, None, Outcome.UNKNOWN, f"the result is {_LOST[lost]}")
    known = call.result is not None and not lost
    data = _unwrapped(parsed(call.result)) if known else None
    outcome, why = judge_result(data, call.error)
    if outcome in (Outcome.CONFIRMED, Outcome.UNKNOWN) and call.kind in LEDGER_KINDS:
        outcome, why = _denied(data) or (outcome, why)
    if call.kind in LEDGER_KINDS and outcome is Outcome.EMPTY:
        outcome, why = Outcome.UNKNOWN, "an empty answer confirms nothing"
    if call.kind is ToolKind.READ and outcome is Outcome.UNKNOWN and data is not None:
        outcome, why = Outcome.CONFIRMED, "returned text"
    return ToolResult(call, turn, data, outcome, why)


_LOST = {
    Missing.MASKED: "masked",
    Missing.DROPPED: "dropped by a size limit",
    Missing.UNSERIALIZABLE: "an object that was not serialized",
}


def judge_result(data: JsonValue, error: str | None = None) -> tuple[Outcome, str]:
    """Return the outcome that a decoded result and the span's error speak of, and what told it."""
    if error is not None:
        text = data if isinstance(data, str) else ""
        said = f", {short(text)}" if text.strip() else ""
        return refine(f"{error} {text}"), f"span error {short(error)}{said}"
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
    if isinstance(data, list):
        return parsed(data[0]["text"]) if _is_text_block(data) else data
    if isinstance(data, dict) and set(data) <= _MCP_FIELDS and _is_text_block(data.get("content")):
        inner = _unwrapped(data["content"])
        return {"isError": True, "error": inner} if data.get("isError") else inner
    return data


def _is_text_block(blocks: JsonValue) -> TypeGuard[list[dict[str, str]]]:
    """Tell whether content is a list of one block that has a text."""
    return (
        isinstance(blocks, list)
        and len(blocks) == 1
        and isinstance(blocks[0], dict)
        and blocks[0].get("type", "text") == "text"
        and isinstance(blocks[0].get("text"), str)
        and set(blocks[0]) <= {"type", "text", "annotations"}
    )


def _denied(data: JsonValue) -> tuple[Outcome, str] | None:
    """Return the outcome of a write whose answer says that nothing was done; None otherwise.

    A read may well report that something "was not cancelled", or count 403 of it; a write that
    answers so has failed.
    """
    if isinstance(data, list) and len(data) == 1 and isinstance(data[0], dict):
        outcome, why = _judge_fields(data[0])
        return (outcome, why) if outcome in FAILED_OUTCOMES else None
    if isinstance(data, str):
        return denied_text(data)
    if not isinstance(data, dict):
        return None
    status = data.get("status")
    if isinstance(status, str) and status.lower() in ("error", "failure", "fail"):
        return Outcome.FAILED, f"status: {status}"
    flags = [key for key, value in data.items() if value is False and DONE.fullmatch(key)]
    if flags:
        return Outcome.FAILED, f"{flags[0]}: false"
    said = _only_words(data)
    return denied_text(said) if said else None


_MCP_FIELDS = {"content", "isError", "structuredContent", "_meta"}
_CODE_FIELDS = ("status_code", "statusCode", "http_status", "httpStatus", "status", "code")
_BAD_WORDS = frozenset(
    {"error", "fail", "failed", "failure", "denied", "forbidden", "unauthorized"}
)
_NO_ERROR = frozenset({"", "0", "none", "null", "no", "false", "[]", "{}", "no error", "ok"})
_ANSWER_FIELDS = frozenset(
    """code status message msg detail details error errors error_message reason title type success
    ok data result request_id requestId trace_id""".split()
)
_WHY_FIELDS = ("message", "detail", "reason", "error_message")


def _judge_fields(data: dict[str, JsonValue]) -> tuple[Outcome, str]:
    if not data:
        return Outcome.EMPTY, "an empty object"
    why = next((str(data[f]) for f in _WHY_FIELDS if isinstance(data.get(f), str)), "")
    also = f", {short(why)}" if why else ""
    name, code = _http_code(data)
    if code >= 400:
        return judge_code(code, f"{name} {code}{also}")
    if flag := _failure_flag(data, why):
        return refine(f"{why} {flag}"), f"{flag}{also}"
    if code:
        return judge_code(code, f"{name} {code}{also}")
    if said := _only_words(data):
        outcome, told = judge_text(said)
        if outcome in BAD_OUTCOMES:
            return outcome, told
    values = [value for value in data.values() if isinstance(value, list | dict)]
    if len(values) == len(data) and not any(values):
        return Outcome.EMPTY, "nothing in it"
    return Outcome.CONFIRMED, "returned the record"


def _http_code(data: dict[str, JsonValue]) -> tuple[str, int]:
    """Return the field that holds an HTTP status, and the status; 0 where there is none.

    A record may have a `code` of its own (a room, a product), so that word counts only in an
    answer that is about nothing else.
    """
    for name in _CODE_FIELDS:
        code = data.get(name)
        if name == "code" and not set(data) <= _ANSWER_FIELDS:
            continue
        if isinstance(code, str) and code.isdecimal() and len(code) == 3:
            code = int(code)
        if isinstance(code, int) and not isinstance(code, bool) and 100 <= code < 600:
            return name, code
    return "", 0


def _only_words(data: dict[str, JsonValue]) -> str:
    """Return what an answer says that holds nothing but an explanation; empty otherwise."""
    return " ".join(str(v) for v in data.values()) if set(data) <= set(_WHY_FIELDS) else ""


def _failure_flag(data: dict[str, JsonValue], why: str) -> str:
    """Return the field that says the call failed, with its value; empty when none does.

    A record may have a status `failed` of its own (a build, a payment), so that word counts only
    beside an explanation or alone.
    """
    if data.get("isError") is True or data.get("is_error") is True:
        return f"isError: {short(str(data.get('error') or 'true'))}"
    for name in ("success", "ok"):
        if data.get(name) is False or str(data.get(name)).lower() == "false":
            return f"{name}: false"
    for name in ("error", "errors", "exception", "__type"):
        if str(data.get(name) or "").strip().lower() not in _NO_ERROR:
            return f"{name}: {short(str(data[name]))}"
    status = data.get("status")
    said = (
        isinstance(status, str)
        and status.lower() in _BAD_WORDS
        and (why or set(data) <= _ANSWER_FIELDS)
    )
    return f"status: {status}" if said else ""
