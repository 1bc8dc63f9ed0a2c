"""Tests of one field: whether it says that a call ended badly, and how.

Each takes a field with the object around it and returns an outcome, True where the words around the
field tell the kind of failure, or False. Sources: references/sources/outcomes.md#fields.
"""

import msgspec

from session_classify.evidence.results.text import judge_code
from session_classify.evidence.results.values import (
    EXIT_NAMES,
    count_of,
    exit_code,
    grpc_outcome,
    http_status,
    is_count_of_failures,
    is_error_entry,
    is_false,
    is_spoken,
    is_true,
    is_zero,
    other_counts,
    says_code,
    word_outcome,
)
from session_classify.evidence.results.words import DONE
from session_classify.evidence.results.wrappers import Fields, plain
from session_classify.model import JsonValue
from session_classify.vocabulary import Outcome

Sign = Outcome | bool


class Asked(msgspec.Struct, frozen=True):
    """What is known of a call, against which its result is held."""

    strict: bool = False
    """The call changes something: its result is about the call. A read's may be about others."""
    verbs: frozenset[str] = frozenset()
    """The words of the tool's name, in lower case."""
    values: frozenset[str] = frozenset()
    """Scalars in the arguments, as text without case."""
    pairs: frozenset[tuple[str, str]] = frozenset()
    """Fields of the arguments with their scalars, names as `plain` writes them."""

    tool: str = ""
    """The tool's name as `plain` writes it."""
    makes: bool = False
    """The call makes something new, or hands over: any new id in its result is what it made."""

    def means(self, word: str) -> bool:
        """Tell whether a word is what the tool is for: `cancelled` of `cancel_order`."""
        return any(len(verb) > 2 and word.startswith(verb[:-1]) for verb in self.verbs)


class Field(msgspec.Struct, frozen=True):
    """A field of an object, with the object around it and the call that it answers."""

    value: JsonValue
    fields: Fields
    asked: Asked

    @property
    def word(self) -> str:
        """A short text as one word, as `plain` writes it; empty for any other value."""
        is_short = isinstance(self.value, str) and len(self.value) < 60
        return plain(self.value) if is_short else ""

    def has(self, *names: str) -> bool:
        """Tell whether the object has a field of one of these names."""
        return bool({*names} & {plain(name) for name in self.fields})


_STOPPED = frozenset("cancelled canceled aborted interrupted stopped".split())
_REFUSED = frozenset(
    """reject rejected deny denied decline declined cancel no refuse refused block executiondenied
    disapproved notapproved""".split()
)
_TYPE_OF_ERROR = ("Error", "Errors", "Exception", "Failure", "Denied", "Problem", "ErrorInfo")


def is_set(field: Field) -> Sign:
    """Tell whether a flag is set in any spelling."""
    return is_true(field.value)


def is_really_true(field: Field) -> Sign:
    """Tell whether a flag is set; a number is a count."""
    return field.value is True


def is_in_doubt(field: Field) -> Sign:
    """Call a set flag an uncertain end."""
    return Outcome.UNCERTAIN if field.value is True else False


def is_unset(field: Field) -> Sign:
    """Tell whether a flag is false in any spelling; 0 beside counts of others is a count."""
    value = field.value
    is_count = is_zero(value) and other_counts(field.fields)
    return is_false(value) and not is_count


def forbids(field: Field) -> Sign:
    """Call an unset flag of a permission a block."""
    return Outcome.BLOCKED if is_false(field.value) else False


def is_not_approved(field: Field) -> Sign:
    """Call an unset flag of an approval a rejection."""
    return Outcome.REJECTED if is_false(field.value) and not is_zero(field.value) else False


def is_refusal(field: Field) -> Sign:
    """Tell whether a decision is a refusal; not where refusing is what the tool is for."""
    is_word = field.word in _REFUSED and not field.asked.means(field.word)
    return Outcome.REJECTED if is_word else False


def was_refused(field: Field) -> Sign:
    """Tell whether a flag says that the call was refused."""
    means = field.asked.means("reject") or field.asked.means("deny") or field.asked.means("decline")
    return Outcome.REJECTED if field.value is True and not means else False


def was_cancelled(field: Field) -> Sign:
    """Tell whether a flag says that the call was cancelled; not where that is its effect."""
    return field.value is True and not field.asked.means("cancel")


def has_errors(field: Field) -> Sign:
    """Tell whether a field of errors holds one; for a read, one that explains."""
    return is_spoken(field.value) and (field.asked.strict or is_error_entry(field.value))


