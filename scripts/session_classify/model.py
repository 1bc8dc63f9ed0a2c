"""The data model: frozen structs that every stage reads and none changes."""

from datetime import datetime
from typing import Any

import msgspec

from session_classify.masks import MissingParts
from session_classify.vocabulary import (
    NOT_ASKED,
    AppType,
    ContentSource,
    Direction,
    Outcome,
    Tier,
    ToolKind,
    Unit,
)

JsonValue = Any
"""A decoded JSON value. Trace data has no fixed schema, so the type is not narrower."""


class Tokens(msgspec.Struct, frozen=True):
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


class ToolCall(msgspec.Struct, frozen=True):
    """One tool call, joined from the model's request, the result and the span."""

    id: str
    """`tool7`: numbered through the session; verdicts cite the call by it."""
    name: str
    arguments: JsonValue
    result: str | None
    """The whole result as text; None when the trace holds none."""
    error: str | None = None
    """The span's error, or `error` when only its status says so."""
    kind: ToolKind = ToolKind.UNKNOWN
    tool_id: str = ""
    span_id: str = ""
    start: datetime | None = None
    tags: tuple[str, ...] = ()


class Iteration(msgspec.Struct, frozen=True):
    """One LLM call of a turn, with the tool calls that it requested.

    `span_id` is empty for tool spans of a turn whose LLM calls were not recorded.
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


class ContextBlock(msgspec.Struct, frozen=True):
    """Text that the app inserted into the user's message, verbatim."""

    name: str
    text: str


class Evaluation(msgspec.Struct, frozen=True):
    """One evaluation of a span, by a judge or, when `explicit`, by an end user."""

    name: str
    value: JsonValue
    span_id: str
    assessment: str = ""
    status: str = ""
    reasoning: str = ""
    explicit: bool = False
    tags: tuple[str, ...] = ()


class SpanRef(msgspec.Struct, frozen=True):
    """A span's id, name and kind."""

    id: str
    name: str = ""
    kind: str = ""


class OutlineLine(msgspec.Struct, frozen=True):
    """Consecutive similar spans of a turn, `depth` levels below the root."""

    name: str
    kind: str
    depth: int
    status: str = "ok"
    count: int = 1


class Turn(msgspec.Struct, frozen=True):
    """One user message and the assistant's work on it: a trace with a root span."""

    number: int
    trace_id: str
    root: SpanRef
    start: datetime
    end: datetime
    user_text: str | None
    final_text: str | None
    content_source: ContentSource
    why: str = ""
    """Why no better content source was used (`references/sources/rules.md#content-sources`)."""
    agent: SpanRef | None = None
    """The most informative agent span; often the root, None where the app has no agent."""
    expected_text: str | None = None
    """The expected output of an experiment's record."""
    outline: tuple[OutlineLine, ...] = ()
    """The spans by name, for turns where only the structure can be read."""
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
    metadata: dict[str, JsonValue] = msgspec.field(default_factory=dict)
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
        """The number of LLM calls; in a loop every iteration is one, with or without a span."""
        looped = self.content_source is ContentSource.AGENT_LOOP
        return sum(looped or bool(iteration.span_id) for iteration in self.iterations)


class Identity(msgspec.Struct, frozen=True):
    """The user's ids in the spans' tags: hints for correlation, never proof."""

    user_handle: str = ""
    user_id: str = ""
    usr_id: str = ""
    account_id: str = ""
    org_id: str = ""
    rum_session_ids: tuple[str, ...] = ()


class SystemPrompt(msgspec.Struct, frozen=True):
    """A system prompt (the app's rules) and the turn in which it was first seen."""

    text: str
    first_turn: int


class ToolDefinition(msgspec.Struct, frozen=True):
    """A tool that the app offered to the model."""

    name: str
    description: str = ""


class Session(msgspec.Struct, frozen=True):
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


class Coverage(msgspec.Struct, frozen=True):
    """What could not be read and what was missing; missing data is never evidence."""

    rows: int = 0
    unreadable: tuple[str, ...] = ()
    """One line a row that did not parse: file, line number, reason."""
    truncated: tuple[str, ...] = ()
    """One line an answer that says of itself that it is cut: there is more where it came from."""
    notes: tuple[str, ...] = ()
    next_calls: tuple[str, ...] = ()
    """Calls that would fetch missing content."""
    rum: str = NOT_ASKED
    """How much of the user's behaviour is known (`references/sources/rum.md#rum-coverage`)."""
    rum_by: str = ""
    """By what the events were matched to the user."""
    audit: str = NOT_ASKED
    evaluations_asked: bool = True
    """Whether evaluations would be there if there were any."""
    is_expired: bool = False
    """A server answered 404 for a span."""

    @property
    def looked_around(self) -> bool:
        """Whether RUM, audit trail or neighbours were queried, or it is known why not."""
        return {self.rum, self.audit} != {NOT_ASKED}


def kind_of(name: str) -> str:
    """Return the kind in an id: `write` of `write12`."""
    return name.rstrip("0123456789")


class Finding(msgspec.Struct, frozen=True):
    """One observation, with the id by which a verdict cites it."""

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
    rows: tuple[str, ...] = ()
    """Ids of the RUM events that it is about."""
    outcome: Outcome | None = None
    needs_reading: bool = False
    """Only a reader can confirm it."""
