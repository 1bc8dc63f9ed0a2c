"""What backs a stated effect: confirmed writes of its kind and object, or a record that shows it.

Source: `references/sources/rules.md#claims`.
"""

from dataclasses import dataclass, field

import msgspec

from session_classify.evidence.conversation.claims.claim import Backing, Verdict
from session_classify.evidence.conversation.claims.effects import ANY, Words
from session_classify.evidence.conversation.claims.line import tokens_of
from session_classify.evidence.conversation.claims.objects import (
    Count,
    Facts,
    Known,
    Schema,
    capacity,
    count_of,
    form_of,
    ids_of,
    is_telling,
)
from session_classify.evidence.conversation.claims.records import Records, is_cut, spellings
from session_classify.evidence.conversation.claims.stated import Stated
from session_classify.evidence.conversation.ledger import Write
from session_classify.vocabulary import Outcome, ToolKind


class Named(msgspec.Struct, frozen=True):
    """What a statement names besides its verb."""

    ids: tuple[str, ...]
    count: Count | None
    objects: frozenset[str]
    """Stems of the words that say what it was done to."""
    about: tuple[str, ...] = ()
    """Ids in the same line before it: what it is about if it names nothing itself."""


class Around(msgspec.Struct, frozen=True):
    """What stands around a statement."""

    items: tuple[str, ...]
    """The items of the list that it leads."""
    before: str
    """What its line says before it."""


@dataclass(slots=True)
class History:
    """The session up to the end of a turn."""

    words: Words
    writes: list[Write] = field(default_factory=list)
    schema: Schema = field(default_factory=Schema)
    records: Records = field(default_factory=Records)
    facts: dict[str, Facts] = field(default_factory=dict)
    known: Known = field(init=False)

    def __post_init__(self) -> None:
        self.known = Known(self.schema.words)

    def of(self, write: Write) -> Facts:
        """Return what claims are held against of a write, made once."""
        if write.id not in self.facts:
            self.facts[write.id] = Facts(write, self.words.of_tool(write.call.name))
        return self.facts[write.id]


def named_by(text: str, stated: Stated, around: Around, history: History) -> Named:
    """Return the ids, the count and the objects of a statement and of the list that it leads."""
    begin, end = stated.clause
    subject = text[stated.subject[0] : stated.subject[1]]
    every = history.schema.every_id
    ids = [key for part in (text[begin:end], *around.items) for key in ids_of(part, every)]
    objects = {name for token in tokens_of(subject) for name in history.known.by(token.word)}
    about = tuple(ids_of(around.before, every))
    named = tuple(dict.fromkeys(ids))
    return Named(named, count_of(subject, history.known), frozenset(objects), about)


def back(stated: Stated, named: Named, turn: int, history: History, fresh: bool) -> Verdict:
    """Hold a stated effect against the writes so far and the records that were read.

    `fresh` tells that the user has just asked for it, so that a write of an earlier turn, which was
    told then, is not what the sentence speaks of unless it names the same thing.
    """
    able = [write for write in history.writes if _may_have(stated, write, history)]
    able = _of_the_object(stated, named, able, history)
    ids = _relevant(named, able, history)
    able = _of_the_line(stated, named, able, history) if not ids else able
    own = [write for write in able if write.turn == turn]
    if not ids and (own or fresh) and named.count is None:
        able = own
    made = [write for write in able if is_made(write)]
    if made:
        verdict = _by_ids(ids, made, history) if ids else Verdict(Backing.WHOLE)
        if verdict.backing is Backing.WHOLE:
            verdict = _by_count(named.count, made, able, history, verdict.by)
        if verdict.backing is not Backing.NOTHING:
            return verdict
    recounted = not fresh and not stated.is_success and not any(w.turn == turn for w in able)
    shown = history.records.showing(stated, named.ids, trust_cut=recounted)
    if shown and not stated.own:
        return Verdict(Backing.WHOLE, shown)
    if any(_is_unrecorded(write) for write in able):
        return Verdict(Backing.OPEN, tuple(write.id for write in able))
    return Verdict(Backing.NOTHING, missing=tuple(ids) or named.ids)


def _may_have(stated: Stated, write: Write, history: History) -> bool:
    """Tell whether a write's tool has the effect, or its record shows that it did."""
    facts = history.of(write)
    if facts.verbs & stated.kind.tools:
        return True
    if write.call.kind is ToolKind.HANDOVER:
        return False
    # A tool whose name tells no effect may have any: `call_api`, `declare_incident`.
    if ANY in stated.kind.tools or not facts.verbs & history.words.verbs:
        return not _is_other_method(stated, write)
    if spellings(stated.verb) & facts.whole:
        return True
    return bool(stated.kind.money) and _moves_money(write, history)


_METHODS = {"DELETE": "delete", "POST": "create", "PUT": "update", "PATCH": "update"}


def _is_other_method(stated: Stated, write: Write) -> bool:
    """Tell whether a call of an HTTP API has a method that cannot have the effect."""
    arguments = write.call.arguments
    method = arguments.get("method") if isinstance(arguments, dict) else None
    verb = _METHODS.get(method.upper()) if isinstance(method, str) else None
    others = {_METHODS[name] for name in _METHODS} & stated.kind.tools
    return verb is not None and bool(others) and verb not in others


