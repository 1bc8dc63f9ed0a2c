"""Which assets a session is about: ids with their type, whole ones only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from session_classify.events import Asset
from session_classify.model import ToolCall
from session_classify.profiles.assets import (
    api_paths,
    asset_of_path,
    asset_of_url,
    assets_named,
    assets_of_call,
    create_paths,
    rule_of,
    session_assets,
)
from session_classify.profiles.load import choose_profile, generic_profile
from session_classify.profiles.profile import AssetRule, Profile
from tests.evidence.build import a_call, a_session, a_turn

PROFILE = generic_profile()
SLO = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://app.datadoghq.com/dashboard/abc-123", "dashboard abc-123"),
        (
            "https://app.datadoghq.com/dashboard/abc-123-xyz/checkout?from_ts=1",
            "dashboard abc-123-xyz",
        ),
        ("/dashboard/abc-123/", "dashboard abc-123"),
        ("https://x.datadoghq.eu/notebook/501/a%20b", "notebook 501"),
        ("https://app.datadoghq.com/monitors/77#status", "monitor 77"),
        (f"https://app.datadoghq.com/slo?slo_id={SLO}&timeframe=7d", f"slo {SLO}"),
        ("https://spa.example.com/#/dashboard/abc-123-xyz/edit", "dashboard abc-123-xyz"),
        ("https://spa.example.com/app/#!/monitors/77?tab=2", "monitor 77"),
        (f"https://spa.example.com/#/slo?slo_id={SLO}", f"slo {SLO}"),
        ("/#/notebook/501", "notebook 501"),
        ("https://app.datadoghq.com/monitors/77#/history/2", "monitor 77"),
        ("https://app.datadoghq.com/#monitors/77", ""),
        ("https://app.datadoghq.com/home#:~:text=/monitors/77", ""),
        (f"https://app.datadoghq.com/slo#slo_id={SLO}", ""),
        ("https://app.datadoghq.com/dashboard/lists", ""),
        ("https://app.datadoghq.com/dashboard/abc-1234", ""),
        ("https://app.datadoghq.com/dashboards/abc-123", ""),
        ("https://app.datadoghq.com/x/dashboard/abc-123", ""),
        ("https://app.datadoghq.com/monitors/manage", ""),
        ("https://app.datadoghq.com/slo?slo_id=abc", ""),
        ("https://app.datadoghq.com/slo/manage", ""),
        ("http://[broken", ""),
        ("", ""),
    ],
)
def test_a_page_is_that_of_one_asset_or_of_none(url: str, expected: str) -> None:
    """By the path of the page, whatever the host and whatever is below it."""
    found = asset_of_url(url, PROFILE)

    assert (str(found) if found else "") == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/v1/dashboard/abc-123", "dashboard abc-123"),
        ("/api/v1/dashboard/abc-123/", "dashboard abc-123"),
        ("/api/v1/dashboard", "dashboard"),
        ("/api/v2/notebook/501", "notebook 501"),
        ("/api/v1/notebooks", "notebook"),
        ("/api/v1/monitor/77", "monitor 77"),
        ("/api/v1/monitor/validate", None),
        ("/api/v1/dashboard/abc-123/shares", None),
        ("/api/v2/incidents/5", None),
    ],
)
def test_a_path_of_the_api_is_that_of_one_asset(path: str, expected: str | None) -> None:
    """An asset without an id is made there; what is below an asset is another thing."""
    found = asset_of_path(path, PROFILE)

    assert (str(found) if found else None) == expected


def test_a_text_names_assets_by_url_and_known_ones_by_id() -> None:
    """Whole ids in the order of the text; an id of which nobody knows the kind is not one."""
    text = (
        "Compare [this](https://app.datadoghq.com/dashboard/abc-123/a) with /notebook/501, and "
        "**xyz-789-qrs** with monitor 77.5; abc-1234 and q-abc-123 are others."
    )
    known = [Asset("dashboard", "xyz-789-qrs"), Asset("monitor", "77"), Asset("dashboard", "")]

    assert [str(asset) for asset in assets_named(text, PROFILE, known)] == [
        "dashboard abc-123",
        "notebook 501",
        "dashboard xyz-789-qrs",
    ]
    assert assets_named("monitor 77.", PROFILE, known) == (Asset("monitor", "77"),)


@given(st.text("abc123-", min_size=1, max_size=12))
def test_a_longer_or_shorter_id_is_never_this_one(identifier: str) -> None:
    """An id that begins or ends with another one is another one."""
    known = (Asset("dashboard", "abc-123"),)
    found = assets_named(f"see {identifier} there", PROFILE, known)

    assert (found == known) is (identifier == "abc-123")


@pytest.mark.parametrize(
    ("call", "data", "expected"),
    [
        pytest.param(
            a_call("upsert_widget", dashboard_id="abc-123"),
            None,
            ["dashboard abc-123"],
            id="argument",
        ),
        pytest.param(
            a_call("upsert_widget", dashboard_id="abc"), {"id": "w-3"}, [], id="no-such-id"
        ),
        pytest.param(
            a_call("upsert_datadog_dashboard", title="A"),
            {"id": "abc-123"},
            ["dashboard abc-123"],
            id="record",
        ),
        pytest.param(
            a_call("create_datadog_notebook"), "delegated", ["notebook"], id="made-without-an-id"
        ),
        pytest.param(
            a_call("call_datadog_api", method="PUT", path="/api/v1/monitor/77"),
            None,
            ["monitor 77"],
            id="path",
        ),
        pytest.param(
            a_call("call_datadog_api", method="POST", url="https://api.datadoghq.com/api/v1/slo"),
            {"data": [{"id": SLO}]},
            [f"slo {SLO}"],
            id="made-by-path",
        ),
        pytest.param(a_call("get_monitor", monitor_id=True), None, ["monitor"], id="no-id-at-all"),
        pytest.param(
            a_call("search_dashboards", q="x"),
            {"dashboards": [{"id": "abc-123"}]},
            [],
            id="a-list-is-not-about-one",
        ),
        pytest.param(a_call("cancel_order", id=77), {"id": 77}, [], id="another-app"),
    ],
)
def test_a_call_is_about_assets(call: ToolCall, data: object, expected: list[str]) -> None:
    """By its arguments, its path of the API, else by the record that came back."""
    assert [str(asset) for asset in assets_of_call(call, data, PROFILE)] == expected


def test_a_session_is_about_what_its_calls_tags_pages_and_texts_name() -> None:
    """Each asset once, with every place that named it; other pages of the user do not count."""
    read = a_call("get_dashboard", result="{}", dashboard_id="abc-123")
    turn = a_turn(
        "Why is https://app.datadoghq.com/monitors/77 red?",
        "Look at abc-123.",
        read,
        tags=("dashboard_id:tag-001", "env:abc-999"),
        metadata={"referrer_path": "/notebook/501", "query_string": "x", "count": 3},
    )
    session = a_session(turn, a_turn("And tag-001?", None))

    found = session_assets(session, PROFILE, {})

    assert {str(known.asset): known.places for known in found} == {
        "notebook 501": ("referrer_path",),
        "dashboard tag-001": ("tag dashboard_id", "the user's text"),
        "dashboard abc-123": ("arguments of tool1", "the assistant's text"),
        "monitor 77": ("the user's text",),
    }


def test_what_is_known_of_a_type_is_found_by_it() -> None:
    """Paths and rules of an asset come from the profile; an unknown type has none."""
    notebook = Asset("notebook", "501")

    assert api_paths(notebook, PROFILE) == ("/api/v2/notebook/501", "/api/v1/notebooks/501")
    assert api_paths(replace(notebook, id=""), PROFILE) == ()
    assert create_paths("notebook", PROFILE) == ("/api/v2/notebook", "/api/v1/notebooks")
    assert rule_of(notebook, PROFILE) is not None
    assert rule_of(Asset("toaster", "1"), PROFILE) is None


def test_an_app_describes_its_own_assets_and_gets_the_others() -> None:
    """The assistant's profile has the platform's assets, and the calls that ask it again."""
    bits = choose_profile("assistant_api")

    assert [rule.type for rule in bits.assets] == ["dashboard", "notebook", "monitor", "slo"]
    assert (bits.asks, bits.cases) == (("/api/v2/assistant",), ("/api/v2/cases",))
    assert all(rule.source for rule in bits.assets)


def test_a_rule_of_a_team_works_like_the_shipped_ones() -> None:
    """Nothing about assets is in the code alone."""
    rule = AssetRule("flow", arguments=("$.flow",), urls=("/flows/{id}",), id="f[0-9]+")
    own = Profile("own", assets=(rule,))

    assert asset_of_url("https://x/flows/f1/edit", own) == Asset("flow", "f1")
    assert assets_of_call(a_call("run", flow="f1"), None, own) == (Asset("flow", "f1"),)
    assert assets_of_call(a_call("run", flow="g1"), None, own) == ()
