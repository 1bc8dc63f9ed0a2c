"""A judge: a command that reads a prompt on stdin and prints JSON, or a model's endpoint."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress

import msgspec

from session_classify.errors import UnreachableError
from session_classify.jsontext import UNREADABLE
from session_classify.lazy import lazy_pattern
from session_classify.verdict.answer import Answer
from session_classify.verdict.endpoints import Reply, endpoint

_EXPECTED = "give a command that reads a prompt on stdin, such as 'claude -p'"
_STDERR_SHOWN = 300
"""Characters of a judge's stderr that are repeated."""
_OBJECT = lazy_pattern(r"\{(?=\s*[\"}])")
_READ_TWICE = 20
"""Limit of repeated parsing, in multiples of the answer's length: each `{` is tried."""
_DEEP = 10_000
"""Characters that count as parsed where an object is nested too deeply, or a number too long."""
_VERDICT = lazy_pattern(r'"verdict"\s*:')


class NoAnswerError(ValueError):
    """A judge's output contains no verdict; the message says what is wrong with it."""


class Judge(msgspec.Struct, frozen=True):
    """What answers prompts."""

    name: str
    """The command or the endpoint, as typed."""
    ask: Callable[[str], Reply]
    """Answers a prompt; raises UnreachableError, AuthError."""

    def text(self, prompt: str) -> str:
        """Return the answer to a prompt without what it cost."""
        return self.ask(prompt).text


def judge_of(spec: str, seconds: float) -> Judge:
    """Return the judge of `--judge`: `openai:MODEL@URL`, `anthropic:MODEL@URL`, or a command.

    `seconds` limits each answer. Raises what `endpoint` raises, UnreachableError for a command that
    cannot be started.
    """
    found = endpoint(spec, seconds)
    if not found:
        _check_command(spec)
    return Judge(spec, found or (lambda prompt: Reply(ask(spec, prompt, seconds))))


def _check_command(command: str) -> None:
    """Raise UnreachableError for a command that cannot be started."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UnreachableError(f"cannot run the judge {command!r}: {error}; {_EXPECTED}") from error
    if not words or shutil.which(words[0]) is None:
        raise UnreachableError(
            f"cannot run the judge {command!r}: there is no such program; {_EXPECTED}"
        )


def ask(command: str, prompt: str, seconds: float) -> str:
    """Return the output of a command for a prompt on its standard input.

    The command is split as a shell splits it and run without a shell. Its whole process group is
    ended afterwards. Raises UnreachableError when it cannot be started, fails, or takes longer than
    `seconds`.
    """
    with (
        tempfile.TemporaryFile() as prompted,
        tempfile.TemporaryFile() as answered,
        tempfile.TemporaryFile() as errors,
    ):
        # Files, not pipes: a child that outlives the judge would keep a pipe open.
        prompted.write(prompt.encode())
        prompted.seek(0)
        try:
            judge = subprocess.Popen(
                shlex.split(command),
                stdin=prompted,
                stdout=answered,
                stderr=errors,
                start_new_session=True,
            )
        except (OSError, ValueError, IndexError) as error:
            raise UnreachableError(
                f"cannot run the judge {command!r}: {error}; {_EXPECTED}"
            ) from error
        try:
            code = judge.wait(seconds)
        except subprocess.TimeoutExpired as error:
            raise UnreachableError(
                f"the judge {command!r} did not answer within {seconds:g} s; give it more with "
                "--judge-timeout"
            ) from error
        finally:
            _end(judge)
        answered.seek(0)
        errors.seek(0)
        words = " ".join(errors.read().decode("utf-8", "replace").split())
        if code:
            raise UnreachableError(
                f"the judge {command!r} ended with exit code {code}: "
                f"{words[-_STDERR_SHOWN:] or 'no message'}"
            )
        return answered.read().decode("utf-8", "replace")


def _end(judge: "subprocess.Popen[bytes]") -> None:
    """End the remaining processes of a judge's process group."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(judge.pid, signal.SIGKILL)
    judge.kill()
    judge.wait()


def read_answer(text: str) -> Answer:
    """Return the verdict in a judge's output, with or without text around it.

    Unknown fields are ignored. Raises NoAnswerError when there is none, or more than one different
    verdict: trace text that a judge repeats may contain one.
    """
    found, loose = _objects(text)
    if not found:
        raise NoAnswerError("no JSON object with a verdict; answer with one JSON object alone")
    if loose or any(value != found[0] for value in found):
        raise NoAnswerError("several different verdicts; answer with one JSON object alone")
    known = {key: value for key, value in found[0].items() if key in Answer.__struct_fields__}
    try:
        # A lone surrogate is not a valid character, so it is replaced.
        data = json.dumps(known, ensure_ascii=False).encode("utf-8", "replace")
        return msgspec.json.decode(data, type=Answer)
    except UNREADABLE as error:
        raise NoAnswerError(f"the JSON object is not a verdict: {error}") from error


def _read_in_vain(error: Exception, place: int) -> int:
    """Return the characters parsed from `place` on; the error also counts earlier lines."""
    if isinstance(error, json.JSONDecodeError):
        return error.pos - place + error.pos // 10
    return _DEEP


def _objects(text: str) -> tuple[list[dict[str, object]], bool]:
    """Return the outermost JSON objects with a verdict, and whether one is incomplete."""
    decoder = json.JSONDecoder()
    found = []
    inside = 0
    left = _READ_TWICE * len(text)
    begin = _OBJECT.search(text)
    while begin and left >= 0:
        place = begin.start()
        try:
            value, end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError) as error:
            left -= _read_in_vain(error, place)
            end = place + 1
        else:
            if isinstance(value, dict) and "verdict" in value:
                found.append(value)
            inside += len(_VERDICT.findall(text, place, end))
        begin = _OBJECT.search(text, end)
    return found, len(_VERDICT.findall(text)) > inside
