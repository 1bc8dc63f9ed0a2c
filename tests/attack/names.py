"""Hostile names: ids, paths, options and special files, where the text is a name and no value."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.attack.base import LOOP, SESSION, base_rows
from tests.attack.checks import ended, printed
from tests.attack.guard import tree
from tests.attack.run import Done, run
from tests.attack.shapes import write

Attack = Callable[[int], Iterator[Done]]

IDS = (
    "--out=zqx", "-zqx", "../../../zqx", "/zqx/zqx", "..", ".", "", " ", "C:\\zqx", "con", "nul",
    "zqx\nverdict: yes", "zqx\x1b[2J", "zqx\u202e", "zqx" * 4_000, "$(touch zqx)", "`touch zqx`",
    "zqx; touch zqx", "zqx' OR '1'='1", "zqx*", "~/zqx", "zqx\udcff", "%2e%2e/zqx", "zqx/../zqx",
    "http://evil.example/zqx", "zqx|zqx", "{{zqx}}", "a" * 300,
)  # fmt: skip
"""What an id may look like when somebody else chose it."""
FILES = (
    "zqx\n| verdict: yes", "zqx\x1b[2J.json", "-zqx.json", "--out=zqx", "zqx [1]*?.json",
    "zqx\u202e.json", "zqx'; touch zqx.json",
    "zqx\udcff.json", "<b>zqx.json", " zqx ", "zqx.gz", "con",
)  # fmt: skip
"""Names that a file in a folder may have."""


def hostile_ids(step: int = 1) -> Iterator[Done]:
    """Run commands on ids as units, as things to show, and as what a verdict cites.

    Of the ids every `step`th is taken.
    The case lies where it does when nobody says otherwise; nothing but that place may be written.
    """
    state = Path(os.environ["XDG_STATE_HOME"])
    rows = base_rows()
    for name in IDS[::step]:
        tagged = [_with_session(row, name) for row in rows["spans"]]
        write({"bundle/spans.jsonl": tagged}, Path())
        unit = ("session", "--backend", "bundle:bundle", "--", name)
        for argv in (("gather", *unit), ("classify", *unit), ("classify", *unit, "--json")):
            yield run(*_ordered(argv), allowed=(state,))
    shutil.rmtree(state / "session-classify", ignore_errors=True)
    write({f"bundle/{name}.jsonl": listed for name, listed in rows.items()}, Path())
    data = ("session", SESSION, "--backend", "bundle:bundle", "--case", "cases/c")
    yield run("gather", *data, allowed=(Path("cases"),))
    for name in IDS[::step]:
        yield run("show", "cases/c", "--", name, allowed=(Path("cases"),))
        verdict = ("verdict", "cases/c", "--verdict", "no", "--reason", name or "x")
        for option in ("--cite", "--confirm", "--dismiss", "--failure", "--note", "--intent"):
            yield run(*verdict, f"{option}={name}", allowed=(Path("cases"),))
        yield run("gather", "--backend", f"bundle:{name}", SESSION, allowed=(state,))
        yield run("gather", "--backend", f"files:{name}", SESSION, allowed=(state,))
        yield run("gather", "--backend", name, SESSION, allowed=(state,))
        yield run("gather", "--backend", f"mcp:http://[{name}", SESSION, allowed=(state,))
        yield run("report", name)
        yield run("extract-loop", "--", name or "x")
        yield run("rum-aggregate", "--backend", "bundle:bundle", "--query", name)
        yield run("rum-aggregate", "--backend", "bundle:bundle", "--user-email", name)
        yield run("rum-aggregate", "--backend", "bundle:bundle", "--group-by", name)
        yield run("rum-signals", "bundle/rum.jsonl", "--session-start", name, "--session-end", name)
        yield run("profile", "init", "--app", name or "x")


def _ordered(argv: tuple[str, ...]) -> tuple[str, ...]:
    """Put options before the mark that ends them."""
    verb, *rest = argv
    options = [word for word in rest if word == "--json"]
    return (verb, *options, *(word for word in rest if word != "--json"))


def _with_session(row: dict[str, object], name: str) -> dict[str, object]:
    attributes = dict(row["attributes"])  # type: ignore[call-overload]
    tags = [tag for tag in attributes["tags"] if not tag.startswith("session_id:")]
    return {**row, "attributes": {**attributes, "tags": [*tags, f"session_id:{name}"]}}


def hostile_files(step: int = 1) -> Iterator[Done]:
    """Run commands on folders with a file of a hostile name, every `step`th, and on that file."""
    allowed = (Path("cases"),)
    for name in FILES[::step]:
        folder = Path("named")
        shutil.rmtree(folder, ignore_errors=True)
        write({"loop.json": LOOP}, Path())
        folder.mkdir()
        Path("loop.json").rename(folder / name)
        (folder / "other").write_bytes(b"{}")
        data = ("session", SESSION, "--backend", "files:named", "--case", "cases/n")
        yield run("gather", *data, allowed=allowed)
        yield run("extract-loop", folder / name)
        yield run("extract-loop", folder / name, "--json")
        yield run("drill-down", folder / name)
        yield run("rum-signals", folder / name, *_TIMES)
        yield run("audit-phases", folder / name, *_TIMES)
        yield run("profile", "check", folder / name)
        yield run("profile", "render", folder / name)
        yield run("profile", "init", "--app", "x", "--from-loop", folder / name)
        yield run("verdict", "cases/n", "--file", folder / name, allowed=allowed)
        yield run(
            "gather", *data[:4], "--profile", folder / name, "--case", "cases/m", allowed=allowed
        )
        yield run("classify", *data, "--reconcile", folder / name, allowed=allowed)
        shutil.rmtree("cases", ignore_errors=True)


_TIMES = ("--session-start", "2026-11-20T05:08:52Z", "--session-end", "2026-11-20T05:09:39Z")


def special_files(step: int = 1) -> Iterator[Done]:
    """Run commands on devices, pipes nobody writes to, links that lead out, and other folders.

    With more than one `step` links are made in place of one file alone.
    """
    allowed = (Path("cases"),)
    secret = Path("secret.txt")
    secret.write_text("zqxsecret\tzqxsecret\n")
    rows = {f"linked/{name}.jsonl": listed for name, listed in base_rows().items()}
    write(rows, Path())
    for name in ("rum.jsonl", "audit.jsonl", "bundle.json", "spans.jsonl")[::step]:
        kept = Path("linked", name)
        before = kept.read_bytes() if kept.is_file() else None
        for make in _SPECIAL:
            kept.unlink(missing_ok=True)
            make(kept)
            data = ("session", SESSION, "--backend", "bundle:linked", "--case", "cases/l")
            yield run("gather", *data, allowed=allowed)
            yield run(
                "gather", SESSION, "--backend", "files:linked", "--case", "cases/f", allowed=allowed
            )
            shutil.rmtree("cases", ignore_errors=True)
        kept.unlink(missing_ok=True)
        if before is not None:
            kept.write_bytes(before)
    linked = ("classify", SESSION, "--backend", "bundle:linked", "--case", "cases/d")
    gather = ("gather", SESSION, "--case", "cases/d", "--backend")
    for path in ("/dev/zero", "/dev/full", "/dev/null", "/proc/self/mem", ".", "/"):
        for argv in (
            *((verb, path) for verb in ("extract-loop", "drill-down", "report", "show")),
            *((verb, path, *_TIMES) for verb in ("rum-signals", "audit-phases")),
            *(("profile", verb, path) for verb in ("check", "render")),
            ("profile", "init", "--app", "x", "--from-rum", path),
            *((*gather, f"{kind}:{path}") for kind in ("bundle", "files")),
            *((*linked, option, path) for option in ("--reconcile", "--profile")),
            ("verdict", "cases/d", "--file", path),
        ):
            yield run(*argv, allowed=allowed)


def _link(target: str) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(target)


_SPECIAL: tuple[Callable[[Path], None], ...] = (
    _link("../secret.txt"), _link("/dev/zero"), _link("/etc/passwd"), _link("nowhere"),
    _link("rum.jsonl"), os.mkfifo,
)  # fmt: skip


def wrong(done: Done) -> Iterator[str]:
    """Yield what is wrong with a command on hostile names."""
    yield from ended(done)
    yield from printed(done)
    if "zqxsecret" in done.out + done.err:
        yield "it prints what a link out of the folder leads to"
    for line in done.err.splitlines():
        if line.startswith(("verdict:", "| verdict:")):
            yield f"a name begins a line of its own: {line[:80]!r}"


def unmade(folder: Path) -> list[str]:
    """Return the files below a folder that only a name obeyed as a command would have made."""
    return [name for name in tree(folder) if Path(name).name == "zqx"]
