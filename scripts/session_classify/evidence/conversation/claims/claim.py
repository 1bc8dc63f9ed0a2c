"""A claim: a statement of an effect, and what of the session backs it."""

from enum import StrEnum

import msgspec

from session_classify.evidence.conversation.claims.sentences import Sentence
from session_classify.model import JsonValue


class Backing(StrEnum):
    """How far the session shows a stated effect."""

    WHOLE = "backed"
    HALF = "half backed"
    NOTHING = "backed by nothing"
    OPEN = "cannot be told"
    """A call of unknown kind, or a result that was not recorded, may be the effect."""


class Claim(msgspec.Struct, frozen=True):
    """One sentence of an answer that states an effect."""

    turn: int
    sentence: str
    """As the answer has it."""
    verb: str
    backing: Backing
    by: tuple[str, ...] = ()
    """What shows it: ids of writes (`write1`) or of calls that read a record (`tool4`)."""
    missing: tuple[str, ...] = ()
    """Ids that the sentence names and no confirmed write has, as the answer has them."""
    told: int = 0
    """How many things it says that it is about; 0 where it does not say."""
    made: int = 0
    """How many of them the confirmed writes made."""


class Verdict(msgspec.Struct, frozen=True):
    """What a look at the session gave for one stated effect."""

    backing: Backing
    by: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    told: int = 0
    made: int = 0


class ToldText(msgspec.Struct, frozen=True):
    """One text of a turn by its sentences, with the claims among them by their position."""

    turn: int
    parts: tuple[Sentence, ...]
    claims: dict[int, Claim]


class ToldValue(msgspec.Struct, frozen=True):
    """A value that an answer tells beside a write, and what the write holds."""

    turn: int
    write: str
    field: str
    """Where the write holds it, such as `payment_history[1].amount`."""
    said: str
    stored: JsonValue
    matches: bool
    sentence: str
    agreed: bool = False
    """It was said before the write, and the user agreed to it or said it."""


class Said(msgspec.Struct, frozen=True):
    """What the assistant stated in a session."""

    claims: tuple[Claim, ...] = ()
    """Each sentence that states an effect, with what backs it."""
    values: tuple[ToldValue, ...] = ()
    """Each value told beside a write, with what the write holds: what belongs to it alone."""


NOTHING_SAID = Said()