_MONEY = ("payment", "refund", "charge", "amount")


def _moves_money(write: Write, history: History) -> bool:
    """Tell whether a write names a payment, or its record does and nobody knows what was before."""
    texts = history.of(write)
    if is_cut(write.call.result, write.data):
        return True  # what it moved may stand behind the cut
    words = texts.asked if write.compared_with else texts.whole
    return bool(write.charged or write.asked) or _names_money(words)


def _names_money(words: frozenset[str]) -> bool:
    return any(word.startswith(_MONEY) for word in words)


def _of_the_object(
    stated: Stated, named: Named, able: list[Write], history: History
) -> list[Write]:
    """Return the writes that touched what the statement is about, for a change of a part.

    A booking's bags are not changed by a call that has no field for them. Words that no tool and no
    field of the session has prove nothing, nor do those that every record has.
    """
    part = stated.kind.is_change or stated.kind.tools & {"add", "set"}
    if not named.objects or not part or stated.kind.money:
        return able
    return [write for write in able if named.objects & history.of(write).touched]


def _of_the_line(stated: Stated, named: Named, able: list[Write], history: History) -> list[Write]:
    """Return the writes that a statement without an id means: of its line, or with a payment."""
    about = [w for w in able if history.of(w).asked.intersection(named.about)]
    if about or not stated.kind.money:
        return about or able
    paying = [w for w in able if _names_money(history.of(w).asked)]
    return paying if any(map(is_made, paying)) else able


def is_made(write: Write) -> bool:
    """Tell whether a write is confirmed, or answered with a record of which the end is missing."""
    return write.outcome is Outcome.CONFIRMED or (
        write.outcome is Outcome.UNKNOWN and is_cut(write.call.result, write.data)
    )


def _is_unrecorded(write: Write) -> bool:
    """Tell whether a write was answered and nobody knows how it ended."""
    answered = write.outcome is Outcome.UNKNOWN and bool((write.call.result or "").strip())
    return answered and not is_made(write)


def _by_ids(ids: list[str], made: list[Write], history: History) -> Verdict:
    """Return whether each thing that is named has a confirmed write."""
    found = {key: _having(key, made, history) for key in ids}
    missing = tuple(key for key, writes in found.items() if not writes)
    by = [write for write in made if any(write in writes for writes in found.values())]
    if not by:
        return Verdict(Backing.NOTHING, missing=missing)
    if missing:
        return _half(by, missing, len(ids), len(ids) - len(missing))
    return Verdict(Backing.WHOLE, tuple(write.id for write in by))


def _having(key: str, writes: list[Write], history: History) -> list[Write]:
    """Return the writes that were asked for an id.

    Those whose record has it count where none is asked for ids of its field: a customer's record
    lists orders that nothing was done to.
    """
    asked = [write for write in writes if key in history.of(write).asked]
    fields = {name for name, keys in history.schema.ids.items() if key in keys}
    if asked or any(name in fields for write in writes for name, _ in history.of(write).ids):
        return asked
    return [write for write in writes if key in history.of(write).whole]


def _half(by: list[Write], missing: tuple[str, ...], told: int, done: int) -> Verdict:
    return Verdict(Backing.HALF, tuple(write.id for write in by), missing, told, done)


def _relevant(named: Named, able: list[Write], history: History) -> list[str]:
    """Return the named ids that are such as the writes are about: in a write, or of its fields."""
    own = {pair for write in able for pair in history.of(write).ids}
    of_fields = {key for name in {n for n, _ in own} for key in history.schema.ids.get(name, ())}
    forms = {form_of(key) for _, key in own}
    return [
        key
        for key in named.ids
        if key in of_fields
        or any(key in history.of(write).whole for write in able)
        or (form_of(key) in forms and (is_telling(key) or history.records.lists(key)))
    ]


def _by_count(
    count: Count | None,
    made: list[Write],
    able: list[Write],
    history: History,
    explicit: tuple[str, ...],
) -> Verdict:
    """Return whether the writes are as many as the answer says.

    Where it names each thing (`explicit` are their writes), "all" is wrong only beside a failure.
    """
    by = tuple(write.id for write in made)
    if count is None:
        return Verdict(Backing.WHOLE, explicit or by)
    targets = {history.of(write).target: write for write in made}
    failed = {
        history.of(w).target for w in able if w.failed and w.turn == made[-1].turn
    } - targets.keys()
    if explicit and (count.number or not failed):
        return Verdict(Backing.WHOLE, explicit)
    sizes = [capacity(write, count) for write in targets.values()]
    if any(size is None for size in sizes):
        return Verdict(Backing.WHOLE, by)
    done, number = sum(size or 0 for size in sizes), count.number
    if not number and failed:
        number = done + len(failed)
    if not number and all(size == 1 for size in sizes):
        pairs = {pair for write in made for pair in history.of(write).ids}
        bare = history.records.number_of(count.noun, made[-1].turn) if count.is_bare else 0
        number = bare or history.records.alike(pairs, count.which)
    if number and done < number:
        return _half(made, (), number, done)
    return Verdict(Backing.WHOLE, by)
