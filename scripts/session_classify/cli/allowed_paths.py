"""Paths that a restricted run may use: an agent that read hostile text may have chosen them."""

import os
from pathlib import Path
from tempfile import gettempdir

import msgspec

from session_classify.errors import UsageError
from session_classify.gathering.case_files import CASES, RUN, is_case, is_own_file
from session_classify.places import cases_folder
from session_classify.population.run import LABELS
from session_classify.resources import resource
from session_classify.sweeping.plan import RECORD

ENDINGS = (".csv", ".html", ".json", ".jsonl", ".md", ".txt")
"""Allowed endings of output files. Not YAML: no command prints it, and it configures tools."""

_PAGE = (".html",), "session.html"
"""The ending of a page, and an example: another name would be a folder of pages."""

_FOLDERS = frozenset({"agents", "commands", "instructions", "prompts", "rules", "skills"})
"""Folder names whose Markdown files agents read as instructions."""

_NAMES = frozenset(
    # Agents read files of these names as instructions,
    "agent agents chatmode claude codex conventions copilot-instructions crush gemini instructions "
    "llms memory prompt qwen rules skill warp "
    # editors and build tools read commands and settings from these.
    "angular biome bower bunfig cdk cmakelists cmakepresets composer conanfile deno devcontainer "
    "extensions firebase gemini-extension global hooks jsconfig keybindings launch lerna manifest "
    "marketplace mcp nodemon now npm-shrinkwrap nx opencode package package-lock plugin project "
    "pyrightconfig renovate settings tasks tsconfig turbo vercel".split()
)
"""File names that must not be written, compared part by part between the dots, ignoring case."""

_PREFIXES = ("requirements", "constraints")
"""pip installs from files with this prefix, such as requirements-dev.txt."""

_SYSTEM = ("dev", "proc", "sys")
"""Root folders that hold devices and processes instead of files."""


