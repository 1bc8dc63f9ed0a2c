"""What is kept on this machine, and what of it a purge removes."""

import json
import os
import re
import shutil
import subprocess
import venv
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_classify.backends.bundle import open_bundle
from session_classify.cli import cli
from session_classify.errors import ClassifyError
from session_classify.gathering.case_files import GATHER, LOCKS
from session_classify.gathering.draft import gathering
from session_classify.gathering.gather import gather
from session_classify.gathering.purge import kept_items, remove
from session_classify.places import answers_folder
from session_classify.resources import resource
from session_classify.vocabulary import Unit
from tests.conftest import ROOT

DEMO = "5e551044-de30-4c1a-9551-000000000001"
KEY = "0123456789abcdef"
OLD = 1_700_000_000


@dataclass(frozen=True)
class Home:
    """A home directory with one of everything that the tool keeps."""

    path: Path
    run: Callable[..., tuple[int, str, str]]

    @property
    def cases(self) -> Path:
        """The folder of cases."""
        return self.path / "state" / "session-classify" / "cases"

    @property
    def case(self) -> Path:
        """The demo's case."""
        return self.cases / f"session-{DEMO}"

    @property
    def answers(self) -> Path:
        """Answers that are kept for a case which was not made."""
        return self.cases / ".session-s-2.answers"

    @property
    def captured(self) -> Path:
        """The results that the hook stored in one conversation."""
        return self.path / "state" / "session-classify" / "captures" / "0a7c5e2e"

    @property
    def cache(self) -> Path:
        """The folder of environments and caches."""
        return self.path / "cache" / "session-classify"

    @property
    def environment(self) -> Path:
        """A private environment."""
        return self.cache / f"venv-{KEY}"

    @property
    def sdk(self) -> Path:
        """Something that is kept in the cache beside environments."""
        return self.cache / "sdk"

    def files(self) -> list[Path]:
        """Return every file and link but compiled templates, which any command may add."""
        return sorted(
            path
            for path in self.path.rglob("*")
            if (path.is_symlink() or path.is_file()) and path.parent.name != "templates"
        )


