"""Fields by which an object says how its call ended: a row for each, with its source.

How sure each source is: references/sources/outcomes.md#fields. `outcome_fields` reads the rows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from session_classify.evidence.conversation.outcome_values import (
    EXIT_NAMES,
    count_of,
    exit_code,
    grpc_outcome,
    http_status,
    is_error_entry,
    is_false,
    is_spoken,
    is_true,
    is_zero,
    other_counts,
    says_code,
    word_outcome,
)
from session_classify.evidence.conversation.outcome_words import DONE
from session_classify.evidence.conversation.result_text import judge_code
from session_classify.evidence.conversation.result_wrappers import Fields, plain
from session_classify.model import JsonValue
from session_classify.vocabulary import Outcome


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of a call, against which its result is held."""

    strict: bool = False
    """The call changes something: its result is about the call. A read's may be about others."""
    verbs: frozenset[str] = frozenset()
    """The words of the tool's name, in lower case."""
    values: frozenset[str] = frozenset()
    """Scalars in the arguments, as text."""
    pairs: frozenset[tuple[str, str]] = frozenset()
    """Fields of the arguments with their scalars, names as `plain` writes them."""

    def means(self, word: str) -> bool:
        """Tell whether a past participle is what the tool is for: `cancelled` of `cancel_order`."""
        return any(len(verb) > 2 and word.startswith(verb[:-1]) for verb in self.verbs)


class Reach(StrEnum):
    """When a row counts."""

    ANY = "whatever else the object holds"
    WRITE = "only for a call that changes something"
    ANSWER = "for a change; for a read, where the object is about the call or repeats its arguments"
    NO_RECORD = "for a change; for a read, where the object is about the call alone"
    ALONE = "where the object is about the call alone"


