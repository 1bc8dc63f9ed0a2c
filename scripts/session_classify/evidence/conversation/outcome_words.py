"""Words that tell effects, statistics and kinds of failure apart.

Sources: references/sources/outcomes.md#plain-words.
"""

import re

from session_classify.vocabulary import Outcome

STATISTIC = re.compile(
    r"\A(?=[^:\n]{0,80} )[^:\n]{1,80}:\s{0,3}(?![45]\d\d\b)\d{1,12}(?:[.,]\d{1,9})?\s?%?(?=\s*(?:\Z|[\n,;.(]))"
    r"|\A(?:failed|failures|errors|rejected|denied|invalid)\s{0,3}[:=]\s{0,3}\d{1,9}\b"
    r"|\A(?:invalid|unauthori[sz]ed|forbidden|not found|failed|error|access denied|missing|unknown|unexpected"
    r"|too many|rejected|denied|timed out) (?:\w{1,20} ){0,2}?(?:logins?|requests?|responses?|attempts?|jobs?|calls?|events?|"
    r"logs?|hosts?|users?|count|rate|budget|certificates?|payments?|sessions?|messages?|deploys?|builds?|monitors?|tests?)\b"
    r"(?! (?:was|were|is|has|have|failed|not)\b)(?=[^\n]{0,80}(?:\d|\bby\b))",
    re.IGNORECASE,
)
"""A head that counts something: "Failed logins in the last 24h: 17"."""

DONE = re.compile(
    r"(?<!\balready )(?<!\balready been )\b(?:success(?:ful(?:ly)?)?|succeeded|completed|done|ok"
    r"|(?:created|updated|deleted|cancell?ed|sent|saved|booked|modified|transferred|returned|"
    r"removed|added|scheduled|submitted|re?queued|enabled|disabled|refunded|rescheduled|written"
    r"|uploaded|merged|deployed|inserted|registered|assigned|rejected|approved))\b",
    re.IGNORECASE,
)
"""Words of an effect that was made."""
NOT_DONE = re.compile(
    rf"(?:\b(?:not|no|cannot|unable to|never|nothing)|n['’]t)\s+(?:\w+\s+){{0,2}}{DONE.pattern}"
    r"|\b(?:not found|does(?: not|n['’]t) exist)\b"
    r"|\A\W*(?:0|no)\s+(?:rows?|records?|items?|documents?|changes?)\b(?!\s+(?:skipped|failed|ignored|rejected|lost))",
    re.IGNORECASE,
)
"""Words of an effect that was not made."""

KINDS_OF_FAILURE = (
    (
        Outcome.EXPIRED,
        re.compile(
            r"session not found|session (?:has )?expired|token (?:has )?expired", re.IGNORECASE
        ),
    ),
    (
        Outcome.BLOCKED,
        re.compile(
            r"\b40[13]\b|not allow\s?listed|forbidden|permission|unauthori[sz]ed|access ?denied"
            r"|not permitted|not allowed|not authori[sz]ed|unauthenticated",
            re.IGNORECASE,
        ),
    ),
    (
        Outcome.NOT_FOUND,
        re.compile(r"\b404\b|not[ _]?found\b|does not exist|no such|\benoent\b", re.IGNORECASE),
    ),
    (
        Outcome.UNCERTAIN,
        re.compile(
            r"\b50[0234]\b|internal server error|timed?[ _]?out|timeout|bad gateway|\bunavailable\b"
            r"|deadline[ _]?exceeded",
            re.IGNORECASE,
        ),
    ),
)
"""Words by which failures of a kind are told apart, in this order."""
