"""The nouns: plain frozen structs that every stage reads and none changes."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from session_classify.masks import MissingParts
from session_classify.vocabulary import (
    NOT_RECORDED,
    AppType,
    ContentSource,
    Direction,
    Outcome,
    Tier,
    ToolKind,
    Unit,
)

JsonValue = Any
"""A decoded JSON value. Trace data has no schema of ours, so the type says no more than that."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Token counts of one model call, or the sum over several; `cache_read` is part of `input`."""

    input: int = 0
    output: int = 0
    cache_read: int = 0

    def __add__(self, other: "Tokens") -> "Tokens":
        return Tokens(
            self.input + other.input,
            self.output + other.output,
            self.cache_read + other.cache_read,
        )


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call of a tool, joined from the model's request, the result it was given and the span."""

    id: str
    """`tool7`: numbered through the session, the word by which a verdict cites the call."""
    name: str
    arguments: JsonValue
    result: str | None
    """The whole result as text; None when the trace holds no answer."""
    error: str | None = None
    """The span's error, or `error` when its status says no more."""
    kind: ToolKind = ToolKind.UNKNOWN
    tool_id: str = ""
    span_id: str = ""
    start: datetime | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Iteration:
    """One model call of a turn, with the tool calls that it asked for.

    `span_id` is empty for tool spans of a turn whose model calls were not recorded.
    """

    number: int
    span_id: str
    text: str
    tool_calls: tuple[ToolCall, ...]
    model: str = ""
    status: str = "ok"
    stop_reason: str = ""
    error: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    tokens: Tokens = Tokens()
    tags: tuple[str, ...] = ()
    reasoning: str = ""
    """What the model thought and did not say: no claim, no source of an id, no answer."""


@dataclass(frozen=True, slots=True)
class ContextBlock:
    """Text that the app put into the user's message; verbatim, because its format is the app's."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One judge's word on a span, or an end user's when `explicit`."""

    name: str
    value: JsonValue
    span_id: str
    assessment: str = ""
    status: str = ""
    reasoning: str = ""
    explicit: bool = False
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SpanRef:
    """A span by its id, with what the app calls it."""

    id: str
    name: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class OutlineLine:
    """Spans of a turn that look alike and follow each other, `depth` levels below the root."""

    name: str
    kind: str
    depth: int
    status: str = "ok"
    count: int = 1


@dataclass(frozen=True, slots=True)
class Turn:
    """One user message and all that the assistant did about it: a trace with a root span."""

    number: int
    trace_id: str
    root: SpanRef
    start: datetime
    end: datetime
    user_text: str | None
    final_text: str | None
    content_source: ContentSource
    why: str = ""
    """Why the content was read there and not at a better place (seed 002, cascade)."""
    agent: SpanRef | None = None
    """The agent span that says most; often the root, and none where the app has no agent."""
    expected_text: str | None = None
    """What an experiment's record wants the output to be."""
    outline: tuple[OutlineLine, ...] = ()
    """The spans by name, where structure is all that there is to read."""
    iterations: tuple[Iteration, ...] = ()
    context: tuple[ContextBlock, ...] = ()
    status: str = "ok"
    error: str | None = None
    stop_reason: str = ""
    truncated: bool = False
    masked: bool = False
    """Some content of this turn stands behind a mask (`masks.PLACEHOLDERS`)."""
    missing: tuple[MissingParts, ...] = ()
    """What of this turn is not there, by reason; masks are among it."""
    models: tuple[str, ...] = ()
    tokens: Tokens = Tokens()
    evaluations: tuple[Evaluation, ...] = ()
    tags: tuple[str, ...] = ()
    metadata: dict[str, JsonValue] = field(default_factory=dict)
    media: tuple[str, ...] = ()
    """Pictures, recordings and files that its texts only name, as `[image]`."""
    unknown: tuple[str, ...] = ()
    """Blocks and keys of its messages that nothing reads: `block computer_screen`, `key notes`."""

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """Every tool call of the turn, in the order of the iterations."""
        return tuple(call for iteration in self.iterations for call in iteration.tool_calls)

    @property
    def model_calls(self) -> int:
        """The number of model calls; a loop's iterations are all of them, spans or not."""
        looped = self.content_source is ContentSource.AGENT_LOOP
        return sum(looped or bool(iteration.span_id) for iteration in self.iterations)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the user is, as the spans' tags say; a correlation hint, never proof."""

    user_handle: str = ""
    user_id: str = ""
    usr_id: str = ""
    account_id: str = ""
    org_id: str = ""
    rum_session_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SystemPrompt:
    """A system prompt: the app's rules, with the turn in which they were first seen."""

    text: str
    first_turn: int


@dataclass(frozen=True, slots=True)
class ToolDefinition:
    """A tool that the app offered to the model."""

    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """A conversation; a single trace is a session of one turn with `unit: trace`."""

    id: str
    unit: Unit
    ml_app: str
    turns: tuple[Turn, ...]
    app_type: AppType = AppType.AGENT
    identity: Identity = Identity()
    product_area: str = ""
    system_prompts: tuple[SystemPrompt, ...] = ()
    tools: tuple[ToolDefinition, ...] = ()
    links: tuple[str, ...] = ()

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """Every tool call of the session, in order."""
        return tuple(call for turn in self.turns for call in turn.tool_calls)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What could not be read, and what was not there; missing data is never evidence."""

    rows: int = 0
    unreadable: tuple[str, ...] = ()
    """One line a row that did not parse: file, line number, reason."""
    truncated: tuple[str, ...] = ()
    """One line an answer that says of itself that it is cut: there is more where it came from."""
    notes: tuple[str, ...] = ()
    next_calls: tuple[str, ...] = ()
    """Calls that would bring content which is missing and can still be fetched."""
    rum: str = NOT_RECORDED
    """How much of what the person did is known (seed 002, step 4)."""
    rum_by: str = ""
    """By what the events were found to be theirs."""
    audit: str = NOT_RECORDED
    is_expired: bool = False
    """A server did not know a span any more (404)."""

    @property
    def looked_around(self) -> bool:
        """Whether anything is known of what happened around the session, or why nothing is."""
        return {self.rum, self.audit} != {NOT_RECORDED}


def kind_of(name: str) -> str:
    """Return the word before the number of an id: `write` of `write12`."""
    return name.rstrip("0123456789")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the evidence shows, with the id by which a verdict cites it."""

    id: str
    rule: str
    tier: Tier
    direction: Direction
    summary: str
    turn: int | None = None
    instant: datetime | None = None
    quote: str = ""
    calls: tuple[str, ...] = ()
    """Ids of the tool calls that it is about."""
    outcome: Outcome | None = None
    needs_reading: bool = False
    """Only a reader can tell whether it is so."""
