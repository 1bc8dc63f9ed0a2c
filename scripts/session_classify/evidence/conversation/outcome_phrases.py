"""Phrases at the head of a text by which tools, programs and people say how a call ended.

Each row is one family of phrases with its source; the sections are those of
references/sources/outcomes.md. A phrase is matched at the head of the text only, so that what a
result quotes or lists tells nothing.
"""

import re
from dataclasses import dataclass

from session_classify.vocabulary import Outcome


@dataclass(frozen=True, slots=True)
class Phrase:
    """One family of phrases."""

    source: str
    pattern: re.Pattern[str]
    outcome: Outcome | None = None
    """What it says; None where the words behind it tell the kind of failure."""
    strict: bool = False
    """It counts for calls that change something: a read may report it of something else."""
    counts: bool = False
    """The words may also begin a statistic: "Failed logins: 17" is none of these."""
    unless: tuple[str, ...] = ()
    """Words of a tool's name that make the phrase a success of that tool."""


def _phrase(
    source: str,
    pattern: str,
    outcome: Outcome | None = None,
    *,
    strict: bool = False,
    counts: bool = False,
    unless: str = "",
) -> Phrase:
    compiled = re.compile(r"\A\W{0,4}(?:" + pattern + ")", re.IGNORECASE)
    return Phrase(source, compiled, outcome, strict, counts, tuple(unless.split()))


_END = r"(?=\s{0,3}(?:[:.,;!({\n\[\u2013\u2014-]|\Z)|\s(?:because|due|with|after|by|since|as|for|on)\b)"
"""What follows a word that is a whole statement: punctuation, the end, or a reason."""
_CODE = r"([1-5]\d\d)(?![\d.]*\d|\w|s\b)"
_BAD_CODE = r"([45]\d\d)(?![\d.]*\d|\w)"
_NOT_COUNTED = r"(?!\s(?:responses?|errors?|requests?|count|rate|status|events?|logs?|calls?)\b)"
"""A status that is counted is a statistic: `HTTP 404 responses fell`."""
_USER = r"(?:the |a |an )?(?:user|human|person|operator|reviewer|approver|human reviewer|admin)"
_CALL = (
    "action|tool|tool call|tool use|tool execution|request|operation|call|command|execution|"
    "task|step|query|connection|function|function call|api call|api request|process|job|login|"
    "authentication|authorization|validation|fetch|upload|download"
)

EXITS = (
    _phrase("mini-swe-agent", r"returncode>\s*(-?\d{1,9})\s*</returncode>"),
    _phrase(
        "shells and agent tools",
        r"(?:exit|return)(?:ed)?[ _-]?(?:code|status|value)\s?[:=]?\s?\(?(-?\d{1,9})\b"
        r"|exit (-?\d{1,9})\b|(?:rc|returncode|exitcode|retcode)\s?[:=]\s?(-?\d{1,9})\b",
    ),
    _phrase(
        "shells and agent tools",
        r"(?:the )?(?:process|command|script|program|shell|job)(?: has)? (?:exited|failed|returned|"
        r"terminated|finished|completed|ended)(?: with)?(?: an?)?(?: non-?zero)?(?: exit| return)?"
        r"(?: status)?(?: code| status| value)?\s?[:=]?\s?\(?(-?\d{1,9})\b",
    ),
    _phrase(
        "OpenAI Codex", r"(?:[\w ]{1,30}: [^\n]{0,60}\n){1,4}process exited with code (-?\d{1,9})"
    ),
    _phrase(
        "Python subprocess, Node child_process",
        r"command [^\n]{0,200} (?:returned|exited with|failed with)(?: a)? (?:non-zero )?"
        r"(?:exit )?(?:status|code) (-?\d{1,9})",
    ),
)
"""An exit code at the head; the group is the code."""

