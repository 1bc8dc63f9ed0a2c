"""`pup`: the Datadog command line, one process per call.

Source: `references/sources/clients.md#pup`.
"""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from session_classify.backends.environment import site_here
from session_classify.backends.failures import (
    NO_ANSWER,
    FailedCallError,
    Failure,
    of_status,
)
from session_classify.backends.meter import Meter
from session_classify.backends.retries import answered, asked_wait
from session_classify.errors import UnreachableError
from session_classify.lazy import lazy_pattern
from session_classify.queries.call import Call

# Each of these makes pup wrap its answers, which loses cursors and warnings.
_AGENT_MODE = (
    "CLAUDECODE CLAUDE_CODE CURSOR_AGENT CODEX OPENAI_CODEX OPENCODE AIDER CLINE WINDSURF_AGENT "
    "GITHUB_COPILOT AMAZON_Q AWS_Q_DEVELOPER GEMINI_CODE_ASSIST SRC_CODY AGENT FORCE_AGENT_MODE"
).split()

_LOGIN = "DD_ORG DD_ACCESS_TOKEN DD_API_KEY DD_APP_KEY DD_APPLICATION_KEY".split()
_RATE_LIMITED, _USAGE = 429 % 256, 2
_RESET = lazy_pattern(r"^ {1,8}reset: (\d{1,12})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Pup:
    """The `pup` on the PATH, with the user's login."""

    program: str
    site: str
    seconds: float = 60
    """Timeout of one call."""
    _children: "set[subprocess.Popen[bytes]]" = field(default_factory=set, compare=False)
    _closed: Event = field(default_factory=Event, compare=False)

    @property
    def name(self) -> str:
        """The backend as the case records it."""
        return "pup"

    @property
    def identity(self) -> str:
        """What the answers depend on: variables and files that determine pup's login.

        Tokens are left out: they are renewed, and a login records its organisation.
        """
        return "\n".join(("pup", self.program, self.site, *map(str, _login())))

    def ask(self, call: Call, meter: Meter) -> bytes:
        """Return pup's output, or its error; temporary errors are retried."""
        if not call.pup:
            raise UnreachableError(f"pup has no command for {call}")
        return answered(lambda: self._printed(call), meter, self._closed, "run `pup auth login`")

    def close(self) -> None:
        """End the running processes; their further output is ignored."""
        self._closed.set()
        for child in tuple(self._children):
            _end(child)

    def _printed(self, call: Call) -> bytes:
        """Return the output of one call; raises FailedCallError with the error message."""
        code, printed, message = self._ran(call.pup)
        if code:
            raise _failed(code, (message.strip() or printed).decode("utf-8", "replace"))
        return printed

    def _ran(self, words: tuple[str, ...]) -> tuple[int, bytes, bytes]:
        """Return exit code, standard output and standard error of a command.

        A command that exceeds the timeout is ended. Raises UnreachableError after `close`.
        """
        environment = {k: v for k, v in os.environ.items() if k not in _AGENT_MODE}
        try:
            child = subprocess.Popen(
                [self.program, *words],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            raise UnreachableError(f"cannot run {self.program}: {error.strerror}") from error
        self._children.add(child)
        if self._closed.is_set():
            _end(child)
        try:
            printed, message = child.communicate(timeout=self.seconds)
        except subprocess.TimeoutExpired as error:
            raise FailedCallError(f"timed out after {self.seconds:g} s", NO_ANSWER) from error
        finally:
            self._children.discard(child)
            if child.poll() is None:
                _end(child)
                child.communicate()
        if self._closed.is_set():
            raise UnreachableError("pup was ended before it answered")
        return child.returncode, printed, message


def _login() -> Iterator[str | bytes]:
    """Yield what distinguishes logins (pup, src/config.rs and src/auth/storage.rs)."""
    from platformdirs import user_config_path

    yield from (os.environ.get(name, "") for name in _LOGIN)
    folder = os.environ.get("PUP_CONFIG_DIR")
    place = Path(folder) if folder else user_config_path("pup", appauthor=False, roaming=True)
    for name in ("sessions.json", "config.yaml"):
        with suppress(OSError):
            yield (place / name).read_bytes()


def _end(child: "subprocess.Popen[bytes]") -> None:
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
    child.kill()


def _failed(code: int, message: str) -> FailedCallError:
    """Return the meaning of an exit code of pup and its error message.

    When the API's rate limit is used up, newer versions end with 429, of which the system keeps
    eight bits, and print the response's headers (pup, src/rate_limit.rs). The argument parser ends
    with 2 for an unknown flag. Any other code is 1, and the message has the status.
    """
    if code == _RATE_LIMITED:
        reset = _RESET.search(message)
        headers = {"x-ratelimit-reset": reset[1]} if reset else {}
        return FailedCallError(message, of_status(429), wait=asked_wait(headers, time.time()))
    if code == _USAGE:
        return FailedCallError(message, Failure())
    return FailedCallError(message or f"pup ended with exit code {code}")


def find_pup() -> Pup:
    """Return the pup on the PATH; raises UnreachableError where there is none."""
    program = shutil.which("pup")
    if program is None:
        raise UnreachableError(
            "pup is not on the PATH; install it, or give another --backend, such as files:PATH"
        )
    return Pup(program, site_here())
