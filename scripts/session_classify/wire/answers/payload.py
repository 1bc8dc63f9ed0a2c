"""A result without its envelope, and what was opened on the way to it."""

from typing import Any

import msgspec
from msgspec.structs import replace

from session_classify.wire.answers.encodings import Budget


class Payload(msgspec.Struct, frozen=True):
    """A result without its envelope, not decoded yet."""

    name: str
    """The file, or `-`."""
    envelope: str
    """What the result was found in, in words."""
    data: bytes
    """JSON, or text where `is_json` is false: a table, or what a server said instead."""
    is_json: bool
    arguments: dict[str, Any] = msgspec.field(default_factory=dict)
    """What the tool was asked that this answers, where the envelope says it."""
    is_part: bool = False
    """Whether its file holds other things beside it: a conversation, requests, lines of a shell."""


class Around(msgspec.Struct, frozen=True):
    """What was opened on the way to some bytes: names of envelopes, how many, the call's input."""

    budget: Budget
    words: tuple[str, ...] = ()
    depth: int = 0
    arguments: dict[str, Any] = msgspec.field(default_factory=dict)
    is_part: bool = False

    @property
    def name(self) -> str:
        """The file, or `-`."""
        return self.budget.name

    def said(self, default: str) -> str:
        """Return the envelopes in words; `default` where there is none."""
        return ", ".join(self.words) or default

    def inside(
        self, words: str, default: str = "", arguments: dict[str, Any] | None = None
    ) -> "Around":
        """Return what is around the bytes in one envelope more; `default` says what has none."""
        told = (*(self.words or ((default,) if default else ())), words)
        asked = arguments or self.arguments
        return replace(self, words=told, depth=self.depth + 1, arguments=asked)

    def part(self) -> "Around":
        """Return what is around a part of a file that holds other things, too."""
        return replace(self, is_part=True)

    def payload(self, words: str, data: bytes, *, is_json: bool) -> Payload:
        """Return a result with these words for its envelope."""
        return Payload(self.name, words, data, is_json, self.arguments, self.is_part)
