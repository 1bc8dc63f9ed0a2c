"""An external command as judge: it reads a prompt on stdin and answers JSON on stdout."""

import json
import os
import shlex
import signal
import subprocess

import msgspec

from session_classify.errors import UnreachableError
from session_classify.verdict.answer import Answer

_SAID = 300
"""Characters of what a judge wrote on stderr that are repeated."""


class NoAnswerError(ValueError):
    """What a judge said holds no verdict; the message says what is wrong with it."""


def ask(command: str, prompt: str, seconds: float) -> str:
    """Return what a command answers to a prompt on its standard input.

    The command is split as a shell splits it and run without one. Raises UnreachableError when it
    cannot be started, fails, or takes longer than `seconds`; then all that it started is ended.
    """
    try:
        words = shlex.split(command)
        judge = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except (OSError, ValueError, IndexError) as error:
        raise UnreachableError(
            f"cannot run the judge {command!r}: {error}; give a command that reads a prompt on "
            "stdin, such as 'claude -p'"
        ) from error
    try:
        answer, said = judge.communicate(prompt.encode(), timeout=seconds)
    except subprocess.TimeoutExpired as error:
        raise UnreachableError(
            f"the judge {command!r} did not answer within {seconds:g} s; give it more with "
            "--judge-timeout"
        ) from error
    finally:
        _end(judge)
    if judge.returncode:
        told = " ".join(said[-_SAID:].decode("utf-8", "replace").split())
        raise UnreachableError(
            f"the judge {command!r} ended with exit code {judge.returncode}: {told or 'no word'}"
        )
    return answer.decode("utf-8", "replace")


def _end(judge: "subprocess.Popen[bytes]") -> None:
    """End a judge and what it started; nothing of it outlives the verb."""
    if judge.poll() is None:
        if hasattr(os, "killpg"):
            os.killpg(judge.pid, signal.SIGKILL)
        else:
            judge.kill()
        judge.communicate()


def read_answer(text: str) -> Answer:
    """Return the verdict in what a judge said, with or without prose around it.

    Raises NoAnswerError when there is none, or several that differ: which one is meant cannot be
    told, and trace text that a judge repeats may hold one as well.
    """
    found: list[Answer] = []
    problems: list[str] = []
    for data in _objects(text):
        try:
            found.append(msgspec.json.decode(data, type=Answer))
        except msgspec.ValidationError as error:
            problems.append(str(error))
    if found and all(answer == found[0] for answer in found):
        return found[0]
    if found:
        raise NoAnswerError(f"{len(found)} different verdicts; answer with one JSON object alone")
    if problems:
        raise NoAnswerError(f"the JSON object is no verdict: {problems[-1]}")
    raise NoAnswerError("no JSON object with a verdict; answer with one JSON object alone")


def _objects(text: str) -> list[str]:
    """Return the JSON objects of a text that hold a verdict, the outermost ones."""
    decoder = json.JSONDecoder()
    found = []
    place = text.find("{")
    while place >= 0:
        try:
            value, end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            end = place + 1
        else:
            if isinstance(value, dict) and "verdict" in value:
                found.append(json.dumps(value))
        place = text.find("{", end)
    return found
