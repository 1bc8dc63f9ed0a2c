"""Every closed list of words that code, templates and references share, held once."""

from enum import StrEnum


class Satisfaction(StrEnum):
    """Whether what the user wanted was done."""

    YES = "yes"
    PARTIAL = "partial"
    NO = "no"


class Unit(StrEnum):
    """What one case is about."""

    SESSION = "session"
    TRACE = "trace"


class Protocol(StrEnum):
    """By whose rules a unit is classified and told (`protocols.TERMS`)."""

    LLM_OBS = "llm-obs"
    """Seed 002: goes on where data is missing, and says so."""
    EVAL = "eval"
    """Seed 001: stops where data is missing."""


DEFAULT_SITE = "datadoghq.com"
"""The Datadog site where nothing names another."""

DATADOG_SITES = (DEFAULT_SITE, "datadoghq.eu", "ddog-gov.com")
"""The domains of Datadog's sites; `us3.datadoghq.com` and the like are below them."""

LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")
"""Names of this machine, to which keys and content may go without encryption."""

WINDOWS = {Unit.SESSION: "90d", Unit.TRACE: "30d"}
"""How far back a unit is looked for; every call defaults to an hour or a day (pup, Commands)."""


class ContentSource(StrEnum):
    """Where a turn's conversation was read (seed 002, content retrieval cascade C1 to C4)."""

    AGENT_LOOP = "agent_loop"
    MESSAGES = "span_content_messages"
    IO = "span_content_io"
    STRUCTURAL = "structural"


class AppType(StrEnum):
    """What an app is, as the structure of its spans tells (seed 002, T1 and M1)."""

    AGENT = "agent"
    CHAT = "chat"
    PIPELINE = "pipeline"
    EXPERIMENT = "experiment"
    EMBEDDING = "embedding"


class ToolKind(StrEnum):
    """What a tool call does to the world; `unknown` where neither profile nor name tells.

    A `handover` passes the conversation to a person: it changes no record, and is no success by
    itself.
    """

    READ = "read"
    WRITE = "write"
    CLIENT = "client"
    HANDOVER = "handover"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """How a tool call ended, as far as its result tells."""

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
"""Kinds whose calls have an effect outside the conversation, so that the ledger lists them."""

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
"""Outcomes after which a call may not have done what it was for."""


class Tier(StrEnum):
    """How much a finding may weigh; `fact` is read off the trace, `explicit` is the user's word."""

    A = "A"
    B = "B"
    AMBIGUOUS = "ambiguous"
    EXPLICIT = "explicit"
    FACT = "fact"


class ActionCategory(StrEnum):
    """What a RUM action is, whatever an app calls it (seed 002, signal interpretation)."""

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
    """What must hold besides the name before an action counts in its tier (seed 002, tier A)."""

    ALWAYS = "always"
    BEFORE_RESPONSE = "before the response completed"
    MID_STREAM = "mid-stream, no reopen within 1 s"
    SOON_ON_OUTPUT = "within 60 s of the end, on the agent's output"
    WHOLE_PLAN = "the whole plan"
    ERROR_STATUS = "with status error"
    AROUND_SESSION = "about a turn of the session"


class Seen(StrEnum):
    """How a profile's source names an action."""

    LITERAL = "literal"
    PATTERN = "pattern"


class Phase(StrEnum):
    """When something happened, seen from the session (seed 002, step 4b)."""

    PRE = "pre"
    DURING = "during"
    TO_FEEDBACK = "session_end->feedback"
    POST = "post"


RUM_GAP = "partial — web RUM gap on session date"
"""RUM coverage where the user has events at other times alone (seed 002, step 4, to the letter)."""

RUM_NONE = "unavailable — no RUM data for user"
"""RUM coverage where the user has none in 30 days (seed 002, step 4, to the letter)."""

NOT_RECORDED = "none recorded"
"""What is said of rows that did not come with a session and that nobody could be asked for."""


class RumIdentity(StrEnum):
    """By what a session's RUM events were found (issue 7, in this order)."""

    SESSION_ID = "the session id of the spans, which is a RUM session id"
    AROUND = "the RUM sessions of the user around the first turn"
    USER_ID = "the user id of the spans"
    EMAIL = "the e-mail of the spans"
    NOBODY = "nothing that the spans name"


class Direction(StrEnum):
    """Which way a finding points."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    NEUTRAL = "neutral"


class Actor(StrEnum):
    """Who made a change that the audit trail shows, as far as its rows tell."""

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
    """How far the evidence carries the verdict."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class JudgedBy(StrEnum):
    """Who read the case."""

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
"""Failure mode codes (seed 002, step 5; what each covers: architecture, Judging 3)."""

ERROR_CODES = {
    "missing_input": "no id was given",
    "llmobs_not_found": "no span has this id",
    "llmobs_content_expired": "the content is past its retention and nothing else is left to read",
    "llmobs_content_masked": "all content is masked and no structural signal is left",
    "rum_unavailable": "the protocol needs RUM, or nothing else is left to read, and there is none",
    "unclassifiable_app_type": "nothing but embedding spans, or a pipeline without content",
}
"""Terminal errors (seed 002, error output schema).

`audit_unavailable` is none of them: it is a flag in the coverage of the audit trail.
"""

FINDING_KINDS = (
    "write",
    "tool",
    "claim",
    "ungrounded",
    "expected",
    "feedback",
    "eval",
    "gap",
    "rum",
    "audit",
    "near",
)
"""The word before the number in a finding's id, in the order in which a digest prints them."""

RECONCILIATION_KINDS = frozenset({"rum", "audit", "near"})
"""Kinds that speak of what the person did, not of the conversation: printed last."""

MASKS = ("<REDACTED_INPUT>", "<MASKED_STREAMING_RESPONSE>", "REDACTED")
"""What stands in place of content that a feature flag hides (contracts, seed-002-blanks)."""

DIGEST_LIMIT = 24_000
"""Characters that a command prints by default: agent clients put more than 30,000 into a file."""

REASON_LIMIT = 300
"""Characters of a verdict's one-sentence reason."""
