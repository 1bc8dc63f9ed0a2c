"""Phrases at the head of a text by which tools, programs and people say how a call ended.

Each row is a family of phrases with its source; the sections are those of
references/sources/outcomes.md.
"""

from session_classify.evidence.results.phrase import END, phrase
from session_classify.vocabulary import Outcome

_BE = r"(?: (?:has|have|had|was|were|is|are|got))?(?: been)?"
_NOT = r"(?:n['\u2019]t| not)"
_USER = r"(?:the |a |an )?(?:human )?(?:user|human|person|operator|reviewer|approver|admin)"
_CALL = (
    r"(?:the |this |your |a )?(?:shell |api |http )?(?:action|tool|tool call|tool use|operation"
    r"|tool execution|request|call|command|execution|task|step|query|connection|function|process"
    r"|function call|job|login|authentication|authorization|validation|fetch|upload|download"
    r"|change|edit|plan)"
)
_ENDED_BADLY = (
    r"(?:failed|refused|reset|rejected|denied|declined|aborted|closed|unreachable|unavailable"
    r"|timed out|interrupted|dropped|forbidden|rolled back|unsuccessful)"
)

REJECTED = (
    phrase(
        "agent clients and frameworks that ask for approval",
        rf"{_USER}(?: has| have)?(?: explicitly| just)? (?:reject|den|declin|refus|cancel|abort"
        r"|disapprov|interrupt|stopp?|veto)\w{0,4}\b"
        r"(?=(?: (?:the|this|your|it|to|all|execution|tool)\b|[.:,;!]|\s*(?:\Z|\n)))",
        outcome=Outcome.REJECTED,
        strict=True,
    ),
    phrase(
        "Claude Code, LangGraph agents",
        rf"{_USER} (?:do(?:es)?{_NOT} want|did{_NOT} (?:approve|want|allow|confirm)|chose not"
        r"|decided not|said no|opted not)\b",
        rf"i (?:do|did){_NOT} approve\b",
        outcome=Outcome.REJECTED,
    ),
    phrase(
        "OpenAI Agents SDK, Mastra, Claude Code",
        rf"{_CALL}{_BE} (?:reject|den|declin|refus|cancell?|abort|interrupt|stopp|disapprov)"
        rf"(?:ed|ied) by {_USER}\b",
        rf"{_CALL}{_BE} not (?:been )?(?:approved|confirmed|allowed by {_USER})\b",
        r"(?:permission denied|error)[.:] (?:[\w`'-]{1,40} ){1,8}?(?:not approved|rejected by"
        r"|denied by|declined by)\b",
        r"not approved\b",
        r"approval (?:was |has been )?(?:denied|rejected|declined|refused|not given)\b",
        r"permission to use [^\n]{1,120}? has been denied\b",
        r"execution denied\b",
        r"the tool use was rejected\b",
        outcome=Outcome.REJECTED,
    ),
    phrase(
        "records that a person refused",
        rf"[^.\n]{{0,80}}?\b(?:rejected|denied|declined|refused|aborted|interrupted|disapproved)"
        rf" by {_USER}\b",
        outcome=Outcome.REJECTED,
        strict=True,
        unless="reject deny decline refuse abort",
    ),
    phrase(
        "records that a person stopped",
        rf"[^.\n]{{0,80}}?\b(?:cancelled|canceled|stopped) by {_USER}\b(?! request)",
        outcome=Outcome.REJECTED,
        strict=True,
        unless="cancel stop",
    ),
)
"""A person's decision (references/sources/outcomes.md#rejected-by-a-person)."""

