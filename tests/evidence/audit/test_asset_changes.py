"""How two states of an asset differ."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_classify.events import Asset
from session_classify.evidence.audit.asset_changes import AssetDiff, diff_states
from session_classify.profiles.assets import rule_of
from session_classify.profiles.load import generic_profile
from tests.wire.test_properties import values

PROFILE = generic_profile()


def diff(kind: str, before: Any, after: Any) -> AssetDiff:
    found = diff_states(before, after, rule_of(Asset(kind, "1"), PROFILE))
    assert found is not None
    return found


def a_board(*widgets: Any) -> dict[str, Any]:
    return {"widgets": [w if isinstance(w, dict) else a_widget(w) for w in widgets]}


def a_widget(number: int, **more: Any) -> dict[str, Any]:
    return {"id": number, "definition": {"type": "note", "content": f"n{number}"}, **more}


def a_group(number: int, *inner: int) -> dict[str, Any]:
    widgets = [a_widget(n) for n in inner]
    return {"id": number, "definition": {"type": "group", "title": "G", "widgets": widgets}}


NAMELESS = [{"definition": {"q": q}} for q in "abc"]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(a_board(1, 2), a_board(1, 2, 3), "1 added (note 3)", id="added"),
        pytest.param(a_board(1, 2, 3), a_board(3), "2 removed (note 1, note 2)", id="removed"),
        pytest.param(a_board(1, 2, 3), a_board(3, 1, 2), "1 moved (note 3)", id="moved"),
        pytest.param(
            a_board(1, a_group(9, 2, 3)),
            a_board(1, a_group(9, 2)),
            "1 removed (note 3)",
            id="removed-in-a-group",
        ),
        pytest.param(
            a_board(1, a_group(9, 2)),
            a_board(1, a_group(9, 2, 3)),
            "1 added (note 3)",
            id="added-in-a-group",
        ),
        pytest.param(
            a_board(1, a_group(9, 2)),
            a_board(a_group(9, 2, 1)),
            "1 moved (note 1)",
            id="moved-into-a-group",
        ),
        pytest.param(
            a_board(a_group(9, 2), 1),
            a_board(a_group(9, 2, 1)),
            "1 moved (note 1)",
            id="moved-into-the-group-before-it",
        ),
        pytest.param(
            a_board(1, a_group(9, 2)),
            a_board(1),
            "2 removed (G 9, note 2)",
            id="a-group-is-gone",
        ),
        pytest.param(
            a_board(a_widget(1, layout={"x": 0})),
            a_board(a_widget(1, layout={"x": 4})),
            "1 moved (note 1)",
            id="another-layout",
        ),
        pytest.param(
            a_board(1),
            a_board({"id": 1, "definition": {"type": "note", "content": "new"}}),
            "1 changed (note 1)",
            id="changed",
        ),
        pytest.param(
            a_board(1, 2),
            a_board({**a_widget(1), "id": 51}, {**a_widget(2), "id": 52}),
            "nothing that a person sees",
            id="ids-that-a-save-made-anew",
        ),
        pytest.param(
            {"widgets": NAMELESS},
            {"widgets": [NAMELESS[0], {"definition": {"q": "z"}}, NAMELESS[2]]},
            "1 changed (item)",
            id="changed-without-ids",
        ),
        pytest.param(
            {"widgets": NAMELESS},
            {"widgets": NAMELESS[1:]},
            "1 removed (item)",
            id="removed-without-ids",
        ),
        pytest.param(
            {"widgets": NAMELESS},
            {"widgets": NAMELESS[::-1]},
            "2 moved (item, item)",
            id="moved-without-ids",
        ),
        pytest.param(
            {"title": "A", **a_board(1)},
            {"title": "B", **a_board(1)},
            "wording title: A -> B",
            id="renamed",
        ),
        pytest.param(
            {"modified_at": 1, "author_handle": "a", **a_board(1)},
            {"modified_at": 2, "author_handle": "b", **a_board(1)},
            "nothing that a person sees",
            id="only-saved",
        ),
        pytest.param(
            {"reflow_type": "auto", **a_board(1)},
            {"reflow_type": "fixed", **a_board(1)},
            "reflow_type: auto -> fixed",
            id="another-field",
        ),
    ],
)
def test_a_dashboard_differs_by_its_widgets(before: Any, after: Any, expected: str) -> None:
    """Added, removed, changed and moved ones, inside groups too, then wording and the rest."""
    assert str(diff("dashboard", before, after)) == expected
    inner = diff("dashboard", {"dashboard_definition": before}, {"dashboard_definition": after})
    assert str(inner).replace("dashboard_definition.", "") == expected


@pytest.mark.parametrize(
    ("before", "after", "part"),
    [
        ({"query": "a"}, {"query": "b"}, "values"),
        (
            {"options": {"thresholds": {"critical": 1}}},
            {"options": {"thresholds": {"critical": 2}}},
            "values",
        ),
        ({"options": {"thresholds": {}}}, {"options": {"thresholds": {"warning": 2}}}, "values"),
        ({"message": "a"}, {"message": "b"}, "wording"),
        ({"tags": ["a"], "x": 1}, {"tags": ["a", "b"], "x": 1}, "wording"),
        ({"name": "query"}, {"name": "thresholds"}, "wording"),
        ({"options": {"notify_no_data": True}}, {"options": {"notify_no_data": False}}, "other"),
    ],
)
def test_a_monitor_differs_by_values_or_wording(before: Any, after: Any, part: str) -> None:
    """A query or threshold overrides what it does, message and tags do not, the rest is other."""
    found = diff("monitor", before, after)

    assert [name for name in ("values", "wording", "other") if getattr(found, name)] == [part]
    assert found.is_of_substance is (part != "wording")


def test_an_asset_of_unknown_type_is_compared_by_structure() -> None:
    """Every list of objects holds its items, and no field is more than another."""
    before = {"steps": [{"id": "a", "run": 1}, {"id": "b", "run": 2}], "spec": {"on": "push"}}
    after = {"steps": [{"id": "a", "run": 3}], "spec": {"on": "tag"}}

    found = diff("toaster", before, after)

    assert str(found) == "1 removed (b); 1 changed (a); spec.on: push -> tag"
    assert (found.values, found.wording) == ((), ())


@pytest.mark.parametrize("state", [None, {}, [], "x"])
def test_a_state_that_is_not_shown_is_not_compared(state: Any) -> None:
    """What is absent says nothing about what changed."""
    assert diff_states(state, {"widgets": []}, None) is None
    assert diff_states({"widgets": []}, state, None) is None


states = st.dictionaries(
    st.sampled_from(["widgets", "cells", "query", "title", "definition", "id", "layout", "x"]),
    st.recursive(
        values,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["widgets", "id", "definition", "title"]), inner)
        ),
        max_leaves=8,
    ),
    min_size=1,
)


@given(states, states, st.sampled_from(["dashboard", "notebook", "monitor", "toaster"]))
def test_any_two_states_can_be_compared(before: Any, after: Any, kind: str) -> None:
    """Whatever a state holds, the difference is said in one line, and none is none."""
    found = diff(kind, before, after)

    assert "\n" not in str(found)
    assert diff(kind, before, before).is_empty


boards = st.builds(
    lambda numbers, group: a_board(*numbers, a_group(99, *group)),
    st.lists(st.integers(1, 9), unique=True, max_size=6),
    st.lists(st.integers(11, 19), unique=True, max_size=4),
)


@given(boards, boards)
def test_the_numbers_of_items_add_up(before: Any, after: Any) -> None:
    """What was there, less what is gone, plus what has come, is what is there; and back again."""
    there, back = diff("dashboard", before, after), diff("dashboard", after, before)

    def size(board: Any) -> int:
        return len(board["widgets"]) + len(board["widgets"][-1]["definition"]["widgets"])

    assert size(before) - len(there.removed) + len(there.added) == size(after)
    assert sorted(i.key for i in there.removed) == sorted(i.key for i in back.added)
    assert diff("dashboard", before, before).is_empty