def has_many_errors(field: Field) -> Sign:
    """Tell the same of a field of several errors; of a read's, a number is a count."""
    is_count = isinstance(field.value, int | float) and not isinstance(field.value, bool)
    return has_errors(field) and (field.asked.strict or not is_count)


def is_spoken_at_all(field: Field) -> Sign:
    """Tell whether a field holds anything that is no word for no error."""
    return is_spoken(field.value)


def is_list_of_errors(field: Field) -> Sign:
    """Tell whether a field is a list of explanations."""
    return isinstance(field.value, list) and bool(field.value) and is_error_entry(field.value)


def is_type_of_error(field: Field) -> Sign:
    """Tell whether a type's name is one of errors."""
    return isinstance(field.value, str) and field.value.endswith(_TYPE_OF_ERROR)


def is_problem_type(field: Field) -> Sign:
    """Tell whether an object is a problem of RFC 9457 without a status."""
    return isinstance(field.value, str) and "problem" in field.value and field.has("title")


def is_retry_prompt(field: Field) -> Sign:
    """Tell whether a part asks the model to try again."""
    return field.word == "retryprompt"


def is_error_type(field: Field) -> Sign:
    """Tell whether an output is of a type for errors."""
    refused = field.word in ("executiondenied", "tooloutputdenied")
    return Outcome.REJECTED if refused else field.word in ("errortext", "errorjson")


def is_javascript_error(field: Field) -> Sign:
    """Tell whether an object is an error of JavaScript."""
    names = {plain(name) for name in field.fields}
    return isinstance(field.value, str) and names <= {"name", "message", "stack", "cause", "code"}


def is_bad_status(field: Field) -> Sign:
    """Return what an HTTP status of 400 and more says."""
    status = http_status(field.value)
    return judge_code(status, "")[0] if status >= 400 else False


def is_good_status(field: Field) -> Sign:
    """Tell whether a value is an HTTP status below 400."""
    return 0 < http_status(field.value) < 400


def is_grpc_code(field: Field) -> Sign:
    """Return what a code of gRPC says."""
    return grpc_outcome(field.value, field.fields) or False


def is_bad_exit(field: Field) -> Sign:
    """Tell whether an exit code is not 0."""
    return exit_code(field.value) not in (None, 0)


def is_good_exit(field: Field) -> Sign:
    """Tell whether an exit code is 0."""
    return exit_code(field.value) == 0


def is_bad_exit_of_shell(field: Field) -> Sign:
    """Tell the same of a field that is an exit code only beside output streams."""
    return is_bad_exit(field) and field.has("stdout", "stderr")


def is_signal(field: Field) -> Sign:
    """Tell whether a process was ended by a signal."""
    return is_spoken(field.value) and field.has("stdout", "stderr")


def is_stderr_alone(field: Field) -> Sign:
    """Tell whether an error stream names a failure and nothing else was printed."""
    named = {plain(name): item for name, item in field.fields.items()}
    ended_well = any(exit_code(named.get(name)) == 0 for name in EXIT_NAMES)
    is_alone = "stdout" in named and not str(named["stdout"] or "").strip() and not ended_well
    return is_alone and isinstance(field.value, str) and says_code(field.value)


def is_bad_word(field: Field) -> Sign:
    """Return what a status word says; nothing where the tool is for that effect."""
    found = word_outcome(field.value)
    if found is None or field.asked.means(field.word):
        return False
    return found is Outcome.FAILED or found


def is_failed(field: Field) -> Sign:
    """Tell whether a state says no more than that something failed."""
    return word_outcome(field.value) is Outcome.FAILED and not field.asked.means(field.word)


def was_stopped(field: Field) -> Sign:
    """Tell whether a status says that the call was cancelled; not where that is its effect."""
    is_word = field.word in _STOPPED and not field.asked.means(field.word)
    return Outcome.FAILED if is_word else False


def is_good_word(field: Field) -> Sign:
    """Tell whether a status is a word of an effect that was made."""
    text = field.value if isinstance(field.value, str) else ""
    return bool(DONE.fullmatch(text.strip())) or field.word in {"complete", "success"}


def is_error_code(field: Field) -> Sign:
    """Tell whether a code names a failure in words."""
    return isinstance(field.value, str) and says_code(field.value)


def changed_nothing(field: Field) -> Sign:
    """Tell whether a database changed no row."""
    return is_zero(field.value) and count_of(field.fields) == 0


def failed_everywhere(field: Field) -> Sign:
    """Tell whether an object counts failures and no success."""
    return is_count_of_failures(field.value, field.fields)
