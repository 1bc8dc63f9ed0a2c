"""What a message is made of, whatever shape it was recorded in."""

import msgspec

from session_classify.model import JsonValue


class CallPart(msgspec.Struct, frozen=True):
    """A tool call as the model asked for it."""

    name: str
    arguments: JsonValue
    tool_id: str


class ResultPart(msgspec.Struct, frozen=True):
    """A tool result as the model was given it."""

    name: str
    text: str
    tool_id: str
    is_error: bool = False


class Message(msgspec.Struct, frozen=True):
    """One message of a conversation."""

    role: str
    text: str
    calls: tuple[CallPart, ...] = ()
    results: tuple[ResultPart, ...] = ()
    reasoning: str = ""
    """What the model thought; never part of `text`."""
    media: tuple[str, ...] = ()
    """What of `text` stands for a picture, a recording or a file: `[image]`."""
    unknown: tuple[str, ...] = ()
    """Types of blocks and keys that no table lists, in the order in which they occur."""


class Parts(msgspec.Struct):
    """The parts of a message while it is read."""

    texts: list[str] = []
    reasoning: list[str] = []
    calls: list[CallPart] = []
    results: list[ResultPart] = []
    media: list[str] = []
    unknown: list[str] = []

    def add_call(self, call: CallPart) -> None:
        """Add a call unless the message has it: libraries record one call in two of its keys."""
        if not (call.tool_id and any(_is_same(call, one) for one in self.calls)):
            self.calls.append(call)

    def add_result(self, result: ResultPart) -> None:
        """Add a result unless the message has it."""
        if not (result.tool_id and result in self.results):
            self.results.append(result)

    def add_media(self, name: str) -> None:
        """Name a picture, a recording or a file in the text."""
        self.media.append(name)
        self.texts.append(name)

    def message(self, role: str) -> Message:
        """Return the message that the parts make."""
        return Message(
            role,
            "\n".join(text for text in self.texts if text),
            tuple(self.calls),
            tuple(self.results),
            "\n".join(text for text in self.reasoning if text),
            tuple(self.media),
            tuple(self.unknown),
        )


def _is_same(call: CallPart, other: CallPart) -> bool:
    """Tell whether two parts are one call; gateways may give one id to all calls of a message."""
    ids = (call.tool_id, call.name) == (other.tool_id, other.name)
    return ids and (call.arguments == other.arguments or not (call.arguments and other.arguments))
