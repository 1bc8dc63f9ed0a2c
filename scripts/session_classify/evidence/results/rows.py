"""Fields by which an object says how its call ended: a row for each, with its source.

How sure each source is: references/sources/outcomes.md#fields. `fields` reads the rows.
"""

from collections.abc import Callable
from enum import StrEnum

import msgspec

from session_classify.evidence.results import signs
from session_classify.evidence.results.values import EXIT_NAMES


class Reach(StrEnum):
    """When a row counts."""

    ANY = "whatever else the object holds"
    WRITE = "only for a call that changes something"
    ANSWER = "for a change; for a read, where the object is about the call or repeats its arguments"
    NO_RECORD = "for a change; for a read, where the object is about the call alone"
    ALONE = "where the object is about the call alone"


class Row(msgspec.Struct, frozen=True):
    """One kind of field."""

    source: str
    names: frozenset[str]
    """Names as `plain` writes them."""
    test: Callable[[signs.Field], signs.Sign]
    reach: Reach = Reach.ANSWER
    unless_set: bool = False
    """It says nothing where the call itself set the value."""


def _row(
    source: str,
    names: str,
    test: Callable[[signs.Field], signs.Sign],
    reach: Reach = Reach.ANSWER,
    *,
    unless_set: bool = False,
) -> Row:
    return Row(source, frozenset(names.split()), test, reach, unless_set)


_EXITS = " ".join(EXIT_NAMES)
_FLAGS = "success ok succeeded successful issuccess issuccessful isok wassuccessful"
_STATUSES = "statuscode httpstatus httpstatuscode httpcode responsecode status"
_WORDS = "status result outcome responsestatus executionstatus resultstatus callstatus"
_DECISIONS = """decision action approval approvalstatus approvaldecision userdecision humandecision
    reviewdecision behavior permission choice type"""
_COUNTS = """rowsaffected affectedrows rowcount modifiedcount matchedcount deletedcount
    insertedcount updatedcount nmodified"""
_ERRORS = """error err exception fault failure faultstring faultcode errormessage errormsg errmsg
    exceptionmessage errordescription errortype stacktrace"""
_MANY_ERRORS = "errors failures errorlist validationerrors fielderrors"
_ERROR_CODES = "errorcode errcode errno errornumber errorcodes resultcode returnmsgcode"
_MUTATION_ERRORS = "usererrors mutationerrors customerusererrors mediausererrors"
_FAILED_COUNTS = "failed failedcount failurecount errorcount numfailed"

BAD = (
    _row("MCP, Anthropic, Bedrock", "iserror", signs.is_set, Reach.ANY),
    _row("GraphQL mutations", _MUTATION_ERRORS, signs.is_spoken_at_all, Reach.ANY),
    _row("GraphQL unions, google.rpc", "__typename @type", signs.is_type_of_error, Reach.ANY),
    _row("approval frameworks", _DECISIONS, signs.is_refusal, Reach.ALONE),
    _row("approval frameworks", "approved isapproved", signs.is_not_approved, Reach.ALONE),
    _row("approval frameworks", "rejected denied declined", signs.was_refused, Reach.ALONE),
    _row("Vercel AI", "type", signs.is_error_type, Reach.ANY),
    _row("Pydantic AI", "partkind", signs.is_retry_prompt, Reach.ANY),
    _row("JavaScript", "stack", signs.is_javascript_error, Reach.ANY),
    _row("agent clients", "interrupted aborted", signs.is_really_true),
    _row("agent clients", "cancelled canceled", signs.was_cancelled, Reach.ALONE),
    _row("shells", "timedout timeout timeoutexceeded", signs.is_in_doubt),
    _row("HTTP APIs", _STATUSES, signs.is_bad_status, unless_set=True),
    _row("HTTP APIs", "code", signs.is_bad_status, Reach.ALONE),
    _row("gRPC, google.rpc.Status", "code grpcstatus", signs.is_grpc_code, Reach.ALONE),
    _row("APIs", _FLAGS, signs.is_unset),
    _row("APIs", "valid accepted confirmed", signs.is_unset, Reach.ALONE),
    _row("APIs", "allowed permitted authorized isallowed", signs.forbids, Reach.ALONE),
    _row("shells", _EXITS, signs.is_bad_exit),
    _row("Node child_process", "code status", signs.is_bad_exit_of_shell),
    _row("Node child_process", "signal", signs.is_signal),
    _row("shells", "stderr", signs.is_stderr_alone),
    _row("APIs", _ERRORS, signs.has_errors),
    _row("APIs, JSON:API, GraphQL", _MANY_ERRORS, signs.has_many_errors),
    _row("APIs", _ERROR_CODES, signs.has_errors),
    _row("AWS JSON protocol", "__type", signs.has_errors),
    _row("APIs", "failed haserror haserrors isfailed", signs.is_really_true),
    _row("batch APIs", _FAILED_COUNTS, signs.failed_everywhere, Reach.WRITE),
    _row("FastAPI, Pydantic", "detail details", signs.is_list_of_errors),
    _row("APIs", _WORDS, signs.is_bad_word, Reach.NO_RECORD, unless_set=True),
    _row("APIs", "state", signs.is_failed, Reach.NO_RECORD, unless_set=True),
    _row("APIs, gRPC", "state type code", signs.is_bad_word, Reach.ALONE),
    _row("APIs", _WORDS + " state", signs.was_stopped, Reach.ALONE),
    _row("AWS, Node", "code codename error", signs.is_error_code, Reach.ALONE),
    _row("RFC 9457", "type", signs.is_problem_type, Reach.ALONE),
    _row("databases", _COUNTS, signs.changed_nothing, Reach.WRITE),
)
"""Fields of a call that did not do what it was for; the first that fits counts."""

GOOD = (
    _row("APIs, MongoDB", _FLAGS + " acknowledged", signs.is_set),
    _row("HTTP APIs", _STATUSES + " code", signs.is_good_status),
    _row("shells", _EXITS, signs.is_good_exit),
    _row("APIs", _WORDS + " state", signs.is_good_word),
    _row("databases", _COUNTS, signs.is_bad_exit),
)
"""Fields of a call that did what it was for; the object around them does not matter."""
