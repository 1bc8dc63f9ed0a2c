"""What a session has shown so far: whether an id, a URL or a value occurred in its texts."""

from session_classify.jsontext import compact_json, parsed
from session_classify.lazy import lazy_pattern
from session_classify.model import Session, ToolCall, Turn
from session_classify.occurrences import occurrences

_URL = lazy_pattern(r"https?://[^\s<>\"'\])}|`]+")
_AFTER_URL = ".,;:!?*_"
_WORD = lazy_pattern(r"[a-z0-9][a-z0-9_-]{3,63}")
_LONGEST = 1_000_000
_MOST_WORDS = 500_000
"""Characters of a text and words in all beyond which a search takes less than an index would."""
_FEW = 100
_MOST = 50
"""Searches that are cheaper than an index, and findings that are made beside one."""


def urls_of(text: str) -> list[str]:
    """Return the URLs of a text, without the marks that follow them."""
    return [url.rstrip(_AFTER_URL) for url in _URL.findall(text)]


def without_urls(text: str) -> str:
    """Return a text with a blank in place of each URL."""
    return _URL.sub(" ", text)


class Shown:
    """What a session showed so far; after many searches they go by word first."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._words: set[str] = set()
        self._indexed = 0
        self._searches = 0

    def add(self, text: str) -> None:
        """Add a text that was shown."""
        self._texts.append(text.lower())

    def shows(self, key: str) -> bool:
        """Tell whether an id or URL occurs, not merely inside a longer number or word.

        Few sessions need more than some hundred searches of all texts; beyond them what the index
        does not hold counts as shown, because nothing may be said of what was not looked for.
        """
        if self._searches >= _FEW:
            self._index()
            if key in self._words:
                return True
        self._searches += 1
        return self._searches > 2 * _FEW + _MOST or any(_has_key(text, key) for text in self._texts)

    def _index(self) -> None:
        for text in self._texts[self._indexed :]:
            if len(self._words) < _MOST_WORDS and len(text) < _LONGEST:
                self._words.update(_WORD.findall(text))
                self._words.update(urls_of(text))
        self._indexed = len(self._texts)


def _has_key(text: str, key: str) -> bool:
    """Tell whether a text in lower case has a key that is no part of a longer number or word."""
    ends = ((at, at + len(key)) for at in occurrences(text, key))
    return any(not _continues(text[a - 1 : a]) and not _continues(text[b : b + 1]) for a, b in ends)


def _continues(letter: str) -> bool:
    return letter.isascii() and letter.isalnum()


def sources_of(turn: Turn) -> list[str]:
    """Return the texts of a turn that show something: the user's, the app's, and its calls'."""
    texts = _given(turn)
    for call in turn.tool_calls:
        texts += [compact_json(call.arguments), _result(call)]
    return [text for text in texts if text]


def shown_before(session: Session, turn: int, call: str) -> Shown:
    """Return what the user, the app and the results had shown before a call of a turn."""
    shown = Shown()
    for prompt in session.system_prompts:
        shown.add(prompt.text)
    for before in session.turns[:turn]:
        for text in _given(before):
            shown.add(text)
        for made in before.tool_calls:
            if made.id == call:
                return shown
            shown.add(_result(made))
    return shown


def _given(turn: Turn) -> list[str]:
    texts = [turn.user_text or "", *(block.text for block in turn.context)]
    return [*texts, *(str(value) for value in turn.metadata.values())]


def _result(call: ToolCall) -> str:
    # JSON may spell `/` as `\/` and `&` as `\u0026`.
    escaped = "\\" in (call.result or "")
    return compact_json(parsed(call.result)) if escaped else call.result or ""
