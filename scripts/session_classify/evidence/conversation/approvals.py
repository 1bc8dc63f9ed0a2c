"""A person's decision about a call: what asks for it, and what says how it was made.

In goes what a call returned or raised, out comes the state it speaks of. Forms and their sources:
references/sources/approvals.md#pauses, #decisions and #answers.
"""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum

import msgspec

from session_classify.evidence.results.wrappers import unwrapped
from session_classify.jsontext import parsed
from session_classify.lazy import lazy_pattern
from session_classify.model import JsonValue, ToolCall
from session_classify.profiles.kinds import name_words
from session_classify.vocabulary import ToolKind


class Decision(StrEnum):
    """How a person decided about a call that waited for it."""

    WAITING = "waiting"
    APPROVED = "approved"
    EDITED = "edited"
    REJECTED = "rejected"


class Approval(msgspec.Struct, frozen=True):
    """What became of a call that asked a person."""

    decision: Decision
    asked: str
    """The tool call that asked: `tool3`."""
    turn: int
    """Its turn."""
    went_on: str = ""
    """The tool call that went on with it, when that is another one."""


_PAUSE_ERROR = lazy_pattern(
    r"\A(?:[A-Za-z_]\w{0,60}\.){0,8}(?:GraphInterrupt|NodeInterrupt|ApprovalRequired|CallDeferred"
    r"|ToolApprovalRequired|ApprovalRequiredError|HumanApprovalRequired|InterruptException)\b"
    r"|\A\(?Interrupt\(value="
)
"""Errors by which frameworks stop a run to ask a person; the type stands first."""

_WHOSE = r"(?:(?:a |the |your )?(?:human|user|manual|manager|operator|reviewer)(?:'s)? |your )?"
_CALL = r"(?:this|the|that) (?:tool call|tool use|tool|action|command|operation|call|request|step)"
_END = r"(?=\s?[.,:;!(]|\s?\Z|\s(?:before|for|from|by|to|of|in|on)\b)"
_PAUSE_TEXT = lazy_pattern(
    r"\A\W{0,3}(?:"
    rf"(?:{_CALL} (?:is |was )?)?(?:waiting for|awaiting|pending|paused for|paused until) {_WHOSE}"
    rf"(?:approval|confirmation|permission){_END}"
    rf"|{_CALL} (?:requires|needs) {_WHOSE}(?:approval|confirmation){_END}"
    rf"|{_WHOSE}(?:approval|confirmation) (?:is |was )?(?:required|requested|pending|needed){_END}"
    r"|[^\n]{0,40}requested permissions? to [^\n]{1,200} haven['\u2019]t granted it yet\b"
    r")",
    re.IGNORECASE,
)

_USER = r"(?:the )?(?:user|human|person|operator|reviewer|approver)"
_NO = r"(?:reject|den[iy]|declin|refus|cancell?|abort|disapprov|veto)(?:ed|e?s)?"
_REJECTED_TEXT = lazy_pattern(
    r"\A\W{0,3}(?:"
    rf"{_USER}(?: has)?(?: explicitly)? {_NO}\b(?=\s?[.:,;!]|\s?\Z|\s(?:the|this|your|it|to|all)\b)"
    rf"|{_USER} (?:does not|doesn['\u2019]t|did not|didn['\u2019]t)"
    r" (?:want|approve|allow|confirm)\b"
    rf"|(?:{_CALL}|action|tool call|tool use|tool execution|execution|operation|request)"
    rf" (?:was |has been |is )?{_NO} by {_USER}\b"
    r"|(?:(?:this|the|that) )?(?:tool call|tool use|tool execution|execution)"
    r" (?:was |is )?(?:not (?:been )?approved|rejected|denied|declined)\b"
    rf"|{_CALL} (?:was |is )?not (?:been )?approved\b"
    r"|(?:not approved|approval (?:was )?(?:denied|rejected|declined|refused))\b"
    r")",
    re.IGNORECASE,
)

PAUSED = frozenset(
    """awaiting_approval pending_approval waiting_for_approval requires_approval approval_required
    needs_approval approval_requested approval_request approval_pending tool_approval_request
    mcp_approval_request function_approval_request user_approval_required awaiting_confirmation
    pending_confirmation requires_confirmation confirmation_required confirmation_requested
    awaiting_human waiting_for_human human_input_required awaiting_human_approval requires_action
    input_required""".split()
)
"""Words of a status, type or flag that ask a person."""
REJECTED_STATES = frozenset(
    """reject rejected disapproved execution_denied output_denied user_rejected rejected_by_user
    denied_by_user declined_by_user not_approved approval_denied approval_rejected""".split()
)
"""Words of a status or type that say that a person refused; a server says `denied`, too."""
REJECTIONS = REJECTED_STATES | frozenset(
    "deny denied decline declined refuse refused no n false ignore ignored cancel".split()
)
"""Words of a decision that says no."""
_APPROVALS = frozenset(
    """approve approved accept accepted yes y ok confirm confirmed allow allowed continue proceed
    true""".split()
)
_EDITS = frozenset("edit edited modify modified".split())
_WORDS = {
    **dict.fromkeys(REJECTIONS, Decision.REJECTED),
    **dict.fromkeys(_APPROVALS, Decision.APPROVED),
    **dict.fromkeys(_EDITS, Decision.EDITED),
}
_STATES = ("status", "state", "type", "kind", "outcome", "result_type")
_MAKING_TOOLS = frozenset("create add make open register submit file".split())
"""Words of tools that make a record: its `approved: false` is a field of a new record."""
_DECISIONS = ("decision", "approved", "approve", "approval", "confirmed", "action")
_ABOUT_ASKING = frozenset(
    """message msg detail details reason error question prompt description title approval_id id
    request_id requestid approvalid tool tool_name toolname name args arguments input tool_call_id
    toolcallid call_id callid expires_at options choices interrupt_id server_label comment feedback
    note success ok resumable""".split()
)
"""Fields of an answer that is about the question alone; with any other it is a record."""
_ASKING_TOOLS = frozenset({"approval", "approve", "confirm", "confirmation", "permission"})
_REFUSING_TOOLS = frozenset("reject deny decline refuse disapprove".split())