class AllowedPaths(msgspec.Struct, frozen=True):
    """The folders that determine whether a path may be used, all resolved.

    Each method resolves `~`, `..` and links in a path and returns it, or raises UsageError, which
    names the option and the fix.
    """

    project: Path | None
    """The current directory; None for the root, the home directory and its parents."""
    repository: Path | None
    """The folder around the current directory that holds `.git`."""
    home: Path
    cases: Path
    """The default folder of cases."""
    temporary: Path
    results: Path
    """The folder in which the agent client saves large results."""

    def case(self, option: str, name: str) -> Path:
        """Return a case or run: one that exists, or a new one where its files do no harm.

        New ones are made in the folder of cases, in the project, or among temporary files. None may
        be in a hidden folder.
        """
        path = _resolved(option, name)
        if _is_hidden(self._counted(path)) and not path.is_relative_to(self.cases):
            raise _refused(option, name, "is in a hidden folder", "name another directory")
        folders = (self.cases, self.project, self.temporary)
        is_kept = any(folder and path.is_relative_to(folder) for folder in folders)
        is_made = is_case(path) or any((path / name).is_file() for name in (RUN, RECORD))
        if not (is_kept or is_made):
            why = f"is no case, and outside {self._inside(None)}"
            raise _refused(option, name, why, "name a directory there, or leave it out")
        return path

    def settings(self, option: str, name: str, case: Path | None) -> Path:
        """Return a settings file: in the project, in an existing case, or of this package."""
        path = _resolved(option, name)
        shipped = resource("references").resolve()
        folders = (self.project, shipped, case if case and is_case(case) else None)
        if not any(folder and path.is_relative_to(folder) for folder in folders):
            raise _refused(option, name, f"is outside {self._inside(case)}", "copy it there")
        return path

    def data(self, option: str, name: str) -> Path:
        """Return a file or folder of recorded data: anywhere, but neither hidden nor a device."""
        path = _resolved(option, name)
        if _is_device(path):
            raise _refused(option, name, "is not a regular file", "name a file or folder")
        kept = (self.cases, self.results, resource("demo_bundle").resolve())
        is_kept = any(path.is_relative_to(folder) for folder in kept)
        if _is_hidden(self._counted(path)) and not is_kept:
            raise _refused(option, name, "is hidden", "copy it to a visible folder")
        return path

    def output(self, option: str, name: str, case: Path | None, *, is_page: bool = False) -> Path:
        """Return an output file: a new one in the project, or any in the case except its own."""
        path = _resolved(option, name)
        endings, example = _PAGE if is_page else (ENDINGS, "session-report.md")
        if case and path != case and path.is_relative_to(case):
            parts = path.relative_to(case).parts
            is_own = is_own_file(parts[0]) or parts[0].casefold() in (RUN, LABELS, CASES)
            problem = "is a file of the case itself" if is_own else ""
        elif self.project and path.is_relative_to(self.project):
            parts = self._counted(path)
            problem = "exists already" if path.exists() else ""
        else:
            raise _refused(option, name, f"is outside {self._inside(case)}", "name a file there")
        if self._instructs(path, parts):
            problem = "has a name or folder from which agents or tools take instructions"
        if path.suffix.lower() not in endings:
            problem = f"does not end in one of {' '.join(endings)}"
        if _is_hidden(parts):
            problem = "is hidden"
        if problem:
            raise _refused(option, name, problem, f"name another file, such as {example}")
        return path

    def _inside(self, case: Path | None) -> str:
        folders = [f"the project {self.project}"] if self.project else []
        folders += [f"the case {case}"] if case else []
        return " and ".join(folders) or "any project (the current directory is none)"

    def _counted(self, path: Path) -> tuple[str, ...]:
        """Return the parts of a path below the repository, else below home, else all of them.

        Not below the project: an agent that changes into `.git/hooks` makes it the project.
        """
        for base in filter(None, (self.repository, self.home)):
            if path.is_relative_to(base):
                return path.relative_to(base).parts
        return path.parts[1:]

    def _instructs(self, path: Path, parts: tuple[str, ...]) -> bool:
        """Return whether agents or tools may read a file as instructions.

        Paths in the project are checked from its top, so that a case in `agents/` is detected.
        """
        for base in filter(None, (self.repository, self.project)):
            if path.is_relative_to(base):
                parts = path.relative_to(base).parts
                break
        name = path.name.casefold()
        return (
            not _FOLDERS.isdisjoint(part.casefold() for part in parts[:-1])
            or not _NAMES.isdisjoint(name.split(".")[:-1])
            or name.startswith(_PREFIXES)
        )


def allowed_paths() -> AllowedPaths:
    """Return the folders for this process."""
    here, home = Path.cwd().resolve(), Path.home().resolve()
    is_project = here != here.parent and not home.is_relative_to(here)
    settings = Path(os.environ.get("CLAUDE_CONFIG_DIR") or home / ".claude")
    return AllowedPaths(
        project=here if is_project else None,
        repository=next((p for p in (here, *here.parents) if (p / ".git").exists()), None),
        home=home,
        cases=cases_folder().resolve(),
        temporary=Path(gettempdir()).resolve(),
        results=(settings / "projects").resolve(),
    )


def _resolved(option: str, name: str) -> Path:
    try:
        path = Path(name).expanduser().resolve()
        is_whole = path == path.resolve()
    except (OSError, RuntimeError) as error:  # an unknown user, or circular links
        raise UsageError(f"{option} {name} cannot be resolved: {error}") from error
    if not is_whole:  # behind a link to itself, further links are left as they are
        raise UsageError(f"{option} {name} cannot be resolved: it leads over a link to itself")
    return path


def _is_hidden(parts: tuple[str, ...]) -> bool:
    """Return whether a part begins with a dot; invisible characters before it are ignored.

    Some file systems ignore them too, and then such a name opens the hidden file.
    """
    return any(part.startswith(".") or not part.isprintable() for part in parts)


def _is_device(path: Path) -> bool:
    if path.exists() and not (path.is_file() or path.is_dir()):
        return True
    return any(path.is_relative_to(Path(path.anchor, name)) for name in _SYSTEM)


def _refused(option: str, name: str, why: str, fix: str) -> UsageError:
    return UsageError(
        f"--restricted refuses {option} {name}: it {why}; {fix}, or ask the user to run the "
        "command without --restricted"
    )
