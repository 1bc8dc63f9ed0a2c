"""The prompt of a judge: task, definitions, fenced digest, and the form of the answer."""

from session_classify.printing.render import render
from session_classify.printing.text import block, clip, visible
from session_classify.resources import resource
from session_classify.vocabulary import FAILURE_CODES, REASON_LIMIT

_BEFORE = 4_000
"""Characters of a refused answer that are repeated."""


def judge_prompt(digest: str, before: str = "", problems: tuple[str, ...] = ()) -> str:
    """Return a judge's prompt; `before` is an answer that was refused for `problems`."""
    return render(
        "judge.md.j2",
        meaning=resource("references", "verdicts.md").read_text(encoding="utf-8").strip(),
        digest=digest.strip() + "\n",
        schema=resource("references", "schemas", "answer.json").read_text(encoding="utf-8"),
        limit=REASON_LIMIT,
        codes=list(FAILURE_CODES),
        before=block(clip(visible(before), _BEFORE)),
        problems=problems,
    )
