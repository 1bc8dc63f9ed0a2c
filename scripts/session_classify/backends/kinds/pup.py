"""`pup`: Datadog's command line program."""

from session_classify.backends import Backend
from session_classify.backends.caller import Caller
from session_classify.backends.kind import Availability, BackendKind, OpenRequest
from session_classify.errors import UsageError


def _caller(where: str) -> Caller:
    from session_classify.backends.pup import find_pup

    if where:
        raise UsageError(f"--backend pup:{where}: expected pup alone, which is found on the PATH")
    return find_pup()


def _open(request: OpenRequest) -> Backend:
    from session_classify.backends.live import open_live

    return open_live(_caller(request.where), request)


def _availability() -> Availability:
    import shutil
    import subprocess

    program = shutil.which("pup")
    if program is None:
        return Availability(False, "not on the PATH", "install pup, then `pup auth login`")
    try:
        version = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Availability(False, f"{program} does not run: {error}", "install pup anew")
    printed = " ".join((version.stdout or version.stderr).split())[:80]
    works = version.returncode == 0
    return Availability(works, f"{program}, {printed}", "" if works else "install pup anew")


KIND = BackendKind(
    "pup",
    "pup",
    _open,
    caller=_caller,
    counts_rum=True,
    availability=_availability,
    preference=3,
)