CODES = (
    _phrase("RFC 9112 status line", rf"HTTP/\d(?:\.\d)?\s{{1,3}}{_CODE}"),
    _phrase(
        "clients of HTTP APIs",
        rf"(?:http|https)(?: error!?| status| status code| response)?(?: status)?\s?[:=]?\s?{_CODE}{_NOT_COUNTED}",
    ),
    _phrase(
        "clients of HTTP APIs",
        r"(?:(?:api|server|request|http|the|response|upstream|service|unexpected|received|got|"
        r"returned|responded|failed|error|with|bad|a|is|was) ){0,6}"
        rf"(?:status(?: ?code)?|error(?: ?code)?|code|returned|responded with)\s?[:=]?\s?\(?{_CODE}{_NOT_COUNTED}",
    ),
    _phrase("requests, httpx, aiohttp", rf"(?:Client)?Response(?:\([^\n]{{0,200}}\))? \[{_CODE}"),
    _phrase("requests", rf"{_BAD_CODE} (?:client|server) error\b"),
    _phrase("httpx", rf"(?:[\w.]{{1,60}}: )?(?:client|server) error '{_BAD_CODE}"),
    _phrase("Datadog client in Python, bracketed codes", rf"[(\[]?{_BAD_CODE}[)\]]"),
    _phrase(
        "RFC 9110 status and phrase",
        r"([1-5]\d\d)\s{0,3}(?:[:{]|-(?!\d)|\s(?:ok|created|accepted|no content|bad request"
        r"|unauthorized|forbidden|not (?:found|allow\w{0,10}|acceptable)|conflict|gone|too many"
        r"|internal server|bad gateway|service (?:temporarily )?unavailable|unprocessable"
        r"|payment required|gateway time|method not|request (?:entity|time))\b"
        r"|(?:ok|created|accepted)\b)",
    ),
    _phrase(
        "proxies of HTTP APIs",
        r"([1-5]\d\d)\s(?:(?:get|put|post|patch|delete)\b)",
    ),
    _phrase(
        "a status that is all there is", rf"{_BAD_CODE}(?=\s*\Z|\s*\n|[:,;.](?:\s|\Z))", strict=True
    ),
)
"""An HTTP status at the head; the group is the status."""

_GRPC_BAD = (
    "CANCELLED|UNKNOWN|INVALID_ARGUMENT|ALREADY_EXISTS|RESOURCE_EXHAUSTED|FAILED_PRECONDITION"
)
_GRPC_MORE = "ABORTED|OUT_OF_RANGE|UNIMPLEMENTED"

