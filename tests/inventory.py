"""Every regular expression of the package, found in its source: none is missed, or a test fails.

Each call of `re` is found in the syntax tree, and its pattern is evaluated in the module that holds
it. A pattern that is made of what only a call knows has to be listed in `MADE`, with patterns that
stand for it. `re` is used in no other way than by such calls, so the list is whole.
"""

import ast
import importlib
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from session_classify.backends.failure_forms import FORMS
from session_classify.evidence.results.codes import CODES, EXITS
from session_classify.evidence.results.phrases import PHRASES
from session_classify.lazy import LazyPattern
from session_classify.masks import PLACEHOLDERS
from session_classify.redaction.formats import FORMATS
from tests.conftest import ROOT

FOLDER = ROOT / "scripts"
SCRIPTS = sorted(FOLDER.glob("*.py"))
PACKAGES = ("session_classify", "datadog_standin")
CALLS = {"compile", "search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
LAZY = "lazy_pattern"
"""The function that makes patterns without compiling them."""
_MAKING = re.compile(rf"\bre\b\s*\.|\b{LAZY}\b")
"""What every module says that makes patterns; the others need not be parsed."""
_FLAGS_AT = {"compile": 1, "sub": 4, "subn": 4, "split": 3}
_HARMLESS = {"escape", "error", "Pattern", "Match", "NOFLAG", *re.RegexFlag.__members__}
_FROM_START = {"match", "fullmatch"}

MADE = {
    # The sources of these are found where they are made.
    ("lazy.py", "__getattr__"): [],
    ("redaction/format.py", "spans"): [
        *((one.name or one.secret, "finditer") for one in FORMATS),
        *((one.secret, "match") for one in FORMATS if one.name),
    ],
    ("masks.py", "_placeholder"): [(row.pattern.pattern, "fullmatch") for row in PLACEHOLDERS],
    ("backends/failure_forms.py", "_form"): [(form.pattern, "match") for form in FORMS],
    ("evidence/results/phrase.py", "phrase"): [
        (phrase.pattern, "match") for phrase in (*EXITS, *CODES, *PHRASES)
    ],
    # An expression of a profile is compiled here to see whether it can be, and never matched.
    ("profiles/id_patterns.py", "id_pattern"): [],
    # Its parts are matched with one letter each.
    ("profiles/id_patterns.py", "atom"): [
        (r"[\w-]", "fullmatch"),
        (".", "fullmatch"),
    ],
}
"""Patterns that are made where they are used, by module and function, and how they are used."""

ELSEWHERE = {"ddtrace"}
"""Libraries that an app has, and the environment of the SDK tests, and `dev` has not."""


@dataclass
class Found:
    """A pattern, and the methods that it is used with; no method is known for one handed on."""

    pattern: "re.Pattern[Any]"
    place: str
    methods: set[str] = field(default_factory=set)

    @property
    def runs(self) -> set[str]:
        """How it is searched for: `finditer` stands for every method that tries all places."""
        ways = {one if one in _FROM_START else "finditer" for one in self.methods}
        return ways or {"finditer", "match", "fullmatch"}


def modules() -> list[Path]:
    """Return the files whose patterns are attacked."""
    return [*SCRIPTS, *packaged()]


def packaged() -> list[Path]:
    """Return the modules of both packages."""
    return [path for name in PACKAGES for path in sorted((FOLDER / name).rglob("*.py"))]


def key_of(path: Path) -> str:
    """Return the name of a module's file, as in `wire/audit.py` or `datadog_standin/query.py`."""
    return path.relative_to(FOLDER).as_posix().removeprefix("session_classify/")


def module_of(path: Path) -> ModuleType:
    """Import the module of a file."""
    if path in SCRIPTS:
        spec = importlib.util.spec_from_file_location(f"script_{path.stem}", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    return importlib.import_module(_dotted(path))


def patterns() -> list[Found]:
    """Return every pattern of the package once, with all ways in which it is used."""
    found: dict[tuple[Any, int], Found] = {}
    sources = {path: path.read_text(encoding="utf-8") for path in modules()}
    calls = {
        path: list(_calls(ast.parse(text)))
        for path, text in sources.items()
        if _MAKING.search(text)
    }
    uses = uses_of_names(sources, {name for made in calls.values() for *_, name in made})
    for path, made in calls.items():
        for one in _of_module(path, made, uses):
            key = (one.pattern.pattern, one.pattern.flags)
            found.setdefault(key, Found(one.pattern, one.place)).methods |= one.methods
    for place, made in MADE.items():
        for source, method in made:
            pattern = next(reachable(source, set()), None) or re.compile(source)
            key = (pattern.pattern, pattern.flags)
            found.setdefault(key, Found(pattern, "/".join(place))).methods.add(method)
    return list(found.values())


def has_source_of_patterns(path: Path) -> bool:
    """Return whether a module's source makes patterns, without importing it."""
    return _MAKING.search(path.read_text(encoding="utf-8")) is not None


def _of_module(
    path: Path, calls: list[tuple[ast.Call, str, str]], uses: dict[tuple[str, str], set[str]]
) -> Iterator[Found]:
    place = str(path.relative_to(FOLDER))
    for call, function, name in calls:
        method = _made_by(call.func)
        try:
            pattern = _evaluated(call, method, module_of(path))
        except NameError:
            key = (key_of(path), function)
            assert key in MADE, f"{place}:{call.lineno} makes a pattern in {function}: list it"
            continue
        methods = uses.get((_dotted(path), name), set()) if method == "compile" else {method}
        yield Found(pattern, f"{place}:{call.lineno}", methods)


def _calls(tree: ast.Module) -> Iterator[tuple[ast.Call, str, str]]:
    """Yield the calls of `re`, the function around each and the name that its result gets."""
    for node, function in _with_functions(tree, ""):
        if isinstance(node, ast.Call) and _made_by(node.func) in CALLS:
            names = [
                target.id
                for statement in tree.body
                if isinstance(statement, ast.Assign) and statement.value is node
                for target in statement.targets
                if isinstance(target, ast.Name)
            ]
            yield node, function, names[0] if names else ""


def _with_functions(node: ast.AST, function: str) -> Iterator[tuple[ast.AST, str]]:
    for inner in ast.iter_child_nodes(node):
        is_function = isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef)
        yield inner, function
        yield from _with_functions(inner, inner.name if is_function else function)  # type: ignore[attr-defined]


def _re_attribute(node: ast.AST) -> str:
    """Return `X` of `re.X`; empty for anything else."""
    is_re = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    return node.attr if is_re and node.value.id == "re" else ""  # type: ignore[attr-defined]


def _made_by(node: ast.AST) -> str:
    """Return the function of `re` that a call makes or uses a pattern with; empty for none."""
    is_lazy = isinstance(node, ast.Name) and node.id == LAZY
    return "compile" if is_lazy else _re_attribute(node)


def _evaluated(call: ast.Call, method: str, module: ModuleType) -> "re.Pattern[Any]":
    keywords = {one.arg: one.value for one in call.keywords}
    at = _FLAGS_AT.get(method, 2)
    source = call.args[0] if call.args else keywords["pattern"]
    flags = call.args[at] if len(call.args) > at else keywords.get("flags")
    made = _value(source, module)
    return re.compile(made, _value(flags, module) if flags is not None else 0)


def _value(node: ast.expr, module: ModuleType) -> Any:
    return eval(compile(ast.Expression(node), "pattern", "eval"), vars(module))  # noqa: S307


def uses_of_names(sources: dict[Path, str], names: set[str]) -> dict[tuple[str, str], set[str]]:
    """Return the methods that names of patterns are used with, by module and name.

    A name that is used in another way than `NAME.method(...)` has none, so all are tried.
    """
    methods: dict[tuple[str, str], set[str]] = defaultdict(set)
    others: set[tuple[str, str]] = set()
    for path, text in sources.items():
        # What is imported under another name stands in the same file under its own.
        if names.isdisjoint(re.findall(r"\w+", text)):
            continue
        module, nodes = _dotted(path), list(ast.walk(ast.parse(text)))
        origins = {
            one.asname or one.name: (node.module or "", one.name)
            for node in nodes
            if isinstance(node, ast.ImportFrom)
            for one in node.names
        }
        called = {
            id(node.func.value): node.func.attr
            for node in nodes
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        }
        for node in nodes:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                key = origins.get(node.id, (module, node.id))
                if called.get(id(node)) in CALLS:
                    methods[key].add(called[id(node)])
                else:
                    others.add(key)
    return {key: used for key, used in methods.items() if key not in others}


def _dotted(path: Path) -> str:
    """Return the name of the module of a file."""
    if path in SCRIPTS:
        return path.stem
    name = ".".join(path.relative_to(FOLDER).with_suffix("").parts)
    return name.removesuffix(".__init__")


def misuses() -> Iterator[str]:
    """Yield every use of `re` that is no plain call, and every other way to make a pattern."""
    for path in modules():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        called = {id(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
        place = path.relative_to(FOLDER)
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module in ("re", "sre_compile"):
                yield f"{place}:{node.lineno} imports names from re"
            if isinstance(node, ast.Import):
                for one in node.names:
                    if one.name in ("regex", "re2") or (one.name == "re" and one.asname):
                        yield f"{place}:{node.lineno} imports {one.name} under another name"
            attribute = _re_attribute(node)
            if attribute in CALLS and id(node) not in called:
                yield f"{place}:{node.lineno} hands re.{attribute} on"
            if attribute and attribute not in CALLS | _HARMLESS:
                yield f"{place}:{node.lineno} uses re.{attribute}"


def reachable(value: Any, seen: set[int]) -> Iterator["re.Pattern[Any]"]:
    """Yield every pattern that a value holds: in containers, fields, defaults and closures."""
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, LazyPattern):
        yield re.compile(value.pattern, value.flags)
    elif isinstance(value, dict):
        yield from (p for pair in value.items() for item in pair for p in reachable(item, seen))
    elif isinstance(value, list | tuple | set | frozenset):
        yield from (p for item in value for p in reachable(item, seen))
    elif type(value).__module__.startswith("session_classify") and not isinstance(value, type):
        names = [*getattr(value, "__slots__", ()), *getattr(value, "__struct_fields__", ())]
        inside = [getattr(value, name, None) for name in (*names, *getattr(value, "__dict__", ()))]
        yield from (p for item in inside for p in reachable(item, seen))
    elif isinstance(value, type) and value.__module__.startswith("session_classify"):
        yield from (p for item in vars(value).values() for p in reachable(item, seen))
    elif callable(value) and getattr(value, "__module__", None) and hasattr(value, "__defaults__"):
        cells = [cell.cell_contents for cell in value.__closure__ or ()]
        held = [*(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values(), *cells]
        yield from (p for item in held for p in reachable(item, seen))


def imports_of() -> dict[Path, set[str]]:
    """Return the top-level names of what each module of the package imports, by its path."""
    found: dict[Path, set[str]] = {}
    for path in packaged():
        names: set[str] = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names.update(one.name.partition(".")[0] for one in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.partition(".")[0])
        found[key_of(path)] = names
    return found
