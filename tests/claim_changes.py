"""Copies of a session that are changed in one known way, to see which claims they make false."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from msgspec.structs import replace

from session_classify.jsontext import compact_json
from session_classify.model import Session, ToolCall
from session_classify.vocabulary import LEDGER_KINDS

_OTHERS = {
    "economy": "business",
    "business": "economy",
    "basic_economy": "economy",
    "no longer needed": "ordered by mistake",
    "ordered by mistake": "no longer needed",
    "yes": "no",
    "no": "yes",
}
_PAYMENTS = {
    "paypal": "paypal",
    "gift_card": "gift card",
    "credit_card": "visa|mastercard|credit card",
}


def dropped(session: Session) -> Session | None:
    """Return the session without the last write of its last turn; None where it made none."""
    return _changed(session, lambda _: None)


def failed(session: Session) -> Session | None:
    """Return the session with an error in place of that write's result."""
    return _changed(session, lambda call: replace(call, result="Error: internal failure"))


def revalued(session: Session) -> Iterator[tuple[str, Session]]:
    """Yield the field and the session for each value of that write that its answer tells.

    The value is another one in the arguments and in the result.
    """
    answer = (session.turns[-1].final_text or "").lower()
    write = _last(session)
    for path, value in _leaves(write.arguments) if write else ():
        if path[-1] in ("summary", "country", "state") or not _is_told(value, answer):
            continue
        other = _other(value)
        result = (write.result or "").replace(compact_json(value), compact_json(other))
        arguments = _put(write.arguments, path, other)

        def change(call: ToolCall, arguments: Any = arguments, result: str = result) -> ToolCall:
            return replace(call, arguments=arguments, result=result)

        changed = _changed(session, change)
        assert changed is not None
        yield str(path[-1]), changed


def _last(session: Session) -> ToolCall | None:
    calls = [call for call in session.turns[-1].tool_calls if call.kind in LEDGER_KINDS]
    made = [call for call in calls if not (call.result or "").startswith("Error")]
    return made[-1] if made else None


def _changed(session: Session, change: Any) -> Session | None:
    write = _last(session)
    if write is None:
        return None
    turn = session.turns[-1]
    steps = tuple(
        replace(
            step,
            tool_calls=tuple(
                new
                for call in step.tool_calls
                if (new := change(call) if call.id == write.id else call) is not None
            ),
        )
        for step in turn.iterations
    )
    asked = replace(turn, iterations=steps, user_text="Yes, please proceed.")
    return replace(session, turns=(*session.turns[:-1], asked))


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _leaves(item, (*path, key))
    elif value is not None and not isinstance(value, bool) and len(str(value)) > 1:
        yield path, value


def _put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    if isinstance(value, dict):
        return {k: _put(v, path[1:], new) if k == path[0] else v for k, v in value.items()}
    return [_put(v, path[1:], new) if i == path[0] else v for i, v in enumerate(value)]


def _other(value: Any) -> Any:
    if isinstance(value, int | float):
        return value + 7
    if value in _OTHERS:
        return _OTHERS[value]
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return f"{value[:-2]}{int(value[-2:]) % 27 + 1:02d}"
    if value.startswith(tuple(_PAYMENTS)):
        return "credit_card_1111111" if value.startswith("gift_card") else "gift_card_1111111"
    if any(map(str.isdigit, value)):
        return re.sub(r"\d(?=\D*$)", lambda found: str((int(found[0]) + 3) % 10), value)
    return value[:-1] + ("x" if value[-1] != "x" else "y")


def _is_told(value: Any, answer: str) -> bool:
    text = str(value).lower()
    for kind, words in _PAYMENTS.items():
        if text.startswith(kind):
            return bool(re.search(words, answer))
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        day = date.fromisoformat(text)
        spoken = f"{day.strftime('%B').lower()} {day.day}"
        return text in answer or bool(re.search(rf"{spoken}(?!\d)", answer))
    return bool(re.search(rf"(?<![\w.]){re.escape(text.replace('_', ' '))}(?!\w)", answer))
