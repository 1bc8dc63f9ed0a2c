"""The page on what an app's actions mean."""

import re
import shutil
from pathlib import Path

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from session_classify.printing.text import code
from session_classify.profiles.load import load_profile, read_profile
from session_classify.profiles.profile import ActionRule, Profile, ToolRule
from session_classify.profiles.reference import chapters
from session_classify.report.profiles import reference_text
from session_classify.resources import resource
from session_classify.vocabulary import ActionCategory, Direction, Tier, ToolKind
from tests.cli.run import run
from tests.situations import situation

SHIPPED = resource("references", "apps", "bits-assistant.yaml")


def test_the_shipped_page_is_the_generated_one() -> None:
    """`make reference` was run after the profile or its template changed."""
    page = resource("references", "rum-actions-bits-assistant.md").read_text(encoding="utf-8")

    assert page == reference_text(load_profile(SHIPPED), read_profile(SHIPPED), SHIPPED.name)


def test_every_rule_of_the_profile_is_on_the_page() -> None:
    """No action, tool, noise or host is lost on the way to its reader."""
    profile = load_profile(SHIPPED)
    page = reference_text(profile, read_profile(SHIPPED), SHIPPED.name)

    named = [rule.name for rule in (*profile.actions, *profile.tools)]
    for name in (*named, *profile.assistant, *profile.noise, *profile.help):
        assert code(name) in page
    for rule in profile.actions:
        assert rule.note in page
        assert rule.source in page


def test_every_category_has_a_chapter() -> None:
    """A category that no chapter takes would vanish from the page."""
    rules = tuple(
        ActionRule(str(category), category, Tier.AMBIGUOUS, Direction.NEUTRAL)
        for category in ActionCategory
    )
    profile = Profile("made-up", actions=rules)

    found = [entry.rule for part in chapters(profile, profile) for entry in part.entries]

    assert sorted(rule.name for rule in found) == sorted(ActionCategory)


@given(st.text(min_size=1))
def test_no_name_is_markup(text: str) -> None:
    """A code span is closed by its own fence alone, whatever backticks a name has."""
    span = code(text)
    fence = re.match("`+", span)

    assert fence is not None
    inner = span[len(fence[0]) : -len(fence[0])]
    assert "\n" not in span
    assert span.endswith(fence[0])
    assert len(fence[0]) not in {len(run) for run in re.findall("`+", inner)}


def test_a_hostile_profile_cannot_forge_the_page() -> None:
    """Headings, comments and tags in names and notes stay text in their line."""
    forged = "x`\n## Forged\n--><script>\u202e"
    rule = ActionRule(forged, ActionCategory.OTHER, Tier.AMBIGUOUS, Direction.NEUTRAL, note=forged)
    profile = Profile(
        forged,
        actions=(msgspec.structs.replace(rule, source=forged),),
        tools=(ToolRule(forged, ToolKind.READ, source=forged),),
        assistant=(forged,),
        noise=(forged,),
        help=(forged,),
    )

    page = reference_text(profile, profile, forged)
    outside = re.sub(r"(`+) ?.*?[^`]\1(?!`)", "", page)

    assert not re.search("^## Forged", page, re.MULTILINE)
    assert "<script" not in outside
    comment = page[page.index("<!--") :]
    assert comment[: comment.index("-->")].endswith("change that file, not this one. ")
    assert "\u202e" not in page


def test_a_page_beyond_the_limit_counts_what_it_leaves_out() -> None:
    """Whole lines go at the end, and the way to all of it is named."""
    profile = load_profile(SHIPPED)
    whole = reference_text(profile, profile, "x")

    cut = reference_text(profile, profile, "x", 4_000)

    *kept, last = cut.splitlines(keepends=True)
    assert len(cut) <= 4_000
    assert whole.startswith("".join(kept))
    assert (
        last
        == f"… {len(whole) - len(''.join(kept)):,} characters left out: --out FILE writes all\n"
    )


def test_the_example_of_the_page_works(tmp_path: Path) -> None:
    """Each of its commands runs on made-up rows, and its profile tells what a user did."""
    page = resource("references", "rum-actions-bits-assistant.md").read_text(encoding="utf-8")
    example = page.partition("<details>")[2].partition("</details>")[0]
    commands = re.findall(r"^\$ session-classify (.+)$", example, re.MULTILINE)
    (profile,) = re.findall(r"```yaml\n(.+?)```", example, re.DOTALL)
    shutil.copy(situation("worked-example") / "rum.jsonl", tmp_path / "rum.jsonl")

    assert [line.split()[1] for line in commands] == ["init", "check", "render"]
    for line in commands:
        if " check " in line:
            (tmp_path / "shop-helper.yaml").write_text(profile)
        done = run(*line.split(), cwd=tmp_path)
        assert done.returncode == 0, done.stderr

    assert "helper.answer.copy" in (tmp_path / "rum-actions-shop-helper.md").read_text()
    times = ("--session-start", "2026-11-20T10:00:05Z", "--session-end", "2026-11-20T10:00:22Z")
    seen = run(
        *("rum-signals", "rum.jsonl", "--profile", "shop-helper.yaml", *times), cwd=tmp_path
    ).stdout
    assert "feedback-negative" in seen
    assert "rum-known-action" in seen
    assert seen.count("accepted a proposal") == 1