def write(path: Path, size: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    return path


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Gather the made-up session that ships with the package."""
    path = tmp_path_factory.mktemp("demo") / "case"
    gather(open_bundle(resource("demo_bundle")), Unit.SESSION, DEMO, path)
    return path


@pytest.fixture
def home(
    demo: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Home:
    """Fill a home directory; `run` gives exit code, output and messages of a purge."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def run_here(*arguments: object) -> tuple[int, str, str]:
        code, said = 0, ""
        try:
            cli.main(["purge", *map(str, arguments)], standalone_mode=False)
        except ClassifyError as error:
            code, said = error.exit_code, f"{error}\n"
        printed = capsys.readouterr()
        return code, printed.out, printed.err + said

    made = Home(tmp_path, run_here)
    shutil.copytree(demo, made.case)
    write(made.answers / f"search-{KEY}", 30)
    write(made.captured / "ab12cd34" / f"{KEY}-toolu_1.jsonl", 70)
    write(made.environment / "lib" / "x.py", 2_000)
    write(made.cache / f"venv-{KEY}.lock", 0)
    write(made.cache / f"venv-{KEY}-api-mcp" / "ready", 0)
    write(made.cache / f"uv-{KEY}", 0)
    write(made.sdk / "x", 500)
    return made


@pytest.mark.parametrize("arguments", [(), ("--older-than", "0d"), ("--all", "--dry-run")])
def test_without_a_selection_or_with_dry_run_nothing_is_removed(
    home: Home, arguments: tuple[str, ...]
) -> None:
    """Every path is printed with its size, and every file is still there."""
    before = home.files()

    code, out, err = home.run(*arguments)

    assert code == 0, err
    assert set(before) <= set(home.files())
    for path in (home.case, home.answers, home.captured, home.environment, home.sdk):
        assert f"  {path}\n" in out
    assert f"environments    2.0 kB  {home.environment}" in out
    assert "nothing was removed" in err
    assert ("--cases" in err) is ("--all" not in arguments)


@pytest.mark.parametrize(
    ("flag", "gone"),
    [
        ("--cases", ["case"]),
        ("--answers", ["answers"]),
        ("--environments", ["environment"]),
        ("--caches", ["sdk"]),
        ("--captures", ["captured"]),
        ("--all", ["case", "answers", "captured", "environment", "sdk"]),
    ],
)
def test_a_kind_is_removed_and_the_others_stay(home: Home, flag: str, gone: list[str]) -> None:
    """What was selected is gone, with its size told; the rest is as it was."""
    code, out, err = home.run(flag)

    assert code == 0, err
    for name in ("case", "answers", "captured", "environment", "sdk"):
        path = getattr(home, name)
        assert path.exists() is (name not in gone)
        assert (f"  {path}\n" in out) is (name in gone)
    assert ("removed" in out, err) == (True, "")


def test_state_and_cache_may_be_one_folder(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cases are found as cases there, and not as something strange in the cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(home.path / "state"))
    write(home.cases.parent / f"uv-{KEY}", 1)

    _, out, _ = home.run("--environments")
    assert [line for line in out.splitlines() if "left" in line] == []
    assert home.case.exists()

    home.run("--all")
    assert not home.cases.parent.exists()


def test_after_all_nothing_of_the_tool_is_left(home: Home) -> None:
    """Its own folders go when they are empty; those of the system stay."""
    home.run("--all")

    left = sorted(path.name for path in home.path.rglob("*"))
    assert left == ["cache", "state"]


def test_the_result_can_be_read_by_programs(home: Home) -> None:
    """Each item with kind, path, bytes, time and outcome; the sum counts what was removed."""
    told = json.loads(home.run("--environments", "--answers", "--json")[1])

    assert [item["kind"] for item in told["items"]] == ["answers", *["environments"] * 4]
    assert {item["outcome"] for item in told["items"]} == {"removed"}
    assert told["bytes"] == sum(item["bytes"] for item in told["items"]) == 2_030


def test_only_what_is_older_goes(home: Home) -> None:
    """The newest file of an item tells its age."""
    for path in (home.environment, *home.environment.rglob("*")):
        os.utime(path, (OLD, OLD))
    for path in (home.sdk, home.sdk / "old"):
        write(home.sdk / "old", 1)
        os.utime(path, (OLD, OLD))

    code, _, err = home.run("--all", "--older-than", "30d")

    assert (code, err) == (0, "")
    assert not home.environment.exists()
    assert home.case.exists()
    assert home.sdk.exists()


@pytest.mark.parametrize("age", ["30", "d", "-1d", "1y", "1d 2h", "", "999999999w"])
def test_an_age_that_is_none_is_refused(home: Home, age: str) -> None:
    """Exit 2 with samples, and nothing is removed."""
    before = home.files()

    code, _, err = home.run("--all", "--older-than", age)

    assert code == 2
    assert "30d" in err
    assert home.files() == before


def test_a_named_case_goes_with_its_kept_answers(home: Home, tmp_path: Path) -> None:
    """A case elsewhere is removed when it is named, and nothing else is."""
    case = tmp_path / "my case"
    shutil.copytree(home.case, case)
    write(answers_folder(case) / f"search-{KEY}", 10)

    code, _, err = home.run(case)

    assert code == 0, err
    assert not case.exists()
    assert not answers_folder(case).exists()
    assert home.case.exists()


def test_answers_of_a_run_that_made_no_case_go_by_the_name_of_the_case(
    home: Home, tmp_path: Path
) -> None:
    """They lie beside the directory that `--case` named."""
    write(answers_folder(tmp_path / "never") / f"search-{KEY}", 10)

    assert home.run(tmp_path / "never")[0] == 0
    assert not answers_folder(tmp_path / "never").exists()


@pytest.mark.parametrize(
    ("made", "code"),
    [("nothing", 3), ("folder", 3), ("file", 3), ("photos", 3), ("damaged", 1), ("link", 2)],
)
def test_what_is_no_case_is_not_removed(home: Home, tmp_path: Path, made: str, code: int) -> None:
    """Every named path is checked before anything is removed."""
    path = tmp_path / "other"
    if made == "folder":
        write(path / "notes.txt", 5)
    elif made == "file":
        write(path, 5)
    elif made == "photos":
        write(path / "raw" / "1.jpg", 5)
        write(path / ".lock", 0)
    elif made == "damaged":
        write(path / "case.json", 5)
    elif made == "link":
        path.symlink_to(home.case)
    before = home.files()

    code, out, err = home.run(home.case, path, "--all")

    assert (code, out) == (code, "")
    assert err.count("\n") == 1
    assert home.files() == before


def test_files_of_other_programs_stay_in_a_case(home: Home) -> None:
    """Only what the tool made is removed from the directory, and the rest is counted."""
    note = write(home.case / "my notes.txt", 7)

    _, out, _ = home.run("--cases")

    assert list(home.case.iterdir()) == [note]
    assert "(its directory stays, with my notes.txt)" in out


def test_links_are_never_followed(home: Home, tmp_path: Path) -> None:
    """Whatever a link inside or in place of an item leads to is still there."""
    victim = write(tmp_path / "victim" / "case.json", 5).parent
    shutil.copytree(home.case, tmp_path / "victim-case")
    (home.cases / "session-evil").symlink_to(tmp_path / "victim-case")
    (home.cases / ".x.answers").symlink_to(victim)
    (home.cache / f"venv-{KEY[::-1]}").symlink_to(victim)
    shutil.rmtree(home.case / "raw")
    (home.case / "raw").symlink_to(victim)
    (home.environment / "lib64").symlink_to(victim)

    code, out, err = home.run("--all")

    assert (code, err) == (0, "")
    assert out.count("(a symbolic link)") == 3
    assert [path.name for path in victim.iterdir()] == ["case.json"]
    assert (tmp_path / "victim-case" / "case.json").exists()
    assert not home.case.exists()
    assert not home.environment.exists()


@pytest.mark.parametrize("link", ["cases", "session-classify"])
def test_a_folder_of_cases_that_is_a_link_is_left(home: Home, tmp_path: Path, link: str) -> None:
    """What it leads to may hold cases that somebody moved, and much else."""
    place = home.cases if link == "cases" else home.cases.parent
    place.rename(tmp_path / "moved")
    place.symlink_to(tmp_path / "moved")

    _, out, _ = home.run("--cases")

    assert f"{place} (a symbolic link)" in out
    assert home.case.exists()


def test_what_another_run_uses_is_left(home: Home) -> None:
    """Exit 0 with a note; the rest of the selection goes."""
    import fcntl

    kept = write(answers_folder(home.case) / f"search-{KEY}", 10)
    with ExitStack() as stack:
        for lock in (*(home.case / name for name in LOCKS), home.environment.with_suffix(".lock")):
            fcntl.flock(stack.enter_context(lock.open("a")), fcntl.LOCK_EX)
        code, out, _ = home.run("--all")

    assert code == 0
    for path in (home.case, kept.parent, home.environment):
        assert f"  {path} (in use by another run)\n" in out
    assert (home.case / "session.json").exists()
    assert kept.exists()
    assert (home.environment / "lib" / "x.py").exists()
    assert not home.answers.exists()
    assert not home.sdk.exists()


def test_what_cannot_be_removed_is_named_and_the_rest_goes(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row says what the system said, and the command ends with the system's error."""

    def refuse(path: Path) -> None:  # root, who runs tests in containers, is refused nothing
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", refuse)
        with pytest.raises(PermissionError):
            home.run("--cases", "--environments")

    assert home.environment.exists()
    assert not (home.cache / f"uv-{KEY}").exists()
    assert (home.case / "case.json").exists()
    assert home.run("--all")[0] == 0


def test_hostile_names_are_printed_as_text(home: Home) -> None:
    """A file name cannot act on the terminal or write a line of its own."""
    write(home.cases / "x\x1b[2J\nremoved  cases", 1)

    _, out, _ = home.run()

    assert "x\\x1b[2J ⏎ removed  cases (not a case)" in out


def test_the_environment_that_runs_the_purge_goes_last_and_the_result_is_printed(
    home: Home, tmp_path: Path
) -> None:
    """Everything that printing needs is loaded by then, the detectors of secrets included."""
    folder = home.cache / "venv-ffffffffffffffff"
    venv.create(folder)
    site = next((folder / "lib").glob("python*/site-packages"))
    for name in re.findall(
        r"^[\w-]+", (ROOT / "scripts/requirements.lock").read_text(), re.MULTILINE
    ):
        for file in metadata.files(name) or ():
            if ".." not in file.parts and "__pycache__" not in file.parts:
                (site / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(str(file.locate()), site / file)
    # A path that could hold a key: it is looked at by the detectors.
    state = tmp_path / "datadog"
    home.cases.parents[1].rename(state)

    done = subprocess.run(
        [folder / "bin" / "python", "-m", "session_classify", "purge", "--all"],
        capture_output=True,
        encoding="utf-8",
        env={
            "XDG_STATE_HOME": str(state),
            "XDG_CACHE_HOME": str(home.cache.parent),
            "PYTHONPATH": str(ROOT / "scripts"),
        },
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-2].endswith(str(folder))
    assert not home.cache.exists()


CASES, CACHE, OTHER = "state/session-classify/cases", "cache/session-classify", "elsewhere"
NOT_CACHED = ["notes", "session-x", "..answers", ".x.answers", ".gather", "venv-mine"]
NAMES = st.sampled_from([*NOT_CACHED, f"venv-{KEY}", "sdk"])
INSIDE = st.sampled_from(
    ["case.json", "session.json", "raw/a", "diary", ".lock", ".case.json.1.part"]
)
FILES = st.lists(st.tuples(st.sampled_from([CASES, CACHE, OTHER]), NAMES, INSIDE), max_size=8)


@given(FILES, FILES)
def test_a_purge_of_everything_never_takes_what_is_not_the_tools(
    tmp_path_factory: pytest.TempPathFactory,
    files: list[tuple[str, str, str]],
    links: list[tuple[str, str, str]],
) -> None:
    """Files elsewhere, files of other names, and what links lead to are there afterwards."""
    base = tmp_path_factory.mktemp("any")
    write(base / OTHER / "case.json", 1)
    for place, name, inside in files:
        write(base / place / name / inside, 1)
    for link in (base / place / name for place, name, _ in links):
        if not link.exists():
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(base / OTHER)
    foreign = [
        base / place / name / inside
        for place, name, inside in files
        if place == OTHER
        or (place == CACHE and name in NOT_CACHED)
        or (place == CASES and inside == "diary" and name != ".x.answers")
    ]

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(base / "state"))
        patch.setenv("XDG_CACHE_HOME", str(base / "cache"))
        for item in kept_items():
            remove(item)

    assert [path for path in (*foreign, base / OTHER / "case.json") if not path.is_file()] == []


def test_a_case_that_a_run_gathers_into_is_left(home: Home) -> None:
    """Its draft and the answers that are kept for it are in use as well."""
    case = home.cases / "session-s-2"
    with gathering(case, Unit.SESSION, "s-2"):
        write(case / GATHER / "raw" / f"search-{KEY}", 1)
        code, out, _ = home.run("--all")
        assert (code, out.count("(in use by another run)")) == (0, 2)
        assert (case / GATHER / "raw" / f"search-{KEY}").exists()
        assert home.answers.exists()

    home.run("--all")
    assert not home.cases.exists()
