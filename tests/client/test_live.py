"""Whole sessions by commands in the real client: from a pup and from the API.

`make client` installs the client and runs these; SESSION_CLASSIFY_CLIENT names its program.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.backends.conftest import DEMO, KEYS, Server
from tests.backends.test_live import SESSION_ID
from tests.client.client import SKILL, Outcome, bash, by_marketplace, outcome_of, skill_text
from tests.client.model import Script
from tests.client.test_hook import OF_DEMO

pytestmark = [pytest.mark.client, pytest.mark.long]
_MOST_READ = 20_000
"""Characters that an agent reads for a session."""


@pytest.mark.parametrize("backend", ["pup", "api"])
@pytest.mark.parametrize("name", [SKILL, f"session-classify:{SKILL}"], ids=["bare", "namespaced"])
def test_a_session_is_classified_by_commands_alone(
    backend: str,
    name: str,
    serve: Server,
    pup: Callable[[str], dict[str, str]],
    tmp_path: Path,
) -> None:
    """Two commands, no approval, and the verdict stands; the skill is given the arguments."""
    install = by_marketplace(os.environ["SESSION_CLASSIFY_CLIENT"], tmp_path / "some place")
    url = serve(DEMO)
    env = pup(url) | KEYS
    path = os.pathsep.join((str(Path(sys.executable).parent), env.pop("PATH")))
    outcomes: list[Outcome] = []
    given: list[str] = []

    def script() -> Script:
        request = yield {}
        text = skill_text(request)
        given.append(text)
        folder = text.partition("\n")[0].removeprefix("Base directory for this skill: ")
        command = f'python3 "{folder}/scripts/run.py" --restricted'
        case = install.project / "case"
        where = backend if backend == "pup" else f"api:{url}"
        gather = f'gather session {SESSION_ID} --backend {where} --case "{case}"'
        for line in (gather, f'verdict "{case}" {OF_DEMO}'):
            request = yield bash(f"{command} {line}")
            outcomes.append(outcome_of(request))

    install.converse(f"/{name} {SESSION_ID}", script(), PATH=path, **env)

    assert f"ARGUMENTS: {SESSION_ID}" in given[0]
    assert [outcome.text for outcome in outcomes if outcome.is_error] == []
    assert "rum1, rum-exact-asset-used" in outcomes[0].text
    assert "verdict: no" in outcomes[1].text
    assert sum(len(outcome.text) for outcome in outcomes) < _MOST_READ
