"""A case is named by its path, or by its id where it lies in the state directory."""

from pathlib import Path

import pytest

from tests.cli.run import a_bundle, a_row, run


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """Gather a made-up session without `--case`, in a home of its own."""
    variables = {"HOME": str(tmp_path / "home"), "XDG_STATE_HOME": str(tmp_path / "state")}
    bundle = a_bundle(tmp_path / "rows", [a_row()])
    done = run("gather", "session", "s-1", "--backend", f"bundle:{bundle}", **variables)
    assert done.returncode == 0, done.stderr
    return variables


@pytest.mark.parametrize("name", ["s-1", "session-s-1"])
@pytest.mark.parametrize("before", [(), ("--restricted",)], ids=["free", "restricted"])
def test_an_id_names_the_case_in_the_state_directory(
    home: dict[str, str], tmp_path: Path, name: str, before: tuple[str, ...]
) -> None:
    """Each command that takes a case finds it, in whichever folder it runs."""
    here = tmp_path / "project"
    here.mkdir()
    words = ("--verdict", "yes", "--reason", "The greeting was returned.")

    done = [
        run(*before, command, name, *more, cwd=here, **home)
        for command, more in (("show", ("turn", "1")), ("verdict", words), ("report", ()))
    ]

    assert [one.returncode for one in done] == [0, 0, 0], [one.stderr for one in done]
    assert list(here.iterdir()) == []


def test_what_is_here_comes_first(home: dict[str, str], tmp_path: Path) -> None:
    """A folder of that name is the one that was meant, also when it is no case."""
    (tmp_path / "s-1").mkdir()

    done = run("show", "s-1", cwd=tmp_path, **home)

    assert (done.returncode, f"no case at {tmp_path / 's-1'}" in done.stderr) == (3, True)


@pytest.mark.parametrize("name", ["x" * 300, "s\udcff", "\udcff" * 90])
def test_a_name_that_no_file_can_have_is_told_in_one_line(
    home: dict[str, str], tmp_path: Path, name: str
) -> None:
    """Too long, or bytes that are no UTF-8: it is no internal error."""
    for command in ("show", "report", "submit", "label"):
        done = run(command, name, cwd=tmp_path, **home)

        assert done.returncode in (2, 3, 7), done.stderr
        assert done.stderr.count("\n") <= 4


@pytest.mark.parametrize("name", ["s-2", "..", ".", "a/s-1", ""])
def test_a_name_of_nothing_is_told_as_a_path(
    home: dict[str, str], tmp_path: Path, name: str
) -> None:
    """The error names where a case was looked for."""
    done = run("show", name, cwd=tmp_path, **home)

    assert (done.returncode, "no case at" in done.stderr) == (3, True), done.stderr


def test_without_a_home_a_path_is_still_a_path(home: dict[str, str], tmp_path: Path) -> None:
    """Where there is no state directory, nothing is looked for in it."""
    done = run("show", "s-1", cwd=tmp_path, **home | {"XDG_STATE_HOME": "relative"})

    assert done.returncode == 3, done.stderr
