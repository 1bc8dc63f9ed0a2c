"""What an agent may do without asking: `--restricted` before a command."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import click
import pytest

from session_classify.cli import cli
from session_classify.cli.guard import COMMANDS, Role, role_of
from tests.cli.run import run
from tests.cli.test_persisted import LOOP
from tests.conftest import ROOT
from tests.situations import samples

DEMO = ROOT / "scripts" / "session_classify" / "demo_bundle"
ID = "5e551044-de30-4c1a-9551-000000000001"
VERDICT = {
    "verdict": "no",
    "reason": "The widget was never added.",
    "failures": [{"code": "hallucination"}],
    "cite": ["write1"],
    "confirm": ["claim1"],
}


@pytest.fixture(scope="module")
def gathered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the case of the demo's session."""
    path = tmp_path_factory.mktemp("gathered") / "case"
    done = run("gather", "session", ID, "--backend", f"bundle:{DEMO}", "--case", path)
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture
def home(tmp_path: Path, gathered: Path) -> Path:
    """Make a home directory with secrets, a folder of data and a project that holds a case."""
    home = tmp_path / "home"
    other, project = home / "other", home / "project"
    results = home / ".claude" / "projects" / "p" / "s" / "tool-results"
    for folder in (home / ".ssh", other, results, project / "docs", project / "commands"):
        folder.mkdir(parents=True)
    for name in (".git/hooks", ".claude/commands", ".github", "keys", "linked-bundle"):
        (project / name).mkdir(parents=True)
    (home / ".ssh" / "key").write_text("a secret")
    (project / ".env").write_text("KEY=a secret")
    (project / "existing.md").write_text("mine")
    for folder in (other, project):
        (folder / "app.yaml").write_text("app: my-app\n")
        (folder / "rules.yaml").write_text("rules: [{name: retried, move: {}}]\n")
        (folder / "answer.json").write_text(json.dumps(VERDICT))
        (folder / "loop.json").write_text(json.dumps(LOOP))
    for path in (other / "spans.txt", results / "spans.txt"):
        shutil.copy(DEMO / "spans.jsonl", path)
    shutil.copytree(gathered, project / "case")
    (project / "case" / "app.yaml").write_text("app: my-app\n")
    (project / "case" / "kept.md").write_text("mine")
    for link, target in (
        ("away", other),
        ("link.md", other / "spans.txt"),
        ("dangling.md", other / "new.md"),
        ("hooks-link", project / ".git" / "hooks"),
        ("keys/key.txt", home / ".ssh" / "key"),
        ("linked-bundle/spans.jsonl", home / ".ssh" / "key"),
    ):
        (project / link).symlink_to(target)
    return home


