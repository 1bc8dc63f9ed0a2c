"""A result without its envelope, and what was opened on the way to it."""

from dataclasses import dataclass, field
from typing import Any

from session_classify.wire.answers.encodings import Budget


@dataclass(frozen=True, slots=True)
class Payload:
    """A result without its envelope, not decoded yet."""

    name: str
    """The file, or `-`."""
    envelope: str
    """What the result was found in, in words."""
    data: bytes
    """JSON, or text where `is_json` is false: a table, or what a server said instead."""
    is_json: bool
    arguments: dict[str, Any] = field(default_factory=dict)
    """What the tool was asked that this answers, where the envelope says it."""


@dataclass(frozen=True, slots=True)
class Around:
    """What was opened on the way to some bytes: names of envelopes, how many, the call's input."""

    budget: Budget
    words: tuple[str, ...] = ()
    depth: int = 0
    arguments: dict[str, Any] = field(default_factory=dict)

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
        return Around(self.budget, told, self.depth + 1, arguments or self.arguments)

    def payload(self, words: str, data: bytes, *, is_json: bool) -> Payload:
        """Return a result with these words for its envelope."""
        return Payload(self.name, words, data, is_json, self.arguments)