def is_pause(error: str | None) -> bool:
    """Tell whether an error is no failure: the run stopped to ask a person."""
    return bool(error and _PAUSE_ERROR.match(error.strip()))


def asks(call: ToolCall) -> bool:
    """Tell whether what a call returned asks a person; a read may report that of something else."""
    if call.kind is ToolKind.READ or call.result is None or _words(call) & _ASKING_TOOLS:
        return False
    # A wrapper may be what asks, or what it holds.
    return _is_question(call, call.result) or _is_question(call, unwrapped(call.result).data)


def _is_question(call: ToolCall, result: JsonValue) -> bool:
    data = _inner(parsed(result))
    if isinstance(data, str):
        return bool(_PAUSE_TEXT.match(data[:400]))
    if not isinstance(data, dict):
        return False
    if "__interrupt__" in data:
        return True
    if _is_record(call, data):
        return False
    named = {_plain(key) for key in data} - {*_STATES, *PAUSED}
    flags = any(_plain(key) in PAUSED and value is True for key, value in data.items())
    states = any(_plain(data.get(key)) in PAUSED for key in _STATES)
    return (flags or states) and named <= _ABOUT_ASKING


def refused(call: ToolCall, inner: JsonValue) -> bool:
    """Tell whether what a call returned says that a person refused it.

    `inner` is the result without its wrappers, as it is read for the outcome.
    """
    if call.kind is ToolKind.READ or call.result is None:
        return False
    return _is_refusal(call, call.result) or _is_refusal(call, inner)


def _is_refusal(call: ToolCall, result: JsonValue) -> bool:
    data = _inner(parsed(result))
    if isinstance(data, str):
        return not _words(call) & _REFUSING_TOOLS and bool(_REJECTED_TEXT.match(data[:400]))
    if not isinstance(data, dict) or _words(call) & (_REFUSING_TOOLS | _ASKING_TOOLS):
        return False
    if _is_record(call, data):
        return False
    if {_plain(key) for key in data} - {*_STATES, *_DECISIONS} - _ABOUT_ASKING:
        return False
    told = [_plain(data.get(key)) for key in _DECISIONS if key in data]
    states = [_plain(data.get(key)) for key in _STATES]
    return bool(REJECTIONS.intersection(told) or REJECTED_STATES.intersection(states))


def decisions_in(text: str | None) -> tuple[Decision, ...]:
    """Return the decisions with which a run is resumed, in their order; none in any other text."""
    if not text or text.lstrip()[:1] not in ("{", "[", "C"):
        return ()
    if match := re.match(r"\s{0,9}Command\(resume=\W{0,3}(\w{1,30})", text):
        return tuple(filter(None, [_WORDS.get(_plain(match[1]))]))
    data = parsed(text)
    if not isinstance(data, dict) or not {"resume", "decisions", *_DECISIONS} & set(data):
        return ()
    found = data.get("resume", data.get("decisions", data))
    return tuple(_decided(found if isinstance(found, list) else [found]))


def _decided(values: Iterable[JsonValue]) -> Iterator[Decision]:
    """Yield the decision of each value: a word, or an object that has one, two levels below."""
    for value in values:
        if isinstance(value, dict):
            inner = value.get("decisions")
            if isinstance(inner, list):
                yield from _decided(item for item in inner if not isinstance(item, list))
                continue
            words = [value.get(key) for key in ("type", *_DECISIONS) if key in value]
        else:
            words = [value]
        decided = next((_WORDS[_plain(word)] for word in words if _plain(word) in _WORDS), None)
        if decided is not None:
            yield decided


def _is_record(call: ToolCall, data: dict[str, JsonValue]) -> bool:
    """Tell whether an object is a record that the call made, named, or put in its state."""
    if "id" in data and _words(call) & _MAKING_TOOLS:
        return True
    asked = call.arguments if isinstance(call.arguments, dict) else {}
    keys = ("id", *_STATES, *_DECISIONS)
    return any(key in data and key in asked and data[key] == asked[key] for key in keys)


def _inner(data: JsonValue) -> JsonValue:
    """Return what an answer says that holds nothing but an explanation."""
    if isinstance(data, dict) and set(data) in ({"error"}, {"message"}, {"result"}):
        (inner,) = data.values()
        return inner if isinstance(inner, str) else data
    return data


def _words(call: ToolCall) -> frozenset[str]:
    return frozenset(word.lower() for word in name_words(call.name))


def _plain(word: JsonValue) -> str:
    """Return a word as the tables have it: lower case, joined by underscores."""
    if isinstance(word, bool):
        return str(word).lower()
    return re.sub(r"[\s-]", "_", word.strip().lower()) if isinstance(word, str) else ""