def files(folder: Path) -> dict[str, bytes]:
    """Return every file and link below a folder with its content."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b""
        for path in sorted(folder.rglob("*"))
    }


def restricted(home: Path, words: list[str], **env: str) -> Any:
    """Run a line in the project, with its places put in."""
    places = {"home": home, "project": home / "project", "demo": DEMO, "id": ID}
    places |= {"canary": home / "canary", "references": ROOT / "references"}
    line = [re.sub(r"\{(\w+)\}", lambda found: str(places[found[1]]), word) for word in words]
    return run("--restricted", *line, cwd=home / "project", **{"HOME": str(home), **env})


@pytest.mark.parametrize("sample", samples("restricted-refused"))
def test_a_value_that_is_not_allowed_is_refused(home: Path, sample: dict[str, Any]) -> None:
    """Exit 2 and one line with the fix; nothing is written, and no program was started."""
    before = files(home)

    done = restricted(home, sample["run"])

    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert done.stderr.count("\n") == 1
    assert sample["told"] in done.stderr
    # Links in a circle, links out of a folder and unknown backends are refused in every run.
    refused_anyway = ("cannot be resolved", "a link out of its folder", "there is no backend")
    assert any(told in done.stderr for told in ("--restricted", *refused_anyway))
    assert files(home) == before


@pytest.mark.parametrize("sample", samples("restricted-allowed"))
def test_what_a_classification_takes_is_allowed(home: Path, sample: dict[str, Any]) -> None:
    """The lines of the skill, with their options, run as they do without the switch."""
    done = restricted(home, sample["run"])

    assert done.returncode == sample.get("code", 0), done.stderr
    assert "--restricted does not" not in done.stderr
    assert "--restricted refuses" not in done.stderr


def every_command(group: click.Group, path: str = "") -> dict[str, click.Command]:
    """Return the commands below a group by all their words."""
    found: dict[str, click.Command] = {}
    for name in group.list_commands(click.Context(group)):
        command, words = group.get_command(click.Context(group), name), f"{path} {name}".strip()
        assert command is not None
        if isinstance(command, click.Group) and any(
            one.startswith(f"{words} ") for one in COMMANDS
        ):
            found |= every_command(command, words)
        else:
            found[words] = command
    return found


EVERY = every_command(cli)


@pytest.mark.parametrize("name", sorted(set(EVERY) - {*COMMANDS}))
@pytest.mark.parametrize("before", [(), ("--debug",), ("--restricted",)], ids=str)
def test_every_other_command_is_refused(home: Path, name: str, before: tuple[str, ...]) -> None:
    """Whatever its arguments are: they are not looked at."""
    made = files(home)

    done = restricted(home, [*before, *name.split(), "--help"], SESSION_CLASSIFY_RESTRICTED="0")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"session-classify: --restricted does not allow {name}, only ")
    assert files(home) == made


def test_the_switch_stands_before_the_command_alone(home: Path) -> None:
    """Behind the command it is no option, so that nobody takes it for a default to switch off."""
    for words in (["show", "case", "--restricted"], ["--no-restricted", "show", "case"]):
        done = restricted(home, words)

        assert done.returncode == 2
        assert "No such option" in done.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_every_parameter_of_an_allowed_command_has_a_role(name: str) -> None:
    """An option that nobody has thought about would be a hole; a path is never plain text."""
    command = EVERY[name]

    assert [one.name for one in command.params if role_of(one) is None] == []
    assert [
        one.name
        for one in command.params
        if isinstance(one.type, click.Path | click.File) and role_of(one) is Role.PLAIN
    ] == []


def test_a_parameter_without_a_role_is_refused() -> None:
    """What is forgotten is closed."""
    from session_classify.cli.guard import allowed_values
    from session_classify.errors import UsageError

    forgotten = click.Option(["--forgotten"])

    assert allowed_values([forgotten], {"forgotten": None}) == {"forgotten": None}
    with pytest.raises(UsageError, match="does not allow --forgotten"):
        allowed_values([forgotten], {"forgotten": "x.html"})


def test_a_folder_that_an_agent_changed_into_is_no_project_of_its_own(home: Path) -> None:
    """What is hidden is counted from the repository: `cd .claude/commands` opens nothing."""
    inside = home / "project" / ".claude" / "commands"
    for words in (["--out", "report.md"], ["--out", "../../report.md"]):
        done = run(
            *("--restricted", "show", home / "project" / "case", *words), cwd=inside, HOME=str(home)
        )

        assert done.returncode == 2, done.stderr
    assert list(inside.iterdir()) == []
    assert not (home / "project" / "report.md").exists()


@pytest.mark.parametrize("place", [".", "..", "/"], ids=["home", "above", "root"])
def test_there_is_no_project_at_home_and_above(home: Path, place: str) -> None:
    """There is too much below for a file to be written unasked; the case is still a place."""
    here, case = (home / place).resolve(), home / "project" / "case"
    out = "report-of-a-test.md"
    refused = run("--restricted", "show", case, "--out", out, cwd=here, HOME=str(home))
    written = run("--restricted", "show", case, "--out", case / out, cwd=here, HOME=str(home))

    assert (refused.returncode, written.returncode) == (2, 0), written.stderr
    assert "the current directory is none" in refused.stderr or "the case" in refused.stderr
    assert not (here / out).exists()
    assert (case / out).is_file()


def test_the_next_commands_that_are_printed_are_restricted(home: Path) -> None:
    """An agent copies them, and its permission has the switch."""
    case = ["--case", "new"]
    script = "/some where/run.py"
    program = f'python3 "{script}"'
    digest = restricted(
        home,
        ["gather", "session", "{id}", "--backend", "bundle:{demo}", *case],
        script=script,
    )
    usage = restricted(home, ["verdict"], script=script)

    assert f"{program} --restricted show {home}/project/new " in digest.stdout
    assert digest.stdout.count(program) == digest.stdout.count(f"{program} --restricted ")
    assert f"Usage: {program} --restricted verdict" in " ".join(usage.stderr.split())


def test_a_case_holds_no_copy_of_a_file_that_is_no_answer(home: Path) -> None:
    """Else gathering would copy any file to where an agent may read it."""
    private = home / "other" / "private.txt"
    private.write_text("a diary")
    shutil.copy(private, private.with_name("the-same.txt"))

    done = restricted(
        home, ["gather", "session", "{id}", "--backend", "files:../other/*.txt", "--case", "new"]
    )

    assert done.returncode == 0, done.stderr
    assert (
        "private.txt (bare text) is text without JSON or a table (1 line) and left out"
        in done.stdout
    )
    assert "diary" not in done.stdout
    assert [name for name, data in files(home / "project").items() if b"diary" in data] == []
    assert len(list((home / "project" / "new" / "raw").iterdir())) == 1
