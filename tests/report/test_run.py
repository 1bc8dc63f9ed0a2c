"""The summary of a run, read back as other skills read it."""

import re

from session_classify.population.run import Label, Run
from session_classify.report.run import summary
from session_classify.verdicts import Failure
from session_classify.vocabulary import ContentSource, Satisfaction, Unit

IDS = tuple(f"{number:08x}-0000-4000-8000-00000000000{number}" for number in range(4))
RUN = Run("shop", "now-7d", "now", Unit.SESSION, 40, 1, IDS, "agent")
LABELS = (
    Label(Unit.SESSION, IDS[0], verdict=Satisfaction.YES, reason="Done.",
          content_source=ContentSource.MESSAGES),
    Label(Unit.SESSION, IDS[1], verdict=Satisfaction.NO, reason="A | B\n# x",
          failures=(Failure("wrong_answer"),), content_source=ContentSource.MESSAGES),
    Label(Unit.SESSION, IDS[2], error="llmobs_content_expired"),
)  # fmt: skip


def test_the_summary_is_read_back_from_its_tables() -> None:
    """Sentinel first, app type in the header, ids in the links, one row per verdict."""
    text = summary(RUN, LABELS)

    assert text.startswith("# Session Classification Summary\n")
    assert "**Root span kind:** agent  |  **Content source:** messages\n" in text
    rows = re.findall(r"^\| \[(.+?)\]\(.+?session_id:(.+?)\) \|(.+)\|$", text, re.MULTILINE)
    assert [row[1] for row in rows] == [IDS[0], IDS[1]]
    assert rows[0][0] == f"{IDS[0][:8]}...{IDS[0][-8:]}"
    assert rows[0][2] == " session | yes | none | none | messages "
    assert rows[1][2].startswith(" session | no | wrong_answer | ")
    assert "\n# x" not in text


def test_the_summary_tells_what_has_no_verdict() -> None:
    """Errors and units not reached are named and in no percentage."""
    text = summary(RUN, LABELS)

    assert "| yes     | 1 | 50% |" in text
    assert f"- {IDS[2]}: llmobs_content_expired" in text
    assert f"- {IDS[3]}: not classified yet" in text


def test_a_run_without_labels_has_a_summary() -> None:
    """Nothing classified gives zeros and no interval."""
    text = summary(RUN, ())

    assert "| no      | 0 | 0% |" in text
    assert "- no: nothing to tell from" in text
