"""The closed lists of words that code, templates and references share."""

from enum import StrEnum


class Satisfaction(StrEnum):
    """Whether the user's intent was satisfied."""

    YES = "yes"
    PARTIAL = "partial"
    NO = "no"


class Unit(StrEnum):
    """What one case is about."""

    SESSION = "session"
    TRACE = "trace"


class Protocol(StrEnum):
    """The rules by which a unit is classified and errors are formatted (`protocols.TERMS`).

    Source: `references/sources/rules.md#protocols`.
    """

    LLM_OBS = "llm-obs"
    """Goes on where data is missing, and says so."""
    EVAL = "eval"
    """Stops where data is missing."""


DEFAULT_SITE = "datadoghq.com"
"""The Datadog site where none is configured."""

DATADOG_SITES = (DEFAULT_SITE, "datadoghq.eu", "ddog-gov.com")
"""The domains of Datadog's sites; `us3.datadoghq.com` and the like are below them."""

LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")
"""Names of this machine, to which keys and content may be sent unencrypted."""

WINDOWS = {Unit.SESSION: "90d", Unit.TRACE: "30d"}
"""How far back a unit is searched: `references/sources/rules.md#windows-of-time`."""


class ContentSource(StrEnum):
    """Where a turn's content was read (`references/sources/rules.md#content-sources`)."""

    AGENT_LOOP = "agent_loop"
    MESSAGES = "span_content_messages"
    IO = "span_content_io"
    STRUCTURAL = "structural"


class AppType(StrEnum):
    """The type of an app by its spans' structure (`references/sources/spans.md#app-types`)."""

    AGENT = "agent"
    CHAT = "chat"
    PIPELINE = "pipeline"
    EXPERIMENT = "experiment"
    EMBEDDING = "embedding"


class ToolKind(StrEnum):
    """The effect of a tool call; `unknown` where neither profile nor name tells.

    A `handover` passes the conversation to a person: it changes no record and is not a success.
    """

    READ = "read"
    WRITE = "write"
    CLIENT = "client"
    HANDOVER = "handover"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """How a tool call ended, by its result (`references/sources/rules.md#outcomes`)."""

    CONFIRMED = "confirmed"
    EMPTY = "empty"
    DELEGATED = "delegated"
    BLOCKED = "blocked"
    REJECTED = "rejected"
    """A person was asked and refused."""
    NOT_FOUND = "not found"
    EXPIRED = "expired"
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    WAITING = "waiting"
    """A person was asked and has not answered."""
    UNKNOWN = "unknown"


LEDGER_KINDS = frozenset({ToolKind.WRITE, ToolKind.CLIENT, ToolKind.HANDOVER})
"""Kinds whose calls have an effect outside the conversation: the ledger lists them."""

FAILED_OUTCOMES = frozenset(
    {
        Outcome.BLOCKED,
        Outcome.REJECTED,
        Outcome.NOT_FOUND,
        Outcome.EXPIRED,
        Outcome.FAILED,
    }
)
"""Outcomes after which the write is known not to have happened; `uncertain` is not one of them."""


BAD_OUTCOMES = FAILED_OUTCOMES | {Outcome.UNCERTAIN}
"""Outcomes after which a call may not have had its effect."""


class Tier(StrEnum):
    """The weight of a finding; `fact` is recorded in the trace, `explicit` is feedback.

    Source: `references/sources/rules.md#tiers`.
    """

    A = "A"
    B = "B"
    AMBIGUOUS = "ambiguous"
    EXPLICIT = "explicit"
    FACT = "fact"


class ActionCategory(StrEnum):
    """The kind of a RUM action, whatever an app calls it (`references/sources/rules.md#tiers`)."""

    ABORT = "abort"
    OPEN = "open"
    CLOSE = "close"
    SEND = "send"
    REVEAL = "reveal"
    RENDER = "render"
    ACCEPT = "accept"
    REJECT = "reject"
    REJECT_ALL = "reject all"
    ARTIFACT = "artifact"
    LINK = "link"
    CLIENT_TOOL = "client tool"
    FEEDBACK_POSITIVE = "feedback positive"
    FEEDBACK_NEGATIVE = "feedback negative"
    FEEDBACK_REASON = "feedback reason"
    FEEDBACK_DETAILS = "feedback details"
    FEEDBACK_SUBMIT = "feedback submit"
    OTHER = "other"


