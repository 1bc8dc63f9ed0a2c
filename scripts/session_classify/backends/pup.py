"""`pup`: the Datadog command line, one process a call (contracts, pup)."""

import os
import shutil
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event

from session_classify.backends.available import site_here
from session_classify.backends.meter import Meter
from session_classify.backends.queries import Call
from session_classify.backends.retries import FailedCallError, patiently
from session_classify.errors import UnreachableError

# Any of these makes pup wrap its answers, and then cursors and warnings are lost.
_AGENT_MODE = (
    "CLAUDECODE CLAUDE_CODE CURSOR_AGENT CODEX OPENAI_CODEX OPENCODE AIDER CLINE WINDSURF_AGENT "
    "GITHUB_COPILOT AMAZON_Q AWS_Q_DEVELOPER GEMINI_CODE_ASSIST SRC_CODY AGENT FORCE_AGENT_MODE"
).split()


@dataclass(frozen=True, slots=True)
class Pup:
    """The `pup` on the path, logged in as whoever runs this."""

    program: str
    site: str
    seconds: float = 60
    """How long one call may take."""
    _children: "set[subprocess.Popen[bytes]]" = field(default_factory=set, compare=False)
    _closed: Event = field(default_factory=Event, compare=False)

    @property
    def name(self) -> str:
        """The backend as the case records it."""
        return "pup"

    def ask(self, call: Call, meter: Meter) -> bytes:
        """Return what pup prints, or its error; what can pass is tried again."""
        if not call.pup:
            raise UnreachableError(f"pup has no command for {call}")
        return patiently(lambda: self._printed(call), meter, "run `pup auth login`", self._closed)

    def close(self) -> None:
        """End the processes that are under way; what they say then is no answer."""
        self._closed.set()
        for child in tuple(self._children):
            _end(child)

    def _printed(self, call: Call) -> bytes:
        """Return what one call prints; raises FailedCallError with what it says instead."""
        code, printed, said = self._ran(call.pup)
        if code:
            raise FailedCallError(said.decode("utf-8", "replace"))
        return printed

    def _ran(self, words: tuple[str, ...]) -> tuple[int, bytes, bytes]:
        """Return the exit code of a command, what it prints, and what it says on standard error.

        One that hangs is ended. Raises UnreachableError after `close`.
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
            printed, said = child.communicate(timeout=self.seconds)
        except subprocess.TimeoutExpired as error:
            raise FailedCallError(f"timed out after {self.seconds:g} s") from error
        finally:
            self._children.discard(child)
            if child.poll() is None:
                _end(child)
                child.communicate()
        if self._closed.is_set():
            raise UnreachableError("pup was ended before it answered")
        return child.returncode, printed, said


def _end(child: "subprocess.Popen[bytes]") -> None:
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
    child.kill()


def find_pup() -> Pup:
    """Return the pup on the path; raises UnreachableError where there is none."""
    program = shutil.which("pup")
    if program is None:
        raise UnreachableError(
            "pup is not on the PATH; install it, or give another --backend, such as files:PATH"
        )
    return Pup(program, site_here())
