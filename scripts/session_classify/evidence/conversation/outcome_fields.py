"""How an object's fields say that its call ended: by the rows of `outcome_rows`.

In goes a decoded object without its wrappers, and what the call asked for; out come an outcome and
the field that told it, or None where no field speaks.
"""

from collections.abc import Iterator

from session_classify.evidence.conversation.outcome_rows import BAD, GOOD, Asked, Reach, Row
from session_classify.evidence.conversation.outcome_values import EXIT_NAMES, exit_code
from session_classify.evidence.conversation.outcome_words import DONE
from session_classify.evidence.conversation.result_text import refine, short
from session_classify.evidence.conversation.result_wrappers import Fields, plain
from session_classify.model import JsonValue
from session_classify.vocabulary import BAD_OUTCOMES, Outcome

Told = tuple[Outcome, str]
"""An outcome, and what told it."""

ABOUT_THE_CALL = frozenset(
    """code status statuscode statustext httpstatus httpstatuscode httpcode responsecode message msg
    detail details error errors errormessage errormsg errmsg errcode errorcode errortype
    errordescription errno reason title type success succeeded issuccess ok result outcome state
    requestid traceid correlationid timestamp instance path method url hint help documentationurl
    docurl stdout stderr output exitcode returncode rc exitstatus exit retcode signal killed
    interrupted isimage timedout command cmd args argv duration durationms durationseconds elapsed stack
    stacktrace trace cause syscall retryable retryafter needed provided responsemetadata warnings
    metadata meta headers domain locations extensions fault faultcode faultstring description param
    hostid resource iserror decision approved action codename nooutputexpected grpcstatus failed
    exception failure __typename __type field usererrors""".split()
)
"""Fields that speak of a call. An object with any other field that holds something is a record."""
_WHY = (
    "message", "msg", "detail", "details", "reason", "errormessage", "errormsg", "errmsg",
    "errordescription", "description", "faultstring", "title",
)  # fmt: skip
"""Fields that explain an outcome, by how much they say."""
_ALSO_WHY = ("error", "stderr", "output", "code", "codename", "status")


def judge_fields(fields: Fields, asked: Asked, said: str = "") -> Told | None:
    """Return the outcome that the fields of an object speak of, and the field that told it.

    `said` is what the object's wrapper held, which may tell the kind of failure.
    """
    flat = {**_of_metadata(fields), **fields}
    why = next(_whys(flat, (*_WHY, *_ALSO_WHY)), said)
    for row in BAD:
        for name, value in flat.items():
            if plain(name) in row.names and _reaches(row, name, value, flat, asked):
                found = row.test(value, flat, asked)
                if found:
                    also = f", {short(why)}" if why and why != value else ""
                    told = f"{name}: {short(_shown(value))}{also}"
                    words = _all_words(flat, why, told, said)
                    kind = refine(words) if found is True else found
                    return Outcome(kind), told
    if told_by_flag := _undone(flat, asked):
        return told_by_flag
    for row in GOOD:
        for name, value in flat.items():
            if plain(name) in row.names and row.test(value, flat, asked):
                return Outcome.CONFIRMED, f"{name}: {short(_shown(value))}"
    for name, value in fields.items():
        is_made = value is True or (exit_code(value) or 0) > 0
        if is_made and not isinstance(value, str) and DONE.fullmatch(name):
            return Outcome.CONFIRMED, f"{name}: {short(_shown(value))}"
    return None


def is_bad(told: Told | None) -> bool:
    """Tell whether an outcome was told, and is one of a failure."""
    return told is not None and told[0] in BAD_OUTCOMES


def only_words(fields: Fields) -> str:
    """Return what an object says that holds nothing but an explanation; empty for any other."""
    left = {name: v for name, v in fields.items() if not (v is False and DONE.fullmatch(name))}
    if not left or not is_about_the_call(left):
        return ""
    return next(_whys(left, _WHY), "")


def is_about_the_call(fields: Fields, asked: Asked | None = None) -> bool:
    """Tell whether an object holds no field of a record; `asked` lets repeated arguments pass."""
    return all(
        plain(name) in ABOUT_THE_CALL
        or value in (None, "", [], {})
        or (asked is not None and repeats(name, value, asked))
        for name, value in fields.items()
    )


def repeats(name: str, value: JsonValue, asked: Asked) -> bool:
    """Tell whether a field repeats what the call set or named."""
    if isinstance(value, dict | list):
        return False
    text = str(value).casefold()
    return (plain(name), text) in asked.pairs or (len(text) > 2 and text in asked.values)


def _reaches(row: Row, name: str, value: JsonValue, fields: Fields, asked: Asked) -> bool:
    if row.asked and not isinstance(value, dict | list):
        set_by_call = str(value).casefold() in asked.values
        if set_by_call:
            return False
    match row.reach:
        case Reach.ANY:
            return True
        case Reach.WRITE:
            return asked.strict
        case Reach.ANSWER:
            return asked.strict or is_about_the_call(fields, asked)
        case Reach.NO_RECORD:
            return asked.strict or is_about_the_call(fields)
        case Reach.ALONE:
            return is_about_the_call(fields)


def _undone(fields: Fields, asked: Asked) -> Told | None:
    """Return the flag of an effect that was not made: `deleted: false` of `delete_order`.

    A record may hold such a flag as well, `completed: false` of a new task, so it counts where the
    tool is for that effect, or where nothing else is in the object.
    """
    if not asked.strict:
        return None
    for name, value in fields.items():
        if value is False and DONE.fullmatch(name):
            left = {n: v for n, v in fields.items() if n != name}
            is_alone = is_about_the_call(left) and not name.lower().startswith("cancel")
            if asked.means(name.lower()) or is_alone:
                return Outcome.FAILED, f"{name}: false"
    return None


def _of_metadata(fields: Fields) -> Fields:
    """Return the fields of an object's metadata, in which some clients put codes."""
    inner = [v for n, v in fields.items() if plain(n) in ("metadata", "meta", "responsemetadata")]
    return {
        name: value
        for item in inner
        if isinstance(item, dict)
        for name, value in item.items()
        if plain(name) in EXIT_NAMES or plain(name) == "httpstatuscode"
    }


def _all_words(fields: Fields, *more: str) -> str:
    """Return all explanations of an object, the nearest first."""
    return " ".join(text[:80] for text in (*more, *_whys(fields, (*_WHY, *_ALSO_WHY))))


def _whys(fields: Fields, names: tuple[str, ...]) -> Iterator[str]:
    by_name = {plain(name): value for name, value in fields.items()}
    for name in names:
        value = by_name.get(name)
        if isinstance(value, str) and value.strip():
            yield value


def _shown(value: JsonValue) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
