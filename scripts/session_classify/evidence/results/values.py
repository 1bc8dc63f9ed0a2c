"""Values of fields that tell an outcome: flags, codes, status words, lists of errors.

Small functions from a JSON value to what it says. Sources:
references/sources/outcomes.md#fields.
"""

import re

from session_classify.evidence.results.wrappers import Fields, plain
from session_classify.lazy import lazy_pattern
from session_classify.model import JsonValue
from session_classify.vocabulary import Outcome

EXIT_NAMES = frozenset(
    "exitcode returncode rc exitstatus exit retcode ret exitvalue processexitcode".split()
)
"""Names of a field with a process's exit code, as `plain` writes them."""
_NO_ERROR = frozenset(
    {"", "0", "none", "null", "no", "false", "[]", "{}", "no error", "ok", "nil", "<nil>",
     "success", "n/a", "-", "00", "000", "0000"}
)  # fmt: skip
_ENTRY = frozenset(
    """message msg detail details title code type field fields path paths location locations
    extensions status source reason param domain loc input url ctx error errorcode errormessage
    errortype name description meta links id resource value help hint errors instance severity
    category pointer property row index line column statuscode""".split()
)
_ENTRY_WORDS = frozenset(
    "message msg detail title reason error errormessage description code errorcode".split()
)
_COUNTS = lazy_pattern(
    r"(?:failed|failures?|errors?|total|skipped|count|warnings?|succeeded|passed|updated)\Z"
)
_SUCCESSES = frozenset(
    "succeeded success successes successful updated created deleted processed sent".split()
)
_COUNT_NAMES = frozenset(
    """rowsaffected affectedrows rowcount modifiedcount matchedcount deletedcount insertedcount
    updatedcount nmodified upsertedcount""".split()
)
_WORDS = {
    Outcome.FAILED: """error errored fail failed failure exception crashed errortext erroroccurred
        failedprecondition invalidargument alreadyexists resourceexhausted outofrange
        unimplemented unsuccessful invalid badrequest internalerror systemerror
        validationerror conflict unprocessable""",
    Outcome.BLOCKED: """denied forbidden unauthorized unauthorised permissiondenied accessdenied
        unauthenticated notallowed notpermitted notauthorized blocked""",
    Outcome.REJECTED: """rejected declined refused disapproved notapproved executiondenied vetoed
        rejectedbyuser declinedbyuser deniedbyuser cancelledbyuser canceledbyuser userrejected
        userdeclined usercancelled usercanceled userdenied""",
    Outcome.NOT_FOUND: "notfound missing nosuchkey",
    Outcome.UNCERTAIN: "timeout timedout deadlineexceeded unavailable internal dataloss",
    Outcome.EXPIRED: "sessionexpired tokenexpired",
}
_BY_WORD = {word: outcome for outcome, words in _WORDS.items() for word in words.split()}
_GRPC = {
    1: Outcome.FAILED, 2: Outcome.UNCERTAIN, 3: Outcome.FAILED, 4: Outcome.UNCERTAIN,
    5: Outcome.NOT_FOUND, 6: Outcome.FAILED, 7: Outcome.BLOCKED, 8: Outcome.FAILED,
    9: Outcome.FAILED, 10: Outcome.FAILED, 11: Outcome.FAILED, 12: Outcome.FAILED,
    13: Outcome.UNCERTAIN, 14: Outcome.UNCERTAIN, 15: Outcome.UNCERTAIN, 16: Outcome.BLOCKED,
}  # fmt: skip
"""Status codes of gRPC; one that the server gave up on may have had its effect."""
_CODE = lazy_pattern(
    r"error|exception|traceback|denied|invalid|not[ _]?found|fail|exceeded|unavailable|forbidden"
    r"|unauthori[sz]ed|conflict|time[ _]?d?[ _]?out|exhausted|refused|rejected|no such|cannot"
    r"|unable|fatal|not allowed|unsupported|unknown|\bkilled|aborted|segmentation|\busage:"
    r"|\bE(?:CONN\w{3,12}|NOENT|ACCES|PERM|EXIST|TIMEDOUT|PIPE)\b",
    re.IGNORECASE,
)
_STATUS_LINE = lazy_pattern(r"([1-5]\d\d)(?: [A-Za-z][A-Za-z -]{1,40})?\Z")


