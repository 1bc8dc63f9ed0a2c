"""The verb `profile`: write, check and render."""

import json
from pathlib import Path

import pytest

from session_classify.profiles.load import load_profile
from tests.cli.run import run
from tests.conftest import ROOT
from tests.situations import situation

SHIPPED = ROOT / "references" / "apps" / "bits-assistant.yaml"
LOOP = {
    "iterations": [{"iteration": 1, "tool_calls": [{"name": "get_order"}, {"name": "pay_bill"}]}]
}


@pytest.fixture
def loop(tmp_path: Path) -> Path:
    """Write a made-up agent loop."""
    path = tmp_path / "loop.json"
    path.write_text(json.dumps(LOOP))
    return path


def test_a_first_profile_is_written_checked_and_rendered(tmp_path: Path, loop: Path) -> None:
    """The way to a profile of one's own: every file that was seen, all its names, no complaint."""
    rum = [situation("seen-events") / name for name in ("1.json", "2.json")]
    mine = tmp_path / "my profile.yaml"

    made = run(
        "profile", "init", "--app", "shop", "--from-rum", rum[0], "--from-rum", rum[1],
        "--from-loop", loop, "--out", mine,
    )  # fmt: skip
    checked = run("profile", "check", mine)
    page = run("profile", "render", mine)

    assert made.returncode == 0, made.stderr
    profile = load_profile(mine)
    assert {rule.name for rule in profile.actions} >= {"Cart.Open", "Pay [*]now[*]"}
    assert {rule.name for rule in profile.tools} >= {"get_order", "pay_bill"}
    assert checked.stdout.startswith(f"ok: {mine}, profile of shop\n2 action rules: 2 ambiguous;")
    assert "`Pay [*]now[*]`" in page.stdout


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    """What a team wrote is worth more than what was seen."""
    mine = tmp_path / "mine.yaml"
    mine.write_text("app: mine\n")

    done = run("profile", "init", "--app", "shop", "--out", mine)

    assert done.returncode == 2
    assert "exists already" in done.stderr
    assert mine.read_text() == "app: mine\n"


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        pytest.param(["init"], 2, "--app", id="no-app"),
        pytest.param(["init", "--app", " "], 2, "--app is empty", id="empty-app"),
        pytest.param(["init", "--app", "a", "--from-rum", "no"], 2, "cannot read no", id="no-file"),
        pytest.param(
            ["init", "--app", "a", "--from-rum", "-", "--from-loop", "-"],
            2,
            "once",
            id="stdin-twice",
        ),
        pytest.param(["check", "no.yaml"], 2, "cannot read profile no.yaml", id="nothing-to-check"),
        pytest.param(["render", "no.yaml"], 2, "cannot read profile no.yaml", id="no-profile"),
    ],
)
def test_a_wrong_call_is_told_in_one_line(arguments: list[str], code: int, told: str) -> None:
    """Exit 2 with what was expected."""
    done = run("profile", *arguments)

    assert done.returncode == code
    assert told in done.stderr


def test_a_check_tells_each_problem_with_its_cure() -> None:
    """Exit 1; a name with line breaks cannot forge a line of its own."""
    rule = "category: open, tier: ambiguous, direction: neutral"
    text = f'app: a\nactions: [{{name: "x\\nok: y", {rule}}}, {{name: "x\\nok: y", {rule}}}]\n'

    done = run("profile", "check", "-", stdin=text)
    as_json = run("profile", "check", "-", "--json", stdin=text)

    assert done.returncode == as_json.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("session-classify: -: actions, x ⏎ ok: y: the name is written twice; ")
    assert json.loads(as_json.stdout)["problems"][0]["fix"] == "drop one of the two rules"
    assert json.loads(as_json.stdout)["ok"] is False
    assert json.loads(as_json.stdout)["held"]["actions_ambiguous"] == 2


def test_many_problems_are_counted() -> None:
    """Forty lines are told, and how many more there are."""
    rules = ", ".join(
        f"{{name: a{n}, category: open, tier: B, direction: neutral}}" for n in range(50)
    )

    done = run("profile", "check", "-", stdin=f"app: a\nactions: [{rules}]\n")

    assert len(done.stderr.splitlines()) == 41
    assert "… 60 more problems; --json prints all" in done.stderr


def test_a_shipped_profile_is_fine_where_it_lies_and_taken_elsewhere() -> None:
    """A copy claims the same apps, and says so."""
    here = run("profile", "check", SHIPPED)
    copied = run("profile", "check", "-", stdin=SHIPPED.read_text())

    assert here.returncode == 0, here.stderr
    assert "48 action rules: 3 tier A, 3 tier B, 34 ambiguous, 8 explicit; " in here.stdout
    assert copied.returncode == 1
    assert "the shipped profile bits-assistant claims this app" in copied.stderr
