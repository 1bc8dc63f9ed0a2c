"""The shapes in which other people's text comes: files of each, and the commands that read them."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.attack.base import (
    ANSWERS,
    JUDGED,
    LOOP,
    PROFILE,
    RECONCILE,
    SESSION,
    TABLE,
    TRACE,
    base_rows,
    site,
)  # fmt: skip

Argv = tuple[str, ...]
CASE = "cases/c"
_SHOWN = (
    "", "turn 1", "turn 2", "tool1", "tool2", "tool3", "write1", "policy", "claim1", "eval1",
    "feedback1", "rum1", "audit1",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape of input: documents by the file that they are written to, and commands."""

    name: str
    documents: dict[str, Any]
    commands: tuple[Argv, ...]
    attacked: tuple[str, ...] = ()
    """The documents that text is planted in; all of them where none is named."""
    starts: bool = False
    """Its commands start a program by right."""

    @property
    def targets(self) -> tuple[str, ...]:
        """The documents that text is planted in."""
        return self.attacked or tuple(self.documents)


def _case(*gather: str) -> tuple[Argv, ...]:
    """Return the commands that make a case of some data and print everything of it."""
    data = (*gather, "--case", CASE)
    return (
        ("gather", *data),
        ("classify", *data),
        *(("show", CASE, *subject.split()) for subject in _SHOWN),
        ("report", CASE, "--verbose"),
        ("report", CASE, "--verbose", "--json"),
        ("report", CASE, "--json"),
        ("report", CASE, "--html", f"{CASE}/page.html"),
        ("gather", *data, "--json"),
        ("verdict", CASE, "--verdict", "yes", "--reason", "Done."),
        *_submitted(),
    )


def _submitted() -> tuple[Argv, ...]:
    """Return the commands that print what would be submitted of a verdict, checked or not."""
    submit = ("submit", CASE, "--include-unchecked")
    return submit, (*submit, "--dataset", "made-up")


def brief(shape: Shape) -> Shape:
    """Return a shape with one command of every sort."""
    left_out = {("show", CASE, *subject.split()) for subject in _SHOWN if subject not in _BRIEFLY}
    return replace(shape, commands=tuple(argv for argv in shape.commands if argv not in left_out))


_BRIEFLY = ("", "turn 1", "tool3", "write1")


def shapes() -> tuple[Shape, ...]:
    """Return every shape, with its benign documents; made up."""
    rows = {f"bundle/{name}.jsonl": listed for name, listed in base_rows().items()}
    bundle = ("session", SESSION, "--backend", "bundle:bundle")
    files = ("--backend", "files:files")
    times = ("--session-start", "2026-11-20T05:08:52Z", "--session-end", "2026-11-20T05:09:39Z")
    return (
        Shape(
            "bundle",
            rows,
            (
                *_case(*bundle),
                ("rum-signals", "bundle/rum.jsonl", "--case", CASE),
                ("rum-signals", "bundle/rum.jsonl", "--case", CASE, "--json"),
                ("audit-phases", "bundle/audit.jsonl", "--case", CASE),
                ("audit-phases", "bundle/audit.jsonl", "--case", CASE, "--json"),
                ("rum-aggregate", "--backend", "bundle:bundle", "--group-by", "@action.name"),
                ("rum-aggregate", "--backend", "bundle:bundle", "--group-by", "@view.url"),
                ("profile", "init", "--app", "x", "--from-rum", "bundle/rum.jsonl"),
            ),
        ),
        Shape(
            "trace",
            rows,
            _case("trace", TRACE, "--backend", "bundle:bundle"),
            ("bundle/spans.jsonl",),
        ),
        Shape(
            "site", {**rows, "bundle/bundle.json": site()}, _case(*bundle), ("bundle/bundle.json",)
        ),
        Shape(
            "files",
            {f"files/{n}.json": answer for n, answer in ANSWERS.items()},
            _case("session", SESSION, *files),
        ),
        Shape(
            "loop",
            {"loop.json": LOOP},
            (
                ("extract-loop", "loop.json"),
                ("extract-loop", "loop.json", "--iteration", "1"),
                ("extract-loop", "loop.json", "--json"),
                ("drill-down", "loop.json"),
                ("drill-down", "loop.json", "--json"),
                ("profile", "init", "--app", "x", "--from-loop", "loop.json"),
            ),
        ),
        Shape(
            "results",
            {
                "rum.json": {
                    "data": rows["bundle/rum.jsonl"],
                    "meta": {
                        "status": "done",
                        "warnings": [{"title": "slow", "detail": "some shards were slow"}],
                    },
                },
                "audit.json": {"data": rows["bundle/audit.jsonl"], "meta": {"status": "done"}},
                "table.tsv": TABLE,
            },
            tuple(
                (verb, name, *times, *json)
                for verb, name in (
                    ("rum-signals", "rum.json"),
                    ("rum-signals", "table.tsv"),
                    ("audit-phases", "audit.json"),
                )
                for json in ((), ("--json",))
            ),
        ),
        Shape(
            "profile",
            {"profile.yaml": PROFILE, **rows},
            (
                ("profile", "check", "profile.yaml"),
                ("profile", "check", "profile.yaml", "--json"),
                ("profile", "render", "profile.yaml"),
                *_case(*bundle, "--profile", "profile.yaml"),
            ),
            ("profile.yaml",),
        ),
        Shape(
            "reconcile",
            {"reconcile.yaml": RECONCILE, **rows},
            (
                ("classify", *bundle, "--case", CASE, "--reconcile", "reconcile.yaml"),
                ("report", CASE, "--verbose"),
            ),
            ("reconcile.yaml",),
        ),
        Shape(
            "verdict",
            {"verdict.json": JUDGED, **rows},
            (
                ("gather", *bundle, "--case", CASE),
                ("verdict", CASE, "--file", "verdict.json"),
                ("verdict", CASE, "--file", "verdict.json", "--json", "--force"),
                ("report", CASE, "--verbose"),
                ("report", CASE),
                *_submitted(),
            ),
            ("verdict.json",),
        ),
        Shape(
            "judge",
            {"answer.json": JUDGED, **rows},
            (
                ("classify", *bundle, "--case", CASE, "--judge", "cat answer.json"),
                ("report", CASE, "--verbose"),
            ),
            ("answer.json",),
            starts=True,
        ),
    )


def write(documents: dict[str, Any], folder: Path) -> None:
    """Write documents as their suffixes say; bytes are written as they are."""
    for name, document in documents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        is_raw = isinstance(document, bytes)
        path.write_bytes(
            document if is_raw else FORMS[path.suffix](document).encode("utf-8", "surrogatepass")
        )


def _table(rows: Any) -> str:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    lines = ["\t".join(columns), *("\t".join(str(row.get(c, "")) for c in columns) for row in rows)]
    return "\n".join(lines) + "\n"


FORMS: dict[str, Callable[[Any], str]] = {
    ".json": json.dumps,
    ".yaml": json.dumps,
    ".jsonl": lambda rows: "".join(json.dumps(row) + "\n" for row in rows),
    ".tsv": _table,
}