EXCEPTIONS = (
    phrase(
        "exceptions of most languages",
        r"(?:[\w.$]{1,120} ){0,2}[a-z_.$\d]{0,120}(?:error|exception|\berr|retry)"
        r"(?:\*{1,2}|\s?\[[^\]\n]{1,60}\])?(?:"
        r"\s{0,3}[:({>]\*{0,2}(?!\s{0,3}(?:0|none|null|nil|false)\b)"
        r"(?!\s?\d{1,9} (?:occurrences?|times?|hits?|events?|in|per)\b)"
        r"|\s{1,3}[-\u2013\u2014]\s|\s*\Z|[ \t]*\n"
        r"|\s{1,3}(?:executing|calling|while|occurred|invoking|running|processing|handling"
        r"|in tool|code)\b)",
        counts=True,
    ),
    phrase(
        "exceptions with more words",
        r"(?:there was|(?:we )?(?:encountered|hit|ran into)|got) an? (?:\w{1,30} ){0,3}"
        r"(?:error|problem|issue)\b",
        r"an? (?:\w{1,30} ){0,3}(?:error|exception) (?:has )?(?:occurred|was raised|happened)\b",
        r"the \w{1,30} returned an? (?:\w{1,30} ){0,2}error\b",
        r"(?:oops\W{0,3})?something went wrong\b",
        r"traceback \(most recent call last\)",
        r"exception in thread\b",
        r"unhandled (?:exception|error|rejection)\b",
        r"uncaught\b",
        r"caused by: ",
        r"panic: ",
        r"thread '[^'\n]{0,60}' panicked\b",
        r"\d{1,4} validation errors? for\b",
    ),
    phrase(
        "Python and JavaScript, without the name of the exception",
        r"'\w{1,60}' object (?:has no attribute|is not)\b",
        r"name '\w{1,60}' is not defined\b",
        r"[\w.$]{1,60} is not (?:a function|defined)\b",
        r"cannot read propert",
    ),
    phrase(
        "databases and operating systems",
        r"error \d{1,5} \(",
        r"sqlstate\b",
        r"ora-\d{5}",
        r"\[errno -?\d{1,4}\]",
        r"(?:connect |read |write |getaddrinfo )?e(?:connrefused|connreset|timedout|hostunreach"
        r"|notfound|acces|noent|perm|pipe)\b",
        r"mcp error -?\d",
        r"duplicate key\b",
        r"socket hang up\b",
        r"broken pipe\b",
        r"ssl certificate problem\b",
    ),
    phrase(
        "shells and programs",
        r"[^:\n]{1,60}: (?:line \d{1,6}: )?(?:[^:\n]{1,80}: )?(?:command not found"
        r"|not found\s*$|no such file or directory|permission denied|cannot [a-z]+ )",
        r"(?:[a-z]{1,12}: )?command not found",
        r"npm err!",
        r"segmentation fault",
        r"killed\s*\Z",
        r"(?:the )?(?:process|command|job)(?: was| has been)? (?:killed|terminated by signal)\b",
        r"curl: \(\d",
        r"make(?:\[\d\])?: \*\*\*",
        r"fatal: ",
        r"usage: ",
        r"e: unable",
        r"php (?:fatal|parse) error",
        r"command failed\b",
    ),
    phrase(
        "gRPC",
        r"rpc error: code = ",
        r"(?:\d{1,2} )?(?:permission_denied|unauthenticated|not_found|deadline_exceeded"
        r"|unavailable|internal|data_loss|cancelled|unknown|invalid_argument|already_exists"
        r"|resource_exhausted|failed_precondition|aborted|out_of_range|unimplemented): ",
    ),
    phrase("AWS", r"an error occurred \("),
    phrase("log levels", r"\[?(?:error|fatal|failure|failed)\]", strict=True),
)
"""Exceptions and reports of errors (references/sources/outcomes.md#exceptions)."""

