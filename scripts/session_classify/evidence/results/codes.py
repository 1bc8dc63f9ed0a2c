"""Exit codes and HTTP statuses at the head of a text, in the forms of programs and clients.

Sources: references/sources/outcomes.md#exceptions.
"""

from session_classify.evidence.results.phrase import END, phrase

_CODE = r"([1-5]\d\d)(?![\d.]*\d|\w|:\s?\d)"
_BAD_CODE = r"([45]\d\d)(?![\d.]*\d|\w)"
_NOT_COUNTED = (
    r"(?!\s(?:responses?|errors?|requests?|count|rate|status|events?|logs?|calls?|hits?)\b)"
)
"""A status that is counted is a statistic: `HTTP 404 responses fell`."""
EXITS = (
    phrase("mini-swe-agent", r"returncode>\s*(-?\d{1,9})\s*</returncode>"),
    phrase(
        "shells and agent tools",
        r"(?:exit|return)(?:ed)?(?: with)?[ _-]?(?:code|status|value)\s?[:=]?\s?\(?(-?\d{1,9})\b",
        r"exit (-?\d{1,9})\b",
        r"(?:rc|returncode|exitcode|retcode)\s?[:=]\s?(-?\d{1,9})\b",
    ),
    phrase(
        "shells and agent tools",
        r"(?:the )?(?:process|command|script|program|shell|job)(?: has)? (?:exited|failed|ended"
        r"|returned|terminated|finished|completed)(?: with)?(?: an?)?(?: non-?zero)?(?: exit"
        r"| return)?(?: status)?(?: code| status| value)?\s?[:=]?\s?\(?(-?\d{1,9})\b",
    ),
    phrase(
        "OpenAI Codex",
        r"(?:[\w ]{1,30}: [^\n]{0,60}\n){1,4}process exited with code (-?\d{1,9})",
    ),
    phrase(
        "Python subprocess, Node child_process",
        r"(?:[\w.]{1,60}: )?command [^\n]{0,200} (?:returned|exited with|failed with)(?: a)?"
        r"(?: non-zero)?(?: exit)? (?:status|code) (-?\d{1,9})",
    ),
)
"""An exit code at the head; the group is the code."""

CODES = (
    phrase("RFC 9112 status line", rf"HTTP/\d(?:\.\d)?\s{{1,3}}{_CODE}"),
    phrase(
        "clients of HTTP APIs",
        r"https?(?: error!?| status| status code| response)?(?: status)?\s?[:=]?\s?"
        rf"{_CODE}{_NOT_COUNTED}",
    ),
    phrase(
        "clients of HTTP APIs",
        r"(?:(?:api|server|request|http|the|response|upstream|service|unexpected|received|got"
        r"|returned|responded|failed|error|with|bad|an?|is|was) ){0,6}"
        r"(?:status(?: ?code)?|error(?: ?code)?|code|returned|responded with|failed)\s?[:=]?\s?"
        rf"\(?{_CODE}{_NOT_COUNTED}",
    ),
    phrase(
        "requests, httpx, aiohttp",
        rf"\w{{0,20}}Response(?:\([^\n]{{0,200}}\))?:? \[?{_CODE}",
    ),
    phrase(
        "requests, httpx, Guzzle",
        rf"{_BAD_CODE} (?:client|server) error\b",
        rf"(?:[\w.]{{1,60}}: )?(?:client|server) error '{_BAD_CODE}",
        rf"(?:client|server) error: `[^`\n]{{1,200}}` resulted in a `{_BAD_CODE}",
    ),
    phrase("Datadog client in Python, bracketed codes", rf"[(\[{{]?{_BAD_CODE}[)\]}}]"),
    phrase(
        "RFC 9110 status and phrase",
        r"([1-5]\d\d)\s{0,3}(?:[{]|:(?!\s?\d)|-(?!\d)|- [a-z])",
        r"([1-5]\d\d)\s{0,3}(?:ok|created|accepted|no content|bad request|unauthorized|forbidden"
        r"|not (?:found|allow\w{0,10}|acceptable)|conflict|gone|too many|internal server"
        r"|bad gateway|service (?:temporarily )?unavailable|unprocessable|payment required"
        r"|gateway time|method not|request (?:entity|time)|rate limit)",
    ),
    phrase(
        "proxies and logs of HTTP APIs",
        r"([1-5]\d\d)\s(?:get|put|post|patch|delete)\b",
        rf"(?:get|put|post|patch|delete) (?:https?:/)?/\S{{0,200}} {_BAD_CODE}{END}",
        rf"(?:get|put|post|patch|delete) (?:https?:/)?/\S{{0,200}} {_BAD_CODE} [a-z]",
    ),
    phrase(
        "a status that is all there is",
        rf"{_BAD_CODE}(?=\s*\Z|\s*\n|[:,;.](?:\s|\Z))",
        strict=True,
    ),
)
"""An HTTP status at the head; the group is the status."""
