"""What an agent client keeps of a conversation: captured results, transcripts, large results."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from session_classify.errors import UsageError
from session_classify.inputs import read_input
from session_classify.lazy import lazy_pattern
from session_classify.places import captures_folder
from session_classify.queries.call import RecordedAnswer

_CONVERSATION = lazy_pattern(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


def conversation_files(where: str) -> tuple[Path, ...]:
    """Return the files of `client:PATH`, or of this conversation if `where` is empty.

    Later ones count more: newer ones, and captured results more than a transcript, which has the
    hook's reply in their place.
    Raises UsageError when there are none.
    """
    if where:
        path = Path(where).expanduser()
        found = _inside(path) if path.is_dir() else (path,) if path.is_file() else ()
        if not found:
            raise UsageError(
                f"{where} holds no recorded results; expected a transcript of an agent client or a "
                "folder of captured results"
            )
        return found
    conversation = os.environ.get("CLAUDE_CODE_SESSION_ID", "")
    if not _CONVERSATION.fullmatch(conversation):
        raise UsageError(
            "--backend client finds no conversation of an agent client here; name its transcript: "
            "client:PATH"
        )
    captured = captures_folder() / conversation
    found = (*_transcripts(conversation), *_inside(captured))
    if not found:
        raise UsageError(
            f"nothing is recorded of the conversation {conversation} in {projects_folder()} or "
            f"{captured}; name the transcript: client:PATH"
        )
    return found


def projects_folder() -> Path:
    """Return the folder in which the agent client keeps its transcripts and large results."""
    settings = os.environ.get("CLAUDE_CONFIG_DIR")
    return (Path(settings) if settings else Path.home() / ".claude") / "projects"


def recorded_answers(
    files: Iterable[Path], read_recorded: Callable[[list[bytes]], Iterable[RecordedAnswer]]
) -> Iterator[RecordedAnswer]:
    """Yield the answers in files, in their order; a large one is read where it was saved.

    One whose file is gone, or not the client's, is left out: the call can be made again.
    """
    for path in files:
        for one in read_recorded(read_input(path).splitlines()):
            if not one.saved_to:
                yield one
            elif data := _saved(one.saved_to):
                yield replace(one, data=data)


def _transcripts(conversation: str) -> tuple[Path, ...]:
    """Return the transcripts of a conversation, those of its helpers included."""
    folder = projects_folder()
    own = folder.glob(f"*/{conversation}.jsonl")
    return _by_time((*own, *folder.glob(f"*/{conversation}/**/*.jsonl")))


def _inside(folder: Path) -> tuple[Path, ...]:
    """Return the files in a folder and below, without hidden ones."""
    return _by_time(path for path in folder.rglob("*.json*") if path.name[0] != ".")


def _by_time(files: Iterable[Path]) -> tuple[Path, ...]:
    found = [path for path in files if path.is_file()]
    return tuple(sorted(found, key=lambda path: path.stat().st_mtime))


def _saved(name: str) -> bytes:
    """Return a large result that the client saved; empty if it is not one, or is gone."""
    path = Path(name)
    inside = path.resolve().is_relative_to(projects_folder().resolve())
    if not (inside and path.parent.name == "tool-results" and path.is_file()):
        return b""
    return read_input(path)