def is_true(value: JsonValue) -> bool:
    """Tell whether a flag is set: true, 1 or the word."""
    return value is True or value == 1 or (isinstance(value, str) and value.lower() == "true")


def is_false(value: JsonValue) -> bool:
    """Tell whether a flag is not set: false, 0 or the word; null says nothing."""
    if isinstance(value, str):
        return value.strip().lower() in ("false", "0", "no")
    return value is False or is_zero(value)


def is_zero(value: JsonValue) -> bool:
    """Tell whether a value is the number 0."""
    return isinstance(value, int | float) and not isinstance(value, bool) and value == 0


def is_spoken(value: JsonValue) -> bool:
    """Tell whether a field of errors holds one: `"none"`, 0, false and [] are no errors."""
    if isinstance(value, list):
        return any(is_spoken(item) for item in value)
    if isinstance(value, dict):
        return bool(value)
    return str(value if value is not None else "").strip().lower() not in _NO_ERROR


def is_error_entry(value: JsonValue) -> bool:
    """Tell whether a value explains an error; a row of a statistic on errors does not.

    A text and a code explain; of objects, those that hold nothing but fields of explanations, or
    the messages of each field.
    """
    if isinstance(value, list):
        return all(is_error_entry(item) for item in value)
    if isinstance(value, dict):
        names = {plain(name) for name in value}
        by_field = all(
            isinstance(item, list) and item and all(isinstance(one, str) for one in item)
            for item in value.values()
        )
        return by_field or (names <= _ENTRY and bool(names & _ENTRY_WORDS))
    return True


def exit_code(value: JsonValue) -> int | None:
    """Return a process's exit code; None for what is none."""
    if isinstance(value, str) and value.strip().lstrip("-").isdecimal() and len(value) < 12:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def http_status(value: JsonValue) -> int:
    """Return the HTTP status that a number, its digits or a status line is; 0 for anything else."""
    if isinstance(value, str) and (match := _STATUS_LINE.match(value.strip())):
        value = int(match.group(1))
    is_code = isinstance(value, int) and not isinstance(value, bool) and 100 <= value < 600
    return int(value) if is_code else 0


def grpc_outcome(value: JsonValue, fields: Fields) -> Outcome | None:
    """Return what a numeric code of gRPC says, in an object that is a google.rpc.Status."""
    names = {plain(name) for name in fields}
    is_status = names <= {"code", "message", "details", "status", "grpcstatus", "grpcmessage"}
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return _GRPC.get(value) if is_number and is_status and len(names) > 1 else None


def word_outcome(value: JsonValue) -> Outcome | None:
    """Return the failure that a status word names, in any case and spelling; None for others."""
    return (
        _BY_WORD.get(plain(value.strip())) if isinstance(value, str) and len(value) < 60 else None
    )


def says_code(text: str) -> bool:
    """Tell whether an error code, or what a program wrote to its error stream, names a failure."""
    return bool(_CODE.search(text[:2_000]))


def is_count_of_failures(value: JsonValue, fields: Fields) -> bool:
    """Tell whether a number counts failures in an object that counts no success."""
    made = [
        number
        for name, item in fields.items()
        if plain(name) in _SUCCESSES and (number := exit_code(item)) is not None
    ]
    return (exit_code(value) or 0) > 0 and bool(made) and not any(made)


def count_of(fields: Fields) -> int:
    """Return the sum of an object's counts of changed rows."""
    return sum(exit_code(v) or 0 for n, v in fields.items() if plain(n) in _COUNT_NAMES)


def other_counts(fields: Fields) -> bool:
    """Tell whether an object counts other things beside its successes."""
    return any(
        _COUNTS.fullmatch(plain(n)) and isinstance(v, int) and not isinstance(v, bool)
        for n, v in fields.items()
    )
