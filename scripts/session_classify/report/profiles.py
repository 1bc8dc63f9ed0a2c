"""Printed app profiles: a first one, its check, and the reference of its actions."""

from collections import Counter

from msgspec.structs import replace

from session_classify.printing.render import render
from session_classify.printing.text import clip, one_line, visible
from session_classify.profiles.checks import Problem
from session_classify.profiles.profile import Profile
from session_classify.profiles.reference import chapters, tools, unnamed
from session_classify.profiles.starter import Starter
from session_classify.vocabulary import DIGEST_LIMIT, ActionCategory, ActionCondition, Tier


def starter_text(found: Starter, limit: int | None = DIGEST_LIMIT) -> str:
    """Return a first profile as YAML in at most `limit` characters; None for no limit.

    The rarest names are omitted and counted; the rest is a valid profile.
    """
    shown = found
    while True:
        text = render(
            "profile.yaml.j2",
            starter=shown,
            left=len(found.actions) + len(found.tools) - len(shown.actions) - len(shown.tools),
            categories=tuple(ActionCategory),
            conditions=[one for one in ActionCondition if one is not ActionCondition.ALWAYS],
            scalar=scalar,
        )
        if limit is None or len(text) <= limit or not (shown.actions or shown.tools):
            return text
        shown = replace(
            shown,
            actions=shown.actions[: len(shown.actions) * 3 // 4],
            tools=shown.tools[: len(shown.tools) * 3 // 4],
        )


def scalar(text: str) -> str:
    """Return a text as one-line YAML that decodes to the same text, all characters visible."""
    import yaml

    written: str = yaml.dump(text, default_style='"', allow_unicode=True, width=10**9)
    return visible(written.strip())


def reference_text(profile: Profile, own: Profile, file: str, limit: int | None = None) -> str:
    """Return the reference of a profile's actions and tools as Markdown.

    `own` is the profile as `file` has it, without the generic rules. Beyond `limit` characters
    whole lines at the end are omitted and counted.
    """
    text = render(
        "rum_actions.md.j2",
        profile=profile,
        file=file,
        chapters=chapters(profile, own),
        tools=tools(profile),
        unnamed=unnamed(profile),
    )
    if limit is None or len(text) <= limit:
        return text
    lines = text.splitlines(keepends=True)
    room, kept = limit - 100, 0
    while kept < len(lines) and len(lines[kept]) <= room:
        room -= len(lines[kept])
        kept += 1
    left = sum(map(len, lines[kept:]))
    return "".join(lines[:kept]) + f"… {left:,} characters left out: --out FILE writes all\n"


def held(profile: Profile) -> dict[str, int]:
    """Return the number of rules of each sort, and of action rules of each tier."""
    tiers = Counter(rule.tier for rule in profile.actions)
    return {
        "actions": len(profile.actions),
        **{f"actions_{tier}": tiers[tier] for tier in Tier if tiers[tier]},
        "tools": len(profile.tools),
        "assets": len(profile.assets),
        "noise": len(profile.noise),
        "help": len(profile.help),
    }


def check_text(profile: Profile, file: str) -> str:
    """Return the output of a check without problems: the counts of the profile's content."""
    return render("profile_check.txt.j2", app=profile.app, file=file, held=held(profile))


def problem_line(problem: Problem, file: str) -> str:
    """Return a problem in one line: file, rule, problem, fix."""
    parts = (clip(one_line(part), 300) for part in (problem.rule, problem.what, problem.fix))
    return f"{file}: " + "{}: {}; {}".format(*parts)
