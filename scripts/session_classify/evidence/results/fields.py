"""How an object's fields say that its call ended: by the rows of `rows`.

In goes a decoded object without its wrappers, and what the call asked for; out come an outcome and
the field that told it, or None where no field speaks.
"""

from collections.abc import Iterator

from session_classify.evidence.results.rows import BAD, GOOD, Reach, Row
from session_classify.evidence.results.signs import Asked, Field
from session_classify.evidence.results.text import refine, short
from session_classify.evidence.results.values import (
    EXIT_NAMES,
    exit_code,
    http_status,
)
from session_classify.evidence.results.words import DONE
from session_classify.evidence.results.wrappers import Fields, plain
from session_classify.model import JsonValue
from session_classify.vocabulary import BAD_OUTCOMES, Outcome

Told = tuple[Outcome, str]
"""An outcome, and what told it."""

ABOUT_THE_CALL = frozenset(
    """code status statuscode statustext httpstatus httpstatuscode httpcode responsecode message msg
    detail details error err errors errormessage errormsg errmsg errcode errorcode errortype
    errordescription errno reason title type success succeeded issuccess ok result outcome state
    requestid traceid correlationid timestamp instance path method url hint help documentationurl
    docurl stdout stderr out output exitcode returncode rc exitstatus exit ret retcode signal killed
    interrupted isimage timedout command cmd args argv duration durationms durationseconds elapsed
    stack stacktrace trace cause syscall retryable retryafter needed provided responsemetadata
    warnings metadata meta headers domain locations extensions fault faultcode faultstring
    description param hostid resource iserror decision approved action codename nooutputexpected
    grpcstatus grpcmessage failed exception failure __typename __type @type field usererrors by
    feedback comment reviewer approver resultcode resultmessage returnmsg approval approvalstatus
    userdecision behavior permission""".split()
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
    for row in BAD:
        for name in _named(row, flat):
            found = _reaches(row, name, flat, asked) and row.test(Field(flat[name], flat, asked))
            if found:
                return _told(name, flat, found, said)
    if told := _undone(flat, asked):
        return told
    for row in GOOD:
        for name in _named(row, flat):
            if row.test(Field(flat[name], flat, asked)):
                return Outcome.CONFIRMED, f"{name}: {_shown(flat[name])}"
    return _made(fields, asked)


def _named(row: Row, fields: Fields) -> list[str]:
    return [name for name in fields if plain(name) in row.names]


def _told(name: str, fields: Fields, found: Outcome | bool, said: str) -> Told:
    """Name the field with its value and the nearest explanation; the words tell the kind."""
    value = fields[name]
    why = next(_whys(fields, (*_WHY, *_ALSO_WHY)), said)
    also = f", {short(why)}" if why and why != value else ""
    told = f"{name}: {_shown(value)}{also}"
    if isinstance(found, Outcome):
        return found, told
    words = [why, told, said, *_whys(fields, (*_WHY, *_ALSO_WHY))]
    return refine(" ".join(text[:80] for text in words)), told


def is_bad(told: Told | None) -> bool:
    """Tell whether an outcome was told, and is one of a failure."""
    return told is not None and told[0] in BAD_OUTCOMES


def only_words(fields: Fields) -> str:
    """Return what an object says that holds nothing but an explanation; empty for any other."""
    left = {name: v for name, v in fields.items() if not (v is False and DONE.fullmatch(name))}
    return next(_whys(left, _WHY), "") if left and is_about_the_call(left) else ""


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


def _reaches(row: Row, name: str, fields: Fields, asked: Asked) -> bool:
    value = fields[name]
    if row.unless_set and str(value).casefold() in asked.values:
        return False
    if row.reach is Reach.ANY:
        return True
    if row.reach is not Reach.ALONE and asked.strict:
        return True
    others = {key: item for key, item in fields.items() if key != name}
    return row.reach is not Reach.WRITE and is_about_the_call(
        others, asked if row.reach is Reach.ANSWER else None
    )


def _undone(fields: Fields, asked: Asked) -> Told | None:
    """Return the flag of an effect that was not made: `deleted: false` of `delete_order`.

    A record may hold such a flag as well, `completed: false` of a new task, so it counts where the
    tool is for that effect, or where nothing else is in the object.
    """
    if not asked.strict:
        return None
    for name, value in fields.items():
        if value is False and DONE.fullmatch(name):
            others = {key: item for key, item in fields.items() if key != name}
            is_alone = is_about_the_call(others) and not name.lower().startswith("cancel")
            if asked.means(name.lower()) or is_alone:
                return Outcome.FAILED, f"{name}: false"
    return None


_OF_OTHERS = ("rejected", "cancelled", "canceled")
"""Effects that are one only of the tool that is for them."""


def _made(fields: Fields, asked: Asked) -> Told | None:
    """Return a flag, a count or a list of an effect that was made: `deleted: true`."""
    for name, value in fields.items():
        is_made = value is True or (
            not isinstance(value, str) and ((exit_code(value) or 0) > 0 or (value and value != {}))
        )
        is_own = name.lower() not in _OF_OTHERS or asked.means(name.lower())
        if is_made and is_own and not isinstance(value, dict) and DONE.fullmatch(name):
            return Outcome.CONFIRMED, f"{name}: {_shown(value)}"
    return None


def _of_metadata(fields: Fields) -> Fields:
    """Return the codes of an object's metadata, where some clients put them."""
    inner = [v for n, v in fields.items() if plain(n) in ("metadata", "meta", "responsemetadata")]
    return {
        name: value
        for item in inner
        if isinstance(item, dict)
        for name, value in item.items()
        if plain(name) in EXIT_NAMES
        or (plain(name) in ("httpstatuscode", "statuscode", "status") and http_status(value))
    }


def _whys(fields: Fields, names: tuple[str, ...]) -> Iterator[str]:
    by_name = {plain(name): value for name, value in fields.items()}
    for name in names:
        value = by_name.get(name)
        if isinstance(value, str) and value.strip():
            yield value


def _shown(value: JsonValue) -> str:
    return short(str(value).lower() if isinstance(value, bool) else str(value))
