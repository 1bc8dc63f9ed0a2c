"""The skill with the strict protocol, in the real client.

`make client` installs the client and runs these; SESSION_CLASSIFY_CLIENT names its program.
"""

import os
import re
from pathlib import Path

import pytest

from tests.backends.conftest import DEMO
from tests.backends.test_live import SESSION_ID
from tests.client.client import Outcome, bash, by_marketplace, outcome_of, skill_text
from tests.client.model import Script

pytestmark = pytest.mark.client
STRICT = "eval-session-classify"


def test_the_lines_of_the_strict_skill_end_in_a_report(tmp_path: Path) -> None:
    """As they are written, with the demo's data; the report is that of the strict protocol."""
    install = by_marketplace(os.environ["SESSION_CLASSIFY_CLIENT"], tmp_path / "some place")
    filled = {
        "session ID": f'session {SESSION_ID} --backend "bundle:{DEMO}" --case CASE',
        "CASE": f'"{install.project / "case"}"',
        'wrong_answer="why" --cite write2': "hallucination --cite write1 --confirm claim1",
    }
    outcomes: list[Outcome] = []

    def script() -> Script:
        request = yield {}
        for line in re.findall(r"^python3 .*", skill_text(request), re.MULTILINE):
            command = line
            for words, value in filled.items():
                command = command.replace(words, value)
            request = yield bash(command)
            outcomes.append(outcome_of(request))

    install.converse(f"/session-classify:{STRICT} {SESSION_ID}", script())

    assert [outcome.text for outcome in outcomes if outcome.is_error] == []
    assert len(outcomes) == 2
    assert f"# Classification: {SESSION_ID}\n" in outcomes[1].text
    assert "## Was the core intent satisfied?\n**no**" in outcomes[1].text
