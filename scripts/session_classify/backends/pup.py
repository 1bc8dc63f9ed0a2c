"""`pup`: the Datadog command line, one process a call (contracts, pup)."""

import os
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass

from session_classify.backends.available import site_here
from session_classify.backends.live import Meter
from session_classify.backends.queries import Call
from session_classify.errors import AuthError, UnreachableError

# Any of these makes pup wrap its answers, and then cursors and warnings are lost.
_AGENT_MODE = (
    "CLAUDECODE CLAUDE_CODE CURSOR_AGENT CODEX OPENAI_CODEX OPENCODE AIDER CLINE WINDSURF_AGENT "
    "GITHUB_COPILOT AMAZON_Q AWS_Q_DEVELOPER GEMINI_CODE_ASSIST SRC_CODY AGENT FORCE_AGENT_MODE"
).split()
_NO_ACCESS = re.compile(
    r"\b40[13]\b|unauthori[sz]ed|forbidden|not (?:logged in|authenticated)|auth login",
    re.IGNORECASE,
)
_PASSING = re.compile(r"\b(?:429|5\d\d)\b|timed? ?out|connection|temporar", re.IGNORECASE)
_WAITS = (0.5, 2.0)
"""Seconds before a call is made once more, and again."""
_SAID = 600
"""Characters of an error that are kept as the answer."""


@dataclass(frozen=True, slots=True)
class Pup:
    """The `pup` on the path, logged in as whoever runs this."""

    program: str
    site: str
    seconds: float = 60
    """How long one call may take."""

    @property
    def name(self) -> str:
        """The backend as the case records it."""
        return "pup"

    def ask(self, call: Call, meter: Meter) -> bytes:
        """Return what pup prints, or its error; what can pass is tried again."""
        said = ""
        for wait in (*_WAITS, None):
            code, printed, said = self._run(call)
            if code == 0:
                return printed
            if _NO_ACCESS.search(said):
                raise AuthError(f"pup has no access ({_brief(said)}); run `pup auth login`")
            if wait is None or not _PASSING.search(said):
                break
            meter.retries += 1
            time.sleep(wait)
        return f"Error: {_brief(said)}".encode()

    def _run(self, call: Call) -> tuple[int, bytes, str]:
        """Run one call and return exit code, output and error; one that hangs is ended."""
        environment = {k: v for k, v in os.environ.items() if k not in _AGENT_MODE}
        try:
            child = subprocess.Popen(
                [self.program, *call.pup],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            raise UnreachableError(f"cannot run {self.program}: {error.strerror}") from error
        try:
            printed, said = child.communicate(timeout=self.seconds)
        except subprocess.TimeoutExpired:
            if hasattr(os, "killpg"):
                os.killpg(child.pid, signal.SIGKILL)
            child.kill()
            child.communicate()
            return -1, b"", f"timed out after {self.seconds:g} s"
        return child.returncode, printed, said.decode("utf-8", "replace")


def find_pup() -> Pup:
    """Return the pup on the path; raises UnreachableError where there is none."""
    program = shutil.which("pup")
    if program is None:
        raise UnreachableError(
            "pup is not on the PATH; install it, or give another --backend, such as files:PATH"
        )
    return Pup(program, site_here())


def _brief(said: str) -> str:
    return " ".join(said.split())[-_SAID:].removeprefix("Error: ") or "no word"