class ActionCondition(StrEnum):
    """What must hold besides the name before an action counts in its tier.

    Source: `references/sources/rules.md#tiers`.
    """

    ALWAYS = "always"
    BEFORE_RESPONSE = "before the response completed"
    MID_STREAM = "mid-stream, no reopen within 1 s"
    SOON_ON_OUTPUT = "within 60 s of the end, on the agent's output"
    WHOLE_PLAN = "the whole plan"
    ERROR_STATUS = "with status error"
    AROUND_SESSION = "about a turn of the session"
    NO_FEEDBACK_BEFORE = "unless it comes right after feedback, whose submission it is then"


class Seen(StrEnum):
    """How a profile's source names an action."""

    LITERAL = "literal"
    PATTERN = "pattern"


class Phase(StrEnum):
    """The phase of an event in a session (`references/sources/audit.md#audit-phases`)."""

    PRE = "pre"
    DURING = "during"
    TO_FEEDBACK = "session_end->feedback"
    POST = "post"


RUM_GAP = "partial — web RUM gap on session date"
"""RUM coverage where the user has events at other times alone."""

RUM_NONE = "unavailable — no RUM data for user"
"""RUM coverage where the user has no events in 30 days.

The text of both is fixed: `references/sources/rum.md#rum-coverage`.
"""

RUM_UNASKED = "not asked yet"
"""RUM coverage where an agent has to make the next call."""

NOT_ASKED = "not asked"
"""Coverage of rows that did not come with a session and that nobody queried."""
RUM_EMPTY = "asked around the session, nothing of the user came back"


class RumIdentity(StrEnum):
    """By what a session's RUM events were found, in this order.

    Source: `references/sources/rum.md#rum-users`.
    """

    SESSION_ID = "the session id of the spans, which is a RUM session id"
    AROUND = "the RUM sessions of the user around the first turn"
    USER_ID = "the user id of the spans"
    EMAIL = "the e-mail of the spans"
    NOBODY = "nothing that the spans name"


class Direction(StrEnum):
    """The direction of a finding."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    NEUTRAL = "neutral"


class Actor(StrEnum):
    """Who made a change in the audit trail, as far as its rows show."""

    USER = "user"
    ASSISTANT = "assistant"
    OTHER = "somebody else"
    UNKNOWN = "unknown"


class WriteKind(StrEnum):
    """What a write does to an asset."""

    CREATE = "create"
    MODIFY = "modify"
    DELETE = "delete"


class Confidence(StrEnum):
    """How well the evidence supports the verdict."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class JudgedBy(StrEnum):
    """Who judged the case."""

    AGENT = "agent"
    COMMAND = "command"
    RULES_ONLY = "rules only"


FAILURE_CODES = {
    "wrong_answer": "a claim is factually wrong, or a permitted request was refused",
    "incomplete_answer": "right as far as it went, but parts of the request are missing",
    "broke_existing_state": "something the user had was damaged",
    "excessive_turns": "the goal was reached after too many round-trips",
    "context_loss": "earlier context was forgotten or a mistake repeated",
    "wrong_tool_use": "the wrong tool, or wrong arguments, or an act the app's rules forbid",
    "hallucination": "ids, URLs, facts or effects that no tool result shows",
    "other": "none of these: `other: <describe>`",
}
"""Failure codes and what each covers (`references/sources/rules.md#meaning`)."""

ERROR_CODES = {
    "missing_input": "no id was given",
    "llmobs_not_found": "no span has this id",
    "no_traces_found": "the app has no span in the window",
    "llmobs_content_expired": "the content is past its retention and nothing else is left to read",
    "llmobs_content_masked": "all content is masked and no structural signal is left",
    "rum_unavailable": "the protocol needs RUM, or nothing else is left to read, and there is none",
    "unclassifiable_app_type": "nothing but embedding spans, or a pipeline without content",
}
"""Terminal errors of the output schema (`references/sources/rules.md#protocols`).

`audit_unavailable` is not one of them: it is a flag in the audit coverage.
"""

FINDING_KINDS = tuple(
    """write tool claim end value clock addressed ungrounded expected feedback eval gap rum audit
    near""".split()
)
"""The word before the number in a finding's id, in the order of the digest."""

RECONCILIATION_KINDS = frozenset({"rum", "audit", "near"})
"""Kinds about the user's behaviour, not the conversation: printed last."""

DIGEST_LIMIT = 24_000
"""Characters that a command prints by default: agent clients move over 30,000 to a file."""

REASON_LIMIT = 300
"""Most characters of a verdict's reason."""
