"""The content source of each turn, in as few lines as possible."""

from session_classify.model import Session
from session_classify.printing.text import counted, digest_line
from session_classify.vocabulary import ContentSource

_WHOLE = (ContentSource.AGENT_LOOP, ContentSource.MESSAGES)


def is_from_whole_content(session: Session) -> bool:
    """Tell whether every turn was read from the agent loop or its model spans: nothing to say."""
    return all(turn.content_source in _WHOLE for turn in session.turns)


def source_lines(session: Session) -> list[str]:
    """Return a line for each content source and its reason, with the turns that used it."""
    turns: dict[tuple[str, str], list[int]] = {}
    for turn in session.turns:
        turns.setdefault((turn.content_source.value, turn.why), []).append(turn.number)
    total = len(session.turns)
    return [
        f"{_numbers(numbers, total)}: {source}{f', because {why}' if why else ''}"
        for (source, why), numbers in sorted(turns.items(), key=lambda item: item[1][0])
    ]


def not_applicable(session: Session) -> list[str]:
    """Return the judges that do not apply (status `WARN`).

    Source: `references/sources/spans.md#span-trees-and-details`.
    """
    return list(
        dict.fromkeys(
            digest_line(evaluation.name)
            for turn in session.turns
            for evaluation in turn.evaluations
            if evaluation.status.upper() == "WARN"
        )
    )


def _numbers(numbers: list[int], total: int) -> str:
    if len(numbers) == total:
        return "every turn" if total > 1 else "turn 1"
    if len(numbers) > 12:
        return counted(len(numbers), "turn")
    return f"turn {', '.join(map(str, numbers))}"
