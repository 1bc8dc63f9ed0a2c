"""The page on the audit rules is what the rules say."""

from session_classify.evidence.audit.detection_rules import RULES
from session_classify.report.audit_page import audit_page
from session_classify.resources import resource


def test_the_page_is_made_of_the_rules() -> None:
    """`make reference` writes it; every rule stands in it once."""
    page = resource("references", "audit-signals.md").read_text()

    assert page == audit_page()
    assert [page.count(f"**{name}**") for name in RULES] == [1] * len(RULES)