Test = Callable[[JsonValue, Fields, Asked], Outcome | bool]


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of field."""

    source: str
    names: frozenset[str]
    """Names as `plain` writes them."""
    test: Test
    """Returns the outcome, or True where the words around it tell the kind of failure."""
    reach: Reach = Reach.ANSWER
    asked: bool = False
    """It says nothing where the call set the value itself, or the tool is for it."""


_GENERAL_FLAGS = frozenset(
    "success ok succeeded successful issuccess issuccessful completed".split()
)


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _errors(value: JsonValue, _: Fields, asked: Asked) -> bool:
    return is_spoken(value) and (asked.strict or is_error_entry(value))


def _many_errors(value: JsonValue, fields: Fields, asked: Asked) -> bool:
    is_count = isinstance(value, int | float) and not isinstance(value, bool)
    return _errors(value, fields, asked) and (asked.strict or not is_count)


def _false(value: JsonValue, fields: Fields, _: Asked) -> bool:
    is_count = value == 0 and not isinstance(value, bool | str) and other_counts(fields)
    return is_false(value) and not is_count


def _word(value: JsonValue, _: Fields, asked: Asked) -> Outcome | bool:
    found = word_outcome(value)
    if found is None or (isinstance(value, str) and asked.means(plain(value))):
        return False
    return found is Outcome.FAILED or found


def _stopped(value: JsonValue, fields: Fields, asked: Asked) -> Outcome | bool:
    is_word = isinstance(value, str) and plain(value) in _STOPPED
    return Outcome.FAILED if is_word and not asked.means(plain(str(value))) else False


def _no(value: JsonValue, fields: Fields, asked: Asked) -> Outcome | bool:
    is_word = isinstance(value, str) and plain(value) in _REFUSALS
    return Outcome.REJECTED if is_word and not asked.means(plain(str(value))) else False


def _shell_only(value: JsonValue, fields: Fields, asked: Asked) -> bool:
    return bool({"stdout", "stderr"} & {plain(name) for name in fields}) and is_spoken(value)


def _exit(value: JsonValue, fields: Fields, _: Asked) -> bool:
    return exit_code(value) not in (None, 0)


def _stderr_alone(value: JsonValue, fields: Fields, _: Asked) -> Outcome | bool:
    named = {plain(name): item for name, item in fields.items()}
    ended_well = any(exit_code(named.get(name)) == 0 for name in EXIT_NAMES)
    is_alone = "stdout" in named and not str(named["stdout"] or "").strip() and not ended_well
    return is_alone and isinstance(value, str) and says_code(value)


def _is_typename(value: JsonValue, fields: Fields, asked: Asked) -> bool:
    ends = ("Error", "Errors", "Exception", "Failure", "Denied", "Problem")
    return isinstance(value, str) and value.endswith(ends)


_STOPPED = _names("cancelled canceled aborted interrupted stopped")
_REFUSALS = _names("reject rejected deny denied decline declined cancel no refuse refused block")
_STATUS = _names(
    "status result outcome responsestatus executionstatus resultstatus callstatus grpcstatus"
)


def is_done(word: str) -> bool:
    """Tell whether a status is a word of an effect that was made."""
    return bool(DONE.fullmatch(word.strip())) or plain(word) in {"complete", "success", "200"}


BAD = (
    Row("MCP, Anthropic, Bedrock", _names("iserror"), lambda v, *_: is_true(v), Reach.ANY),
    Row("GraphQL mutations (Shopify and others)", _names("usererrors mutationerrors"),
        lambda v, *_: is_spoken(v), Reach.ANY),
    Row("GraphQL mutations (Shopify)", _names("customerusererrors mediausererrors"),
        lambda v, *_: is_spoken(v), Reach.ANY),
    Row("GraphQL unions", _names("__typename"), _is_typename, Reach.ANY),
    Row("agent clients, approval frameworks", _names("decision action approval verdict"), _no, Reach.ALONE),
    Row("approval frameworks", _names("approved isapproved"),
        lambda v, *_: Outcome.REJECTED if v is False else False, Reach.ALONE),
    Row("Vercel AI", _names("type"),
        lambda v, *_: Outcome.REJECTED if v == "execution-denied" else False, Reach.ANY),
    Row("Vercel AI", _names("type"), lambda v, *_: v in ("error-text", "error-json"), Reach.ANY),
    Row("Pydantic AI", _names("partkind"), lambda v, *_: v == "retry-prompt", Reach.ANY),
    Row("JavaScript", _names("stack"),
        lambda v, f, _: {plain(n) for n in f} <= {"name", "message", "stack", "cause", "code"},
        Reach.ANY),
    Row("shells, agent clients", _names("interrupted aborted"), lambda v, *_: v is True),
    Row("shells, agent clients", _names("timedout timeout timeoutexceeded"),
        lambda v, *_: Outcome.UNCERTAIN if v is True else False),
    Row("HTTP APIs", _names("statuscode httpstatus httpstatuscode httpcode responsecode status"),
        lambda v, *_: judge_code(http_status(v), "")[0] if http_status(v) >= 400 else False,
        Reach.ANSWER, asked=True),
    Row("HTTP APIs", _names("code"),
        lambda v, *_: judge_code(http_status(v), "")[0] if http_status(v) >= 400 else False,
        Reach.ALONE),
    Row("gRPC, google.rpc.Status", _names("code grpcstatus"),
        lambda v, fields, _: grpc_outcome(v, fields) or False, Reach.ALONE),
    Row("APIs", _GENERAL_FLAGS - {"completed"}, _false, Reach.ANY),
    Row("shells", EXIT_NAMES, _exit),
    Row("Node child_process", _names("code status"),
        lambda v, f, a: _exit(v, f, a) and _shell_only(1, f, a)),
    Row("Node child_process", _names("signal"), lambda v, f, a: _shell_only(v, f, a)),
    Row("shells", _names("stderr"), _stderr_alone),
    Row("APIs", _names("error err exception fault failure faultstring faultcode errormessage errormsg"
                       " errmsg exceptionmessage errordescription errortype stacktrace"), _errors),
    Row("APIs", _names("errors failures errorlist validationerrors fielderrors"), _many_errors),
    Row("APIs", _names("errorcode errcode errno errornumber errorcodes"), _errors),
    Row("AWS JSON protocol", _names("__type"), _errors),
    Row("APIs", _names("failed haserror haserrors isfailed"), lambda v, *_: v is True),
    Row("FastAPI, Pydantic", _names("detail details"),
        lambda v, *_: isinstance(v, list) and v != [] and is_error_entry(v)),
    Row("APIs", _STATUS, _word, Reach.NO_RECORD, asked=True),
    Row("APIs", _names("state type code"), _word, Reach.ALONE),
    Row("APIs", _STATUS | {"state"}, _stopped, Reach.ALONE),
    Row("AWS, Node and others", _names("code codename name error"),
        lambda v, *_: isinstance(v, str) and says_code(v), Reach.ALONE),
    Row("RFC 9457", _names("type"),
        lambda v, f, _: isinstance(v, str) and "problem" in v and {"title", "detail"} <= {*f}, Reach.ALONE),
    Row("databases", _names("rowsaffected affectedrows rowcount modifiedcount matchedcount deletedcount"
                            " insertedcount updatedcount nmodified"),
        lambda v, f, _: is_zero(v) and count_of(f) == 0, Reach.WRITE),
)  # fmt: skip
"""Fields of a call that did not do what it was for; the first that fits counts."""

GOOD = (
    Row("APIs", _GENERAL_FLAGS | {"acknowledged"}, lambda v, *_: is_true(v)),
    Row("HTTP APIs", _names("statuscode httpstatus httpstatuscode httpcode responsecode status code"),
        lambda v, *_: 0 < http_status(v) < 400),
    Row("shells", EXIT_NAMES, lambda v, *_: exit_code(v) == 0, Reach.ANY),
    Row("APIs", _STATUS | {"state"}, lambda v, *_: isinstance(v, str) and is_done(v)),
    Row("databases", _names("rowsaffected affectedrows rowcount modifiedcount deletedcount insertedcount"
                            " updatedcount nmodified"), lambda v, *_: exit_code(v) not in (None, 0)),
)  # fmt: skip
"""Fields of a call that did what it was for."""
