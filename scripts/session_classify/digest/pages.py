"""One item of a case in full, page by page: a turn, call, write, finding, or the system prompts."""

from collections.abc import Sequence

import msgspec

from session_classify.digest.conversation import outline_text
from session_classify.errors import NotFoundError
from session_classify.events import AuditEvent, Events, RumEvent
from session_classify.evidence.conversation.ledger import Write
from session_classify.evidence.findings import Evidence
from session_classify.jsontext import compact_json, parsed
from session_classify.model import Finding, ToolCall, Turn, kind_of
from session_classify.printing.lines import Layout, inline
from session_classify.printing.render import render
from session_classify.printing.shrink import lay_out
from session_classify.printing.text import name_of, visible
from session_classify.vocabulary import DIGEST_LIMIT

_WHOLE = Layout(cell=10**9, lines=10**9)
_AROUND = 600
"""Characters that a page needs besides its content, at most."""
_LAST_LINE = 400


class Page(msgspec.Struct, frozen=True):
    """A printed page, and the turns that are shown with it."""

    text: str
    turns: frozenset[int]


class Shelf(msgspec.Struct, frozen=True):
    """What pages are made of."""

    evidence: Evidence
    show: str
    """The command that prints an item of this case."""
    nonce: str
    events: Events = Events()


def subjects(words: Sequence[str]) -> tuple[str, ...]:
    """Return the items that words name: `turn 3 tool2` are `turn 3` and `tool2`."""
    found: list[str] = []
    for word in words:
        if found and found[-1] == "turn":
            found[-1] = f"turn {word}"
        else:
            found.append(word)
    return tuple(dict.fromkeys(found))


def pages(shelf: Shelf, wanted: Sequence[str], at: int, limit: int = DIGEST_LIMIT) -> Page:
    """Return several items one below the other, in at most `limit` characters in all.

    Those for which there is no room are named with the command that prints them. Raises what `page`
    raises, before anything is printed.
    """
    if len(wanted) == 1:
        return page(shelf, wanted[0], at, limit)
    sizes = [len(_find(shelf, subject)[1]) for subject in wanted]
    texts: list[str] = []
    turns: frozenset[int] = frozenset()
    room = limit - _LAST_LINE
    for place, (subject, size) in enumerate(zip(wanted, sizes, strict=True)):
        if texts and size + _AROUND > room:
            left = " ".join(wanted[place:])
            return Page("\n".join([*texts, f"No room for the rest: {shelf.show} {left}\n"]), turns)
        one = page(shelf, subject, 0, max(room, _AROUND))
        texts.append(one.text)
        turns |= one.turns
        room -= len(one.text) + 1
    return Page("\n".join(texts), turns)


