"""The output of `report`, `verdict` and `classify` for a judged case."""

from typing import TYPE_CHECKING

from msgspec.structs import replace

from session_classify.cli.output import as_json, case_argument
from session_classify.evidence.findings import recalled
from session_classify.gathering.case import Case
from session_classify.gathering.protocols import TERMS, check_content, check_rum, check_unit
from session_classify.invocation import program
from session_classify.profiles.load import recalled_profile
from session_classify.report.verdicts import compact
from session_classify.verdicts import Verdict
from session_classify.vocabulary import Protocol

if TYPE_CHECKING:
    from session_classify.report.verbose import JudgedCase


def check_protocol(case: Case, protocol: Protocol) -> None:
    """Raise the error of a protocol for a case that it does not classify."""
    session, coverage = case.session(), case.info.coverage
    check_unit(protocol, session.unit)
    check_content(protocol, session, coverage)
    check_rum(protocol, session, known=bool(case.events().rum), coverage=coverage.rum)


def printed(
    case: Case, verdict: Verdict, protocol: Protocol, *, verbose: bool = False, json: bool = False
) -> str:
    """Return a verdict in the requested form: short or as a report, as text or JSON.

    A protocol without a short form always prints the report.
    """
    if not verbose and (json or TERMS[protocol].has_compact):
        place = case_argument(case.path)
        return as_json(verdict) if json else compact(verdict, place, case.info.coverage.rum)
    # Imported here: `verdict` and `report` print the short form.
    from session_classify.report.verbose import report_data, report_text

    judged = _judged_case(case, verdict, protocol)
    return as_json(report_data(judged)) if json else report_text(judged)


def case_page(case: Case, verdict: Verdict, protocol: Protocol, back: str = "") -> str:
    """Return a judged case as an HTML page, with what the answers told about its writes.

    `back` is the page's link to that of its run.
    """
    from session_classify.pages.session import session_page

    judged = _judged_case(case, verdict, protocol)
    evidence = recalled(judged.evidence.session, judged.evidence.findings, judged.profile)
    return session_page(replace(judged, evidence=evidence), back)


def _judged_case(case: Case, verdict: Verdict, protocol: Protocol) -> "JudgedCase":
    from session_classify.report.verbose import JudgedCase

    session = case.session()
    return JudgedCase(
        recalled(session, case.findings()),
        case.events(),
        case.info.coverage,
        recalled_profile(case.info.profile, session.ml_app),
        verdict,
        TERMS[protocol],
        f"{program()} report {case_argument(case.path)}",
    )
