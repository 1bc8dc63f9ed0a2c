"""The units of an app that are wanted, from the options as typed."""

from typing import Any

import msgspec

from session_classify.cli.runs.audience import Audience, read_audience
from session_classify.errors import UsageError
from session_classify.instants import any_instant, duration, utc_now
from session_classify.population.grouping import AUTO
from session_classify.queries.rum import Window
from session_classify.queries.unit_ids import is_unit_tag
from session_classify.vocabulary import Unit

_WINDOW = "now-7d"
_MOST = 50
"""Most units of a run without --yes-large."""


class AppChoice(msgspec.Struct, frozen=True):
    """Which units of an app are wanted."""

    window: Window
    start: str
    """The window as typed, or its instants."""
    end: str
    is_given: bool
    sample: int
    seed: int
    granularity: str
    """`auto`, `session`, `trace`, or the tag that puts traces together."""
    run: str | None
    jobs: int
    until_width: float | None = None
    audience: Audience | None = None


def app_choice(typed: dict[str, Any], until_width: float | None = None) -> AppChoice:
    """Check the options; raises UsageError for a window or a sample that cannot be."""
    timeframe, sample = typed["timeframe"], typed["sample"]
    if sample < 1:
        raise UsageError(f"--sample {sample} samples nothing; expected at least 1")
    if sample > _MOST and not typed["yes_large"]:
        raise UsageError(f"--sample {sample} is over {_MOST}; add --yes-large if you mean it")
    window, start, end = read_window(timeframe or _WINDOW)
    chosen = typed["granularity"]
    if chosen not in (AUTO, *Unit) and not is_unit_tag(chosen):
        raise UsageError(
            f"--granularity {chosen[:80]!r}: expected auto, session, trace, or a tag of the spans "
            "whose name ends in id, such as chatid"
        )
    return AppChoice(
        window,
        start,
        end,
        timeframe is not None,
        sample,
        typed["seed"],
        chosen,
        typed["run"],
        typed["jobs"],
        until_width,
        read_audience(typed["audience"]) if typed["audience"] else None,
    )


def read_window(text: str) -> tuple[Window, str, str]:
    """Return a window with its ends as they are told: `now-7d`, `24h` or `START/END`.

    Raises UsageError for another text, and where the end is not after the start.
    """
    expected = f"{text[:80]!r} is no window; expected now-7d, 24h or 2026-11-01/2026-11-08"
    now = utc_now()
    try:
        if "/" in text:
            first, _, last = text.partition("/")
            window = Window(any_instant(first.strip()), any_instant(last.strip()))
            start, end = first.strip(), last.strip()
        else:
            age = duration(text.strip().removeprefix("now-"))
            window = Window(now - age, now)
            start, end = f"now-{text.strip().removeprefix('now-')}", "now"
    except (ValueError, OverflowError) as error:
        raise UsageError(expected) from error
    if window.end <= window.start:
        raise UsageError(f"{text[:80]!r} ends before it begins; expected START/END")
    return window, start, end
