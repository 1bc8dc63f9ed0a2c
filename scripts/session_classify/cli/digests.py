"""The output of `gather` and `show` for a whole case."""

from collections.abc import Sequence

from msgspec.structs import replace

from session_classify.cli.output import as_json, case_argument
from session_classify.digest.digest import Digest, digest
from session_classify.digest.layout import CaseHeader
from session_classify.evidence.findings import Evidence
from session_classify.gathering.case import Case
from session_classify.invocation import program
from session_classify.printing.fitting import fitted
from session_classify.vocabulary import DIGEST_LIMIT

_LISTED = 20
"""Lines of each kind that a summary lists; the total is given beside."""


def digest_of(
    case: Case, evidence: Evidence, rules_above: str = "", *, is_labelled: bool = False
) -> Digest:
    """Return the digest of a case, with commands that can be typed here.

    `rules_above` is the id of a session whose digest printed the same rules. With `is_labelled`, a
    person labels the session, and no command for a verdict is named.
    """
    place, info = case_argument(case.path), case.info
    header = CaseHeader(program(), place, info.nonce, info.coverage, rules_above, is_labelled)
    return digest(evidence, header)


def digests_of(
    made: Sequence[tuple[Case, Evidence]],
) -> tuple[str, list[tuple[Case, frozenset[int]]]]:
    """Return the digests of several cases in the limit of one, and the turns that each shows.

    Rules of an app that were printed above are named, not printed again. For a case whose digest
    has no room, the command that prints it stands instead.
    """
    texts: list[str] = []
    shown: list[tuple[Case, frozenset[int]]] = []
    rules: dict[str, str] = {}
    room = DIGEST_LIMIT
    for case, evidence in made:
        text_of_rules = "".join(prompt.text for prompt in evidence.session.system_prompts)
        above = rules.get(text_of_rules, "") if text_of_rules else ""
        one = digest_of(case, evidence, above)
        if texts and len(one.text) > room:
            command = f"{program()} show {case_argument(case.path)}"
            texts.append(f"No room for {case.info.unit} {case.info.id}: {command}\n")
            continue
        rules.setdefault(text_of_rules, case.info.id)
        texts.append(one.text)
        shown.append((case, one.turns))
        room -= len(one.text)
    return "\n".join(texts), shown


def summary_of(case: Case, evidence: Evidence) -> str:
    """Return case, coverage and findings as JSON of at most 24,000 characters."""
    whole = case.info.coverage
    coverage = replace(
        whole,
        unreadable=whole.unreadable[:_LISTED],
        notes=whole.notes[:_LISTED],
        next_calls=whole.next_calls[:_LISTED],
    )

    def printed(count: int) -> str:
        return as_json(
            {
                "case": str(case.path),
                "info": replace(case.info, coverage=coverage),
                "unreadable_rows": len(whole.unreadable),
                "notes": len(whole.notes),
                "next_calls": len(whole.next_calls),
                "turns": len(evidence.session.turns),
                "tool_calls": len(evidence.session.tool_calls),
                "findings": evidence.findings[:count],
                "findings_left_out": len(evidence.findings) - count,
            }
        )

    return fitted(printed, (len(evidence.findings),), DIGEST_LIMIT)
