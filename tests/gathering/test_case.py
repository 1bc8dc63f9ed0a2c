"""What a case keeps, so that a report needs no raw file."""

import json
from pathlib import Path

import pytest

from session_classify.backends.bundle import open_bundle
from session_classify.errors import UnusableInputError
from session_classify.evidence.audit.findings import audit_findings
from session_classify.evidence.findings import recalled
from session_classify.evidence.rum.findings import rum_findings
from session_classify.evidence.rum.signals import behaviour_of
from session_classify.gathering.case import Case, open_case
from session_classify.gathering.gather import gather
from session_classify.gathering.recall import recall
from session_classify.profiles.load import recalled_profile
from session_classify.resources import resource
from session_classify.vocabulary import Unit

DEMO = "5e551044-de30-4c1a-9551-000000000001"


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """Gather the made-up session that ships with the package, and lose its raw files."""
    path = tmp_path / "case"
    made, _ = gather(open_bundle(resource("demo_bundle")), Unit.SESSION, DEMO, path)
    for file in made.raw.iterdir():
        file.unlink()
    return made


def test_the_events_of_a_case_give_its_findings_again(case: Case) -> None:
    """Timeline and trail that are recalled lead to what was found when the case was gathered."""
    session, kept = case.session(), case.findings()
    profile = recalled_profile(case.info.profile, session.ml_app)
    evidence = recalled(session, kept)

    again = recall(evidence, case.events(), profile)
    behaviour = behaviour_of(session, again.timeline, profile, evidence.writes)

    found = [*rum_findings(behaviour), *audit_findings(again.trail, profile)]
    assert {finding.id[:3] for finding in found} == {"rum", "aud"}
    assert found == [finding for finding in kept if finding.id.startswith(("rum", "audit"))]


def test_a_case_of_an_earlier_version_opens_without_events(case: Case) -> None:
    """Where nothing was kept, nothing is known of the time around the session."""
    (case.path / "events.json").unlink()
    info = json.loads((case.path / "case.json").read_bytes())
    del info["protocol"], info["coverage"]["is_expired"]
    (case.path / "case.json").write_text(json.dumps(info))

    opened = open_case(case.path)

    assert opened.events().rum == ()
    assert opened.info.protocol == "llm-obs"


def test_damaged_events_say_so(case: Case) -> None:
    """Half a file is an error with its cure, never an empty list of events."""
    (case.path / "events.json").write_text('{"rum": [')

    with pytest.raises(UnusableInputError, match=r"events\.json is damaged.*gather"):
        case.events()
