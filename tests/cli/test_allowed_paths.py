"""Which paths a restricted run may use, whatever they are made of."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from session_classify.cli.allowed_paths import ENDINGS, AllowedPaths
from session_classify.errors import UsageError

PARTS = (
    ".. . / // ~ ~root link circle .git .claude docs agents case raw case.json old.md new.md "
    "CLAUDE.md AGENTS.MD x.py x Makefile package.json .new.md new.md. a.b.json home project other"
).split()
NAMES = st.lists(st.sampled_from(PARTS), min_size=1, max_size=5).map("/".join)


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> AllowedPaths:
    """Make a repository with a case in a home directory, and links that lead out of it."""
    home = tmp_path_factory.mktemp("top").resolve() / "home"
    project = home / "project"
    for folder in (".git", ".claude/commands", "docs/agents", "case/raw"):
        (project / folder).mkdir(parents=True)
    (home / "other").mkdir()
    for name in ("old.md", "docs/old.md", "case/case.json", "case/old.md"):
        (project / name).write_text("{}")
    (project / "link").symlink_to(home / "other")
    (project / "docs" / "link").symlink_to(project / ".git")
    (project / "circle").symlink_to("circle")
    cases = home / ".local" / "state" / "session-classify" / "cases"
    return AllowedPaths(
        project, project, home, cases, home.parent / "temporary", home / ".claude" / "projects"
    )


def inside(paths: AllowedPaths, name: str) -> str:
    return f"{paths.project}/{name}"


@given(name=NAMES)
@example(name="old.md")
@example(name="case/case.json")
@example(name="case/raw/new.md")
def test_a_file_that_is_written_is_new_and_harmless(paths: AllowedPaths, name: str) -> None:
    """In the project it is visible, of a known ending and nobody's instructions."""
    assert paths.project is not None
    case = paths.project / "case"
    try:
        path = paths.output("--out", inside(paths, name), case)
    except UsageError:
        return
    parts = path.relative_to(paths.project).parts
    assert path == path.resolve()
    assert path.suffix.lower() in ENDINGS
    assert not any(part.startswith(".") for part in parts)
    assert parts[-1].lower() not in ("claude.md", "agents.md", "package.json")
    assert "agents" not in parts[:-1]
    assert path not in (case, case / "case.json")
    assert not path.is_relative_to(case / "raw")
    assert path.is_relative_to(case) or not path.exists()


@given(name=NAMES)
@example(name="circle/../link/x.py")
def test_settings_stay_in_the_project(paths: AllowedPaths, name: str) -> None:
    """Whatever links and dots are in the path."""
    try:
        path = paths.settings("--profile", inside(paths, name), None)
    except UsageError:
        return
    assert paths.project is not None
    assert path.resolve().is_relative_to(paths.project)


@given(name=NAMES)
def test_cases_and_data_are_not_hidden(paths: AllowedPaths, name: str) -> None:
    """They may be anywhere, but not where programs keep what is theirs."""
    for allowed in (paths.case, paths.data):
        try:
            path = allowed("--case", inside(paths, name))
        except UsageError:
            continue
        assert not any(part.startswith(".") for part in path.parts)
