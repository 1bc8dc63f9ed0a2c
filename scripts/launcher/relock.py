"""Write the locks beside run.py from pyproject.toml: `make lock`, in a Python that has uv."""

import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from tempfile import TemporaryDirectory

from launcher.locks import lock_path

_ROOT = Path(__file__).resolve().parents[2]
_HEAD = "# Made by `make lock`: the imports that have to work, then the packages to install."
EXTRAS = ("api", "judge", "mcp", "ray", "stats", "sweep")
"""The extras that the launcher installs."""


def wanted() -> dict[str, list[str]]:
    """Return the requirements of pyproject.toml by lock; "" for those of every command."""
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]
    return {"": project["dependencies"], **{extra: optional[extra] for extra in EXTRAS}}


def head(requirements: list[str]) -> str:
    """Return the first lines of a lock; raises ValueError for another form than NAME>=VERSION."""
    modules = packages_distributions()
    lines = [_HEAD]
    for requirement in requirements:
        name, _, oldest = requirement.partition(">=")
        name = name.partition("[")[0]
        if not oldest.replace(".", "").isdigit():
            raise ValueError(f"{requirement}: the launcher understands NAME>=VERSION")
        own = {m for m, names in modules.items() if name.lower() in map(str.lower, names)}
        plain = name.replace("-", "_")
        # A package that is not installed here has the name of its module: `make lock` would tell.
        named = plain in own or not own
        module = plain if named else min(m for m in own if not m.startswith("_"))
        lines.append(f"# import {module} from {name}>={oldest}")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write every lock; shared packages have the same version in all of them."""
    asked = wanted()
    with TemporaryDirectory() as folder:
        # uv keeps the versions in the existing file.
        together = Path(folder) / "together.lock"
        before = [Path(lock_path(extra)) for extra in asked]
        together.write_text("".join(path.read_text() for path in before if path.is_file()))
        _compile([one for some in asked.values() for one in some], together)
        for extra, requirements in asked.items():
            lock = Path(folder) / "one.lock"
            _compile(requirements, lock, "--constraint", str(together))
            Path(lock_path(extra)).write_text(head(requirements) + lock.read_text())


def _compile(requirements: list[str], lock: Path, *constraints: str) -> None:
    """Resolve requirements to packages with hashes, for every platform, without an index URL."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "-", "--quiet", "--universal"]
    command += ["--python-version", "3.11", "--generate-hashes", "--no-emit-index-url"]
    command += ["--no-annotate", "--no-header", "--output-file", str(lock), *constraints]
    text = "\n".join(requirements)
    subprocess.run(command, input=text, stdout=subprocess.DEVNULL, text=True, check=True)


if __name__ == "__main__":
    main()