def page(shelf: Shelf, subject: str, at: int, limit: int = DIGEST_LIMIT) -> Page:
    """Return the item `subject` from character `at` on, in at most `limit` characters.

    `subject` is `turn N`, `policy`, or the id of a call, write or finding. Raises NotFoundError
    with the existing ids.
    """
    title, text, turns = _find(shelf, subject)
    body = visible(text)
    if at > len(body):
        raise NotFoundError(f"{subject} has {len(body):,} characters; --at {at} is beyond its end")
    room = limit
    while True:
        part = body[at : at + room]
        end = at + len(part)
        printed = render(
            "page.md.j2",
            title=title,
            subject=subject,
            show=shelf.show,
            nonce=shelf.nonce,
            part=part,
            at=at,
            end=end,
            total=len(body),
        )
        if len(printed) <= limit:
            return Page(printed, turns)
        room = max(1, room * limit // len(printed) - 1)


def _find(shelf: Shelf, subject: str) -> tuple[str, str, frozenset[int]]:
    evidence, session = shelf.evidence, shelf.evidence.session
    if subject == "policy":
        texts = [f"(from turn {p.first_turn} on)\n{p.text}" for p in session.system_prompts]
        return "the app's rules", "\n\n".join(texts) or "none recorded", frozenset()
    number = subject.removeprefix("turn").strip()
    for turn in session.turns:
        if number == str(turn.number) and subject.startswith("turn"):
            return f"turn {turn.number}", _turn(turn), frozenset({turn.number})
    for write in evidence.writes:
        if write.id == subject:
            return f"{write.id}, turn {write.turn}", _write(write), frozenset()
    for call in session.tool_calls:
        if call.id == subject:
            return call.id, _call(call), frozenset()
    for finding in evidence.findings:
        if finding.id == subject:
            return finding.id, _finding(finding, shelf.events), frozenset()
    raise NotFoundError(
        f"nothing called {subject[:80]!r} in this case; there are {evidence.named_ids}, policy"
    )


def _turn(turn: Turn) -> str:
    lines = [
        f"trace {turn.trace_id}, root span {turn.root.id}, status {turn.status}"
        + (f", error {turn.error}" if turn.error else ""),
        f"root {name_of(turn.root.name)} ({turn.root.kind or 'no kind'}), agent span "
        + (name_of(turn.agent.name) if turn.agent else "none"),
        f"read from {turn.content_source}" + (f": {turn.why}" if turn.why else ""),
        f"tags: {', '.join(turn.tags)}",
        f"metadata: {inline(turn.metadata, 2_000)}" if turn.metadata else "metadata: none",
        f"user: {turn.user_text if turn.user_text is not None else '(no text in the trace)'}",
    ]
    lines.extend(f"context {block.name}: {block.text}" for block in turn.context)
    if turn.unknown:
        lines.append(f"not read, because the shape is unknown: {', '.join(turn.unknown)}")
    for iteration in turn.iterations:
        stop = f", stopped: {iteration.stop_reason}" if iteration.stop_reason else ""
        lines.append(f"-- iteration {iteration.number}{stop}")
        if iteration.error:
            lines.append(f"error: {iteration.error}")
        if iteration.reasoning:
            lines.append(f"reasoning, not sent to the user: {iteration.reasoning}")
        if iteration.text and iteration.text != turn.final_text:
            lines.append(f"assistant: {iteration.text}")
        lines.extend(_call(call) for call in iteration.tool_calls)
    answer = turn.final_text if turn.final_text is not None else "(no answer in the trace)"
    lines.append(f"answer: {answer}")
    if turn.expected_text is not None:
        lines.append(f"expected output of the record: {turn.expected_text}")
    if turn.outline:
        lines.append(f"spans:\n{outline_text(turn)}")
    return "\n".join(lines)


def _call(call: ToolCall) -> str:
    result = _result(call.result) if call.result is not None else "(no answer in the trace)"
    error = f"\nerror: {call.error}" if call.error else ""
    return (
        f"{call.id} {name_of(call.name)} ({call.kind})\narguments: {compact_json(call.arguments)}"
        f"{error}\nresult: {result}"
    )


def _result(text: str) -> str:
    """Return a JSON result as lines and tables with all values, any other unchanged."""
    data = parsed(text)
    if not isinstance(data, dict | list) or not data:
        return text
    return "\n" + "\n".join(line.text for line in lay_out(data, _WHOLE))


def _write(write: Write) -> str:
    changed = "\n".join(
        f"changed {c.path}: {inline(c.before, 2_000)} → {inline(c.after, 2_000)}"
        for c in write.changes
    )
    meanings = "\n".join(f"{r.id} ({r.source}): {inline(r.record, 2_000)}" for r in write.resolved)
    return "\n".join(
        part
        for part in (f"{write.outcome}: {write.why}", meanings, changed, _call(write.call))
        if part
    )


def _finding(finding: Finding, events: Events) -> str:
    about = ", ".join(finding.calls) or (f"turn {finding.turn}" if finding.turn else "")
    reading = "\nto be read: confirm or dismiss it" if finding.needs_reading else ""
    text = f"{finding.rule}: {finding.summary}\nabout: {about}\nquote: {finding.quote}{reading}"
    return "\n".join([text, *_rows(finding, events)])


def _rows(finding: Finding, events: Events) -> list[str]:
    """Return the RUM or audit rows of a finding with all their fields, one line each."""
    kind = kind_of(finding.id)
    found: list[RumEvent | AuditEvent] = []
    if kind == "rum":
        found += [event for event in events.rum if event.id in finding.rows]
    elif kind == "audit":
        found += [row for row in events.audit if row.at == finding.instant]
    return [
        f"row {event.id}: "
        + inline({k: v for k, v in msgspec.to_builtins(event).items() if v not in _EMPTY}, 4_000)
        for event in found
    ]


_EMPTY: tuple[object, ...] = ("", None, [], {}, ())