REFUSALS = (
    phrase("flags in text", r"(?:success|ok|succeeded)\W{1,4}false\b"),
    phrase("flags in text", r"false\s*(?:\Z|\n)", strict=True),
    phrase(
        "APIs and apps",
        r"(?:(?:this |the )?(?:operation|action|access|request|method|tool use) )?(?:is |was )?"
        r"not (?:permitted|authori[sz]ed|authenticated|allowed)\b",
        r"(?:insufficient|missing|no) (?:\w{1,20} )?(?:permissions?|privileges?|scopes?|rights"
        r"|access|authori[sz]ation)\b",
        r"(?:authentication|login|authori[sz]ation) (?:is )?(?:required|needed)\b",
        r"access (?:is |was )?(?:denied|forbidden)",
        r"access to [^.\n]{1,80}? (?:is|was) (?:denied|forbidden)\b",
        r"permissions? (?:is |was |has been )?denied",
        r"(?:(?:get|put|post|patch|delete) )?not allow\s?listed\b",
        r"(?:forbidden|unauthori[sz]ed|unauthenticated)\b(?!: \d)",
        outcome=Outcome.BLOCKED,
        counts=True,
    ),
    phrase(
        "APIs and apps, of somebody who may not",
        r"(?:sorry[,.]? )?(?:you|user|caller|client|account|token|i|we|this \w{1,20}|the \w{1,20}"
        r"|it)(?:[: ]{1,2}[\w@.:-]{1,40})? (?:do(?:es)?|are|is|can|may)?"
        rf"(?:{_NOT}|cannot|not|lacks?)(?: \w{{1,20}}){{0,4}}? (?:permissions?|permitted|allowed"
        r"|authori[sz]ed|access|privileges?|rights)\b",
        r"(?:the )?(?:user|caller|client|account|token)(?:[: ]{1,2}[\w@.:-]{1,40})? lacks? ",
        outcome=Outcome.BLOCKED,
    ),
    phrase(
        "sessions and tokens",
        r"(?:the |your )?(?:session|token|login|link)(?: has| is)? (?:expired|not found)\b",
        r"expired (?:session|token)\b",
        outcome=Outcome.EXPIRED,
        counts=True,
    ),
    phrase(
        "networks and servers",
        rf"(?:{_CALL}|(?:the |your )?(?:connection|network|socket|server|upstream|host|service"
        rf"|read|write|deadline|dns resolution)){_BE} {_ENDED_BADLY}{END}",
        r"(?:internal|server) error\b",
        r"(?:internal server error|bad gateway|gateway time-?out|overloaded)\b",
        r"service (?:temporarily )?unavailable\b",
        r"connection (?:refused|reset|aborted|timed out)\b",
        r"(?:network|host) (?:is )?unreachable",
        r"(?:context )?deadline exceeded\b",
        r"\w{0,60}time(?:d )?-?out(?: while| waiting| after|\s*\Z|[:.!\n])",
        r"(?:bad request|unprocessable entity)\b",
        r"max retries exceeded\b",
        counts=True,
    ),
    phrase(
        "limits",
        r"(?:the |your )?(?:\w{1,20} ){0,2}?(?:limit|quota|credits?)(?: has been| was)?"
        r" (?:exceeded|reached|exhausted)\b",
        r"you (?:have |['\u2019]ve )?(?:exceeded|reached) your\b",
        r"rate limit(?:ed\b| hit\b|ing\b)",
        r"too many requests\b",
        counts=True,
    ),
    phrase(
        "failures in plain words",
        r"(?:failed|failure)(?:\s{0,3}(?:[:=](?!\s{0,3}\d)|[.!;\n]|\Z)"
        r"|\s(?:to(?! \w{1,20} events)|with|while|in|when|because|due|after|on|at|validation)\b)",
        r"(?:unfortunately,? |sorry,? )?(?:we |i |it |they )?(?:cannot|could not|couldn['\u2019]t"
        r"|can['\u2019]t|(?:i['\u2019]m |i am |we are |were |was |is )?unable to)\b"
        r"(?!: \d| \w{1,20}: \d)",
        r"(?:not found|invalid|fatal|unsuccessful|unsupported)\b(?!: \d)",
        r"(?:insufficient|missing|unknown|unrecogni[sz]ed|unexpected|malformed) \w{1,30}\b",
        r"(?:tool|function|resource|method|endpoint|page) [^\n]{1,60}? (?:not found"
        r"|does not exist)\b",
        r"input validation error\b",
        counts=True,
    ),
    phrase("APIs and apps", r"no such \w", outcome=Outcome.NOT_FOUND),
    phrase(
        "a decision that is all there is",
        rf"denied{END}",
        outcome=Outcome.BLOCKED,
        strict=True,
        counts=True,
        unless="deny",
    ),
    phrase(
        "a decision that is all there is",
        rf"(?:rejected|declined|refused){END}",
        outcome=Outcome.REJECTED,
        strict=True,
        counts=True,
        unless="reject decline refuse",
    ),
    phrase(
        "effects that failed",
        rf"(?:unfortunately,? )?(?:[\w#'-]{{1,30}} ){{0,5}}?(?:{_ENDED_BADLY}|blocked){END}",
        strict=True,
        counts=True,
        unless="reject deny decline refuse abort block rollback fail close set mark",
    ),
    phrase(
        "counts of failures",
        r"failed\s{0,3}[:=]\s{0,3}[1-9]\d{0,5}\b"
        r"(?![^\n]{0,80}(?:updated|created|succeeded|ok)\W{1,4}[1-9])",
        strict=True,
    ),
    phrase(
        "answers without a subject",
        r"(?:[\w#.'-]{1,40} ){1,5}(?:not found|does not exist|doesn['\u2019]t exist)\b",
        r"no \w{1,30} (?:with|named|called|for|matching|found)\b",
        outcome=Outcome.NOT_FOUND,
        strict=True,
    ),
)
"""Refusals in plain words (references/sources/outcomes.md#plain-words)."""

DELEGATED = phrase(
    "session skill: tools that the client renders",
    r"this tool is handled by the client application",
    outcome=Outcome.DELEGATED,
)

PHRASES = (DELEGATED, *REJECTED, *EXCEPTIONS, *REFUSALS)
"""What a text begins with whose call did not do what it was for; the first that fits counts."""