PHRASES = (
    _phrase(
        "session skill: tools that the client renders",
        r"this tool is handled by the client application",
        Outcome.DELEGATED,
    ),
    # A person's decision (references/sources/outcomes.md#rejected-by-a-person).
    _phrase(
        "agent clients and frameworks that ask for approval",
        rf"{_USER}(?: has| have)?(?: (?:explicitly|just))? (?:reject|den|declin|refus|cancel|disapprov|abort|"
        r"interrupt|stopp?|veto)\w{0,4}\b(?=(?: (?:the|this|your|it|to|all|execution|tool)\b|[.:,;!]|\s*\Z))",
        Outcome.REJECTED,
        strict=True,
    ),
    _phrase(
        "Claude Code, LangGraph agents",
        rf"{_USER} (?:doesn['\u2019]t want|does not want|did not (?:approve|want|allow|confirm)|"
        r"didn['\u2019]t (?:approve|want|allow|confirm)|chose not|decided not|said no|opted not)\b",
        Outcome.REJECTED,
    ),
    _phrase(
        "OpenAI Agents SDK, Mastra, Claude Code",
        rf"(?:the )?(?:{_CALL})(?: (?:has|was|were|is))?(?: been)? (?:reject|den|declin|refus|cancell?|abort|"
        rf"interrupt|stopp|disapprov)(?:ed|ied) by {_USER}\b",
        Outcome.REJECTED,
    ),
    _phrase(
        "records that were refused by a person",
        rf"[^.\n]{{0,80}}?\b(?:rejected|denied|declined|refused|aborted|interrupted|disapproved) by {_USER}\b",
        Outcome.REJECTED,
        strict=True,
        unless="reject deny decline refuse abort",
    ),
    _phrase(
        "records that were refused by a person",
        rf"[^.\n]{{0,80}}?\b(?:cancelled|canceled|stopped) by {_USER}\b(?! request)",
        Outcome.REJECTED,
        strict=True,
        unless="cancel stop",
    ),
    _phrase(
        "OpenAI Agents SDK",
        rf"(?:the )?(?:{_CALL}|change|edit|plan)(?: (?:was|is|has been))? not (?:been )?(?:approved|confirmed)\b"
        r"|not approved\b|approval (?:was |has been )?(?:denied|rejected|declined|refused|not given)\b",
        Outcome.REJECTED,
    ),
    _phrase(
        "Claude Code",
        r"permission to use [^\n]{1,120}? has been denied\b|execution denied\b|the tool use was rejected\b",
        Outcome.REJECTED,
    ),
    # Exceptions and error reports (references/sources/outcomes.md#exceptions).
    _phrase(
        "exceptions of most languages",
        r"(?:[\w.$]{1,120} )?[a-z_.$\d]{0,120}(?:error|exception)(?:\*{1,2}|\s?\[[^\]\n]{1,60}\])?"
        r"(?:\s{0,3}[:({>]\*{0,2}(?!\s{0,3}(?:0|none|null|nil|false)\b)|\s{1,3}[-\u2013\u2014]\s|\s*\Z"
        r"|\s{1,3}(?:executing|calling|while|occurred|invoking|running|processing|handling|in tool)\b)",
        counts=True,
    ),
    _phrase(
        "exceptions with more words",
        r"(?:there was|we (?:encountered|hit|ran into)|encountered|got) an? (?:\w{1,30} ){0,3}(?:error|problem)\b"
        r"|an? (?:\w{1,30} ){0,3}(?:error|exception) (?:has )?(?:occurred|was raised|happened)\b"
        r"|traceback \(most recent call last\)|exception in thread\b|unhandled (?:exception|error|rejection)\b"
        r"|uncaught\b|caused by: |panic: |thread '[^'\n]{0,60}' panicked\b|\d{1,4} validation errors? for\b",
    ),
    _phrase(
        "databases and operating systems",
        r"error \d{1,5} \(|sqlstate\[?|ora-\d{5}|\[errno -?\d{1,4}\]|(?:connect |read |write |getaddrinfo )?"
        r"e(?:connrefused|connreset|timedout|hostunreach|notfound|acces|noent|perm|pipe)\b|mcp error -?\d",
    ),
    _phrase(
        "shells and programs",
        r"[^:\n]{1,60}: (?:line \d{1,6}: )?(?:[^:\n]{1,80}: )?(?:command not found|not found\s*$|no such file or directory"
        r"|permission denied|cannot [a-z]+ )|npm err!|segmentation fault|killed\s*\Z|curl: \(\d|make: \*\*\*"
        r"|fatal: |usage: |e: unable|php (?:fatal|parse) error|command not found",
    ),
    _phrase(
        "gRPC",
        r"rpc error: code = |(?:\d{1,2} )?(?:PERMISSION_DENIED|UNAUTHENTICATED|NOT_FOUND|DEADLINE_EXCEEDED"
        rf"|UNAVAILABLE|INTERNAL|DATA_LOSS|{_GRPC_BAD}|{_GRPC_MORE}): ",
    ),
    _phrase("AWS", r"an error occurred \("),
    _phrase("log levels and marks", r"\[?(?:error|fatal|failure|failed)\]", strict=True),
    _phrase(
        "flags in text",
        r"(?:success|ok|succeeded)\W{1,4}false\b|false\s*\Z",
        strict=True,
    ),
    _phrase("flags in text", r"(?:success|ok|succeeded)\W{1,4}false\b"),
    # Refusals in plain words (references/sources/outcomes.md#plain-words).
    _phrase(
        "APIs and apps",
        r"(?:(?:operation|action|access|request|method) )?(?:is |was )?not (?:permitted|authori[sz]ed|allowed)\b"
        r"|(?:insufficient|missing|no) (?:\w{1,20} )?(?:permissions?|privileges?|scopes?|rights|access|authori[sz]ation)\b"
        r"|(?:authentication|login|authori[sz]ation) (?:is )?(?:required|needed)\b|access (?:is |was )?denied"
        r"|access to [^.\n]{1,80}? (?:is|was) (?:denied|forbidden)\b"
        r"|permissions? (?:is |was |has been )?denied|(?:(?:get|put|post|patch|delete) )?not allow\s?listed\b",
        Outcome.BLOCKED,
        counts=True,
    ),
    _phrase(
        "APIs and apps, of somebody who may not",
        r"(?:sorry[,.]? )?(?:you|user|caller|client|account|token|i|we|this \w{1,20}|the \w{1,20}|it)(?:[: ]{1,2}[\w@.:-]{1,40})?"
        r" (?:do(?:es)? not|do(?:es)?n['\u2019]t|are not|aren['\u2019]t|is not|isn['\u2019]t|cannot|can['\u2019]t|lacks?|may not)"
        r"(?: \w{1,20}){0,4}? (?:permissions?|permitted|allowed|authori[sz]ed|access|privileges?|rights)\b(?! to\?)"
        r"(?! (?:number|code))",
        Outcome.BLOCKED,
    ),
    _phrase(
        "APIs and apps",
        r"(?:insufficient|missing|unknown|unsupported|unrecogni[sz]ed|unexpected|malformed|too many) \w{1,30}\b",
        counts=True,
    ),
    _phrase(
        "APIs and apps",
        rf"(?:(?:the |your |this |a )?(?:\w{{1,20}} ){{0,3}}?(?:rate limit|limit|quota|credit|balance) )?(?:has been )?exceeded\b"
        rf"|(?:the |your )?(?:{_CALL}|connection|network|socket|server|upstream|host|service|read|write)"
        r"(?: (?:has|was|is|have|were))?(?: been)? (?:failed|refused|reset|rejected|denied|declined|aborted|closed|unreachable|"
        rf"unavailable|timed out|dropped|forbidden|rolled back){_END}"
        r"|(?:internal server error|bad gateway|gateway time-?out|service (?:temporarily )?unavailable|overloaded)\b"
        rf"|connection (?:refused|reset|aborted|timed out)\b|(?:network|host) (?:is )?unreachable",
        counts=True,
        unless="",
    ),
    _phrase(
        "sessions and tokens",
        r"(?:the |your )?(?:session|token|login|link)(?: has| is)? (?:expired|not found)\b",
        Outcome.EXPIRED,
        counts=True,
    ),
    _phrase(
        "effects that failed",
        rf"(?:the |your |this |a |an )?(?:[\w#'-]{{1,30}} ){{0,4}}?(?:was |were |has been |have been |is |has |got )?"
        rf"(?:failed|declined|denied|refused|rejected|aborted|forbidden|rolled back|timed out|unsuccessful|blocked){_END}",
        strict=True,
        counts=True,
        unless="reject deny decline refuse abort block rollback fail",
    ),
    _phrase(
        "failures in plain words",
        r"(?:failed|failure)(?:\s{0,3}(?:[:=](?!\s{0,3}\d)|[.!;]|\Z)|\s(?:to|with|while|in|when|because|due|after|on|at|validation)\b)"
        r"|(?:we |i |it |they )?(?:cannot|could not|couldn['\u2019]t|can['\u2019]t|(?:i['\u2019]m |i am |we are |was |is )?unable to)\b"
        r"|forbidden\b|unauthori[sz]ed\b|not found\b|invalid\b|fatal\b|unsuccessful\b"
        r"|(?:tool|function|resource|method|endpoint|page) [^\n]{1,60}? (?:not found|does not exist)\b",
        counts=True,
    ),
    _phrase(
        "counts of failures",
        r"failed\s{0,3}[:=]\s{0,3}[1-9]\d{0,5}\b(?![^\n]{0,80}(?:updated|created|succeeded|ok)\W{1,4}[1-9])",
        strict=True,
    ),
    _phrase("APIs and apps", r"no such \w", Outcome.NOT_FOUND),
    _phrase("answers without a subject", r"(?:[\w#.'-]{1,40} ){1,4}(?:not found|does not exist|doesn['\u2019]t exist)\b",
            Outcome.NOT_FOUND, strict=True),
)  # fmt: skip
"""What a text begins with whose call did not do what it was for; the first that fits counts."""
