"""Words that tell effects, statistics and kinds of failure apart.

Sources: references/sources/outcomes.md#plain-words.
"""

import re

from session_classify.lazy import lazy_pattern
from session_classify.vocabulary import Outcome

_COUNTED = (
    r"(?:logins?|requests?|responses?|attempts?|jobs?|calls?|events?|logs?|hosts?|users?|count"
    r"|rate|budget|certificates?|payments?|sessions?|messages?|deploys?|builds?|monitors?|tests?"
    r"|payloads?|spans?|traces?|pages?|queries|errors?)"
)
STATISTIC = lazy_pattern(
    r"\A(?=[^:\n]{0,80} )[^:\n]{1,80}:\s{0,3}(?![45]\d\d\b)\d{1,12}(?:[.,]\d{1,9})?\s?%?"
    r"(?=\s*(?:\Z|[\n,;.(]))"
    r"|\A(?:failed|failures|errors|rejected|denied|invalid|not found|forbidden|unauthori[sz]ed)"
    r"\s{0,3}[:=]\s{0,3}\d{1,9}\b"
    r"|\A(?:unable|failed) to (?:\w{1,20} ){0,2}(?:\w{1,20}: \d|events?\b)"
    r"|\A(?:invalid|unauthori[sz]ed|forbidden|not found|failed|error|access denied|missing"
    r"|unknown|unexpected|rejected|denied|timed out|connection|timeout)"
    rf" (?:\w{{1,20}} ){{0,2}}?{_COUNTED}\b"
    r"(?! (?:was|were|is|has|have|failed|not)\b)(?=[^\n]{0,80}(?:\d|\bby\b))",
    re.IGNORECASE,
)
"""A head that counts something: "Failed logins in the last 24h: 17"."""

DONE = lazy_pattern(
    r"(?<!\balready )(?<!\balready been )\b(?:success(?:ful(?:ly)?)?|succeeded|completed|done|ok"
    r"|(?:created|updated|deleted|cancell?ed|sent|saved|booked|modified|transferred|returned"
    r"|removed|added|scheduled|submitted|re?queued|enabled|disabled|refunded|rescheduled|written"
    r"|uploaded|merged|deployed|inserted|registered|assigned|approved))\b",
    re.IGNORECASE,
)
"""Words of an effect that was made."""
OPENED = lazy_pattern(
    r"\b(?:accepted|muted|blocked|denied|rejected|declined|closed|started|opened)\b", re.IGNORECASE
)
"""Words of an effect that was made for some tools; what is denied behind them is something else."""
NOT_DONE = lazy_pattern(
    r"(?:\b(?:not|no|cannot|unable to|never|nothing)|n['\u2019]t)\s+(?:\w+\s+){0,2}"
    r"(?:success(?:ful(?:ly)?)?|succeeded|completed|done|ok|created|updated|deleted|cancell?ed"
    r"|sent|saved|booked|modified|transferred|returned|removed|added|scheduled|submitted|changed"
    r"|processed|applied|made|possible|eligible|supported|available|valid)\b"
    r"|\b(?:not found|does(?: not|n['\u2019]t) exist|could(?: not|n['\u2019]t)"
    r"|can(?:not| not|['\u2019]t) be|(?:is|are) locked|is suspended|is required|is taken"
    r"|went wrong|mismatch|conflict|no changes? made|was a problem)\b"
    r"|\A\W*(?:0|no)\s+(?:rows?|records?|items?|documents?|changes?)\b"
    r"(?!\s+(?:skipped|failed|ignored|rejected|lost))",
    re.IGNORECASE,
)
"""Words of an effect that was not made."""

KINDS_OF_FAILURE = (
    (
        Outcome.EXPIRED,
        lazy_pattern(
            r"session not found|session (?:has )?expired|token (?:has )?expired", re.IGNORECASE
        ),
    ),
    (
        Outcome.BLOCKED,
        lazy_pattern(
            r"\b40[13]\b|not allow\s?listed|forbidden|permission|unauthori[sz]ed|access ?denied"
            r"|not permitted|not allowed|not authori[sz]ed|unauthenticated|not authenticated",
            re.IGNORECASE,
        ),
    ),
    (
        Outcome.NOT_FOUND,
        lazy_pattern(r"\b404\b|not[ _]?found\b|does not exist|no such|\benoent\b", re.IGNORECASE),
    ),
    (
        Outcome.UNCERTAIN,
        lazy_pattern(
            r"\b50[0234]\b|internal server error|timed?[ _]?out|timeout|bad gateway"
            r"|\bunavailable\b|deadline[ _]?exceeded",
            re.IGNORECASE,
        ),
    ),
)
"""Words by which failures of a kind are told apart, in this order."""
