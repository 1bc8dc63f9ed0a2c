"""The registry of backends: a module in a folder is all that a new kind needs."""

import pytest

from session_classify.backends import kinds
from session_classify.backends.kind import Availability
from tests.conftest import ROOT

PAGE = (ROOT / "references" / "backends.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", kinds.names())
def test_a_kind_is_named_as_its_module(name: str) -> None:
    """The word before the colon finds the module, and the page describes it."""
    kind = kinds.kind_of(name)

    assert kind is not None
    assert kind.name == name
    assert kind.syntax.startswith(name)
    assert f"| `{name}" in PAGE


@pytest.mark.parametrize("name", ["", "__init__", "../kind", "auto", "carrier"])
def test_a_name_without_a_module_is_no_kind(name: str) -> None:
    """No other module can be reached by the name that a command line gives."""
    assert kinds.kind_of(name) is None


def test_a_live_kind_says_whether_it_works_and_answers_calls() -> None:
    """What `auto` tries can be asked, and nothing else has a place in its order."""
    live = [kind for kind in kinds.kinds() if kind.preference]

    assert all(kind.availability and kind.caller for kind in live)
    assert len({kind.preference for kind in live}) == len(live)
    assert all(kind.availability is None for kind in kinds.kinds() if kind not in live)


def test_every_kind_reads_files_or_can_be_checked() -> None:
    """`--restricted` knows what each kind reaches: files, an address, or nothing that is named."""
    for kind in kinds.kinds():
        names_something = kind.syntax != kind.name

        assert names_something == bool(kind.files or kind.is_safe_address), kind.name


def test_the_first_that_works_is_chosen_else_the_first_that_is_set_up() -> None:
    """An order of the kinds alone would choose one that lacks its keys."""
    lacks, ready, later = (
        Availability(False, "no keys", "export them"),
        Availability(True, "all there"),
        Availability(False, "no library", "", "mcp"),
    )

    assert kinds.first_choice({"api": lacks, "mcp": later, "pup": ready}) == "pup"
    assert kinds.first_choice({"api": lacks, "mcp": later}) == "mcp"
    assert kinds.first_choice({"api": lacks, "pup": ready}, among=["api"]) == ""
