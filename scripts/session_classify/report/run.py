"""The summary of a run over an app, whose first line is what other skills look for."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from session_classify.gathering.links import unit_link
from session_classify.invocation import program
from session_classify.population.grouping import Group
from session_classify.population.interval import wilson
from session_classify.population.run import Label, Run, pending
from session_classify.printing.render import render
from session_classify.printing.text import ranked, tallied
from session_classify.queries.unit_ids import is_by_tag
from session_classify.vocabulary import ContentSource, Satisfaction, Unit

_SOURCES = {
    ContentSource.AGENT_LOOP: "agent_loop",
    ContentSource.MESSAGES: "messages",
    ContentSource.IO: "io",
    ContentSource.STRUCTURAL: "structural",
}


def summary(run: Run, labels: tuple[Label, ...], place: str = "", by: tuple[str, ...] = ()) -> str:
    """Return the summary in Markdown; percentages are of the units that have a verdict.

    `place` is the run's folder as a command names it, `by` the attributes of users or accounts by
    which it is split.
    """
    judged = [label for label in labels if label.verdict is not None]
    counts = Counter(label.verdict for label in judged)
    failed = Counter(_failure(label) for label in judged if label.verdict != Satisfaction.YES)
    sources = Counter(_source(label) for label in judged)
    errors = [label for label in labels if label.error]
    known = {label.id for label in labels}
    return render(
        "run_summary.md.j2",
        run=run,
        source=sources.most_common(1)[0][0] if sources else "none",
        rates=[_rate(word, counts[word], len(judged), run.population) for word in Satisfaction],
        modes=[
            {"code": code, "count": count, "percent": _percent(count, failed.total())}
            for code, count in ranked(failed)
        ],
        rows=[_row(label, run.site) for label in judged],
        small=_too_small(counts[Satisfaction.YES], len(judged), run.population),
        splits=[{"name": name, "rows": _split(name, run, judged)} for name in by],
        groups=[_group(group, run, judged) for group in run.groups],
        confidences=_tally(label.confidence or "not given" for label in judged),
        judges=_tally(label.judged_by or "not given" for label in judged),
        sources=_tally(_source(label) for label in judged),
        unread=sum(label.content_source is ContentSource.STRUCTURAL for label in judged),
        findings=_findings(judged),
        breaches=sum(bool(label.breaches) for label in judged),
        stories=_stories(judged, failed),
        place=place,
        program=program(),
        errors=errors,
        lacking=[unit for unit in pending(run, labels) if unit not in known],
    )


def _rate(word: Satisfaction, count: int, judged: int, population: int) -> dict[str, Any]:
    found = wilson(count, judged, population)
    ends = f"{found.low:.0%} to {found.high:.0%}" if judged else "nothing to tell from"
    return {
        "verdict": word.value,
        "count": count,
        "percent": _percent(count, judged),
        "interval": ends,
    }


def _percent(count: int, total: int) -> str:
    return f"{count / total:.0%}" if total else "0%"


def _failure(label: Label) -> str:
    if label.verdict == Satisfaction.YES:
        return "none"
    return label.failures[0].code if label.failures else "not given"


def _source(label: Label) -> str:
    return _SOURCES[label.content_source] if label.content_source else "structural"


def _row(label: Label, site: str) -> dict[str, str]:
    is_yes = label.verdict == Satisfaction.YES
    return {
        "first": label.id[:8],
        "last": label.id[-8:],
        "link": _link(label, site),
        "type": label.unit.value,
        "verdict": label.verdict.value if label.verdict else "",
        "failure": _failure(label),
        "reason": "none" if is_yes else label.reason,
        "source": _source(label),
    }


def _link(label: Label, site: str) -> str:
    """Return a link with a session id or a trace id, which is what other skills read from it."""
    if is_by_tag(label.id) and label.trace_ids:
        return unit_link(Unit.TRACE, label.trace_ids[0], site)
    return unit_link(label.unit, label.id, site)


_WIDE = 0.3
"""An interval of `yes` that is wider says little."""
_STORIES = 5
"""Failure modes with their sessions, and sessions of each."""
_RULES = 15
"""Rules that are listed with their findings."""


def _too_small(yes: int, judged: int, population: int) -> str:
    width = wilson(yes, judged, population).width
    if width <= _WIDE:
        return ""
    return f"the interval of yes is {width:.0%} wide; sample more, or use --until-width"


def _tally(words: Iterable[str]) -> str:
    return tallied(Counter(map(str, words))) or "none"


def _group(group: Group, run: Run, judged: list[Label]) -> dict[str, Any]:
    own = [label for label in judged if run.services.get(label.id, "") == group.service]
    return {
        "service": group.service,
        "units": group.units,
        "kinds": tallied(group.root_kinds),
        "judged": len(own),
        "counts": _verdicts(own),
    }


def _findings(judged: list[Label]) -> list[dict[str, Any]]:
    """Return in how many units each rule found something, by verdict, the most frequent first."""
    counts = Counter(rule for label in judged for rule in label.rules)
    return [
        {
            "rule": rule,
            "units": units,
            "counts": _verdicts(one for one in judged if rule in one.rules),
        }
        for rule, units in ranked(counts)[:_RULES]
    ]


def _verdicts(labels: Iterable[Label]) -> dict[str, int]:
    found = Counter(label.verdict for label in labels)
    return {str(word): found[word] for word in Satisfaction}


def _stories(judged: list[Label], failed: Counter[str]) -> list[dict[str, Any]]:
    """Return the most frequent failure modes, each with its first sessions."""
    return [
        {
            "code": code,
            "count": count,
            "rows": [label for label in judged if _failure(label) == code][:_STORIES],
        }
        for code, count in ranked(failed)[:_STORIES]
    ]


def _split(name: str, run: Run, judged: list[Label]) -> list[dict[str, Any]]:
    """Return the verdicts by the values of an attribute, the least satisfied first."""
    by: dict[str, list[Label]] = defaultdict(list)
    for label in judged:
        by[run.facets.get(label.id, {}).get(name, "")].append(label)
    rows = [_value(value, own, run.population) for value, own in by.items()]
    return sorted(rows, key=lambda row: (not row["value"], row["share"], -row["judged"]))


def _value(value: str, own: list[Label], population: int) -> dict[str, Any]:
    counts = _verdicts(own)
    yes = counts[Satisfaction.YES]
    failed = Counter(_failure(label) for label in own if label.verdict != Satisfaction.YES)
    return {
        "value": value,
        "judged": len(own),
        "counts": counts,
        "share": yes / len(own),
        "interval": _rate(Satisfaction.YES, yes, len(own), population)["interval"],
        "failure": ranked(failed)[0][0] if failed else "none",
    }
