"""The skill about the audience, in the real client: it reads, and is refused every write.

`make client` installs the client and runs these; SESSION_CLASSIFY_CLIENT names its program.
"""

import os
import re
from pathlib import Path

import pytest

from datadog_standin.recording import read_recording
from datadog_standin.server import StandIn, serving
from tests.client.client import Outcome, bash, by_marketplace, outcome_of, skill_text
from tests.client.model import Script
from tests.situations import situation

pytestmark = pytest.mark.client
SKILL = "rum-audience"
JOIN = "--join-attribute user_email --join-type email --confirm"
WRITES = (
    "{run} --restricted audience connections create users other " + JOIN,
    "{run} --restricted audience connections update users crm --remove nps --confirm",
    "{run} --restricted audience connections delete users crm --confirm-delete crm",
    "{run} --restricted audience mapping users; {run} audience connections delete users crm",
    # Without the switch the client asks, and nobody is there to say yes.
    "{run} audience connections delete users crm --confirm-delete crm",
    "session-classify audience connections create users other " + JOIN,
    "{run} --debug --restricted audience connections delete users crm --confirm-delete crm",
    "DD_READ_ONLY=0 {run} audience connections delete users crm --confirm-delete crm",
)
OTHERS = (
    "{run} --restricted audience mapping users --url https://example.com",
    "{run} --restricted audience users query --format csv --out .git/hooks/segment.csv",
    "{run} --restricted gather session 1",
)
"""What the skill's permission does not have either."""


class Conversation:
    """What became of each line, and what the server was asked."""

    def __init__(self, server: StandIn) -> None:
        self.server = server
        self.of_skill: dict[str, Outcome] = {}
        self.of_lines: dict[str, Outcome] = {}

    def script(self) -> Script:
        """Run the lines of the skill, then those that change something."""
        request = yield {}
        text = skill_text(request)
        folder = text.partition("\n")[0].removeprefix("Base directory for this skill: ")
        for line in re.findall(r"^python3 .*", text, re.MULTILINE):
            request = yield bash(f"{line} --url {self.server.url}")
            self.of_skill[line] = outcome_of(request)
        for line in (*WRITES, *OTHERS):
            at = "" if "--url" in line else f" --url {self.server.url}"
            request = yield bash(line.format(run=f'python3 "{folder}/scripts/run.py"') + at)
            self.of_lines[line] = outcome_of(request)


def test_the_skill_reads_and_is_refused_every_write(tmp_path: Path) -> None:
    """The lines of the skill run unprompted; each write is refused by the client or the command."""
    install = by_marketplace(os.environ["SESSION_CLASSIFY_CLIENT"], tmp_path / "some place")
    with serving(read_recording([situation("organization-made-up")])) as server:
        held = Conversation(server)
        install.converse(f"/session-classify:{SKILL} Who is at risk?", held.script())
        sent = list(server.audience.requests)

    assert len(held.of_skill) >= 6
    assert [one.text for one in held.of_skill.values() if one.is_error] == []
    assert any("user_email" in one.text for one in held.of_skill.values())
    assert held.of_lines.keys() == {*WRITES, *OTHERS}
    for line, outcome in held.of_lines.items():
        assert outcome.is_refused, (line, outcome.text)
    assert any(one.endswith("/users/query") for one in sent)
    assert [one for one in sent if re.search("(POST|PUT|DELETE) .*/mapping/connection", one)] == []
    assert list((install.project / ".git" / "hooks").iterdir()) == []
