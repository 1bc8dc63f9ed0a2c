"""Files of settings that somebody else wrote: refused in one line, and never run."""

from collections.abc import Callable
from pathlib import Path

import pytest

from session_classify.errors import UsageError
from session_classify.profiles.load import load_profile
from session_classify.verdict.reconcile_rules import load_rules

HOSTILE = {
    "deep-list": b"rules: " + b"[" * 20_000,
    "deep-map": b"".join(b" " * n + b"a:\n" for n in range(3_000)),
    "aliases": b"a0: &a0 [x, x]\n"
    + b"".join(b"a%d: &a%d [*a%d, *a%d]\n" % (n, n, n - 1, n - 1) for n in range(1, 60)),
    "aliases-in-a-rule": b"rules:\n- {a0: &a0 [x, x]"
    + b"".join(b", a%d: &a%d [*a%d, *a%d]" % (n, n, n - 1, n - 1) for n in range(1, 60))
    + b"}\n",
    "own-alias": b"rules: &a [*a]\napp: &b {x: *b}",
    "python-object": b"rules: !!python/object/apply:os.mkdir [made]\napp: !!python/name:os.system",
    "not-utf8": b"rules: \xff\xfe\xfd",
    "controls": b"rules: \x00\x1b[2J",
    "two-documents": b"---\nrules: []\n---\nrules: []\n",
    "long-number": b"rules: " + b"9" * 100_000,
    "odd-scalars": b"app: 2026-13-45\nrules: 0b2\nhelp: .inf\n? [x]\n: y",
    "duplicate-keys": b"rules: []\nrules: 1\napp: a\napp: [b]",
    "empty": b"",
    "a-list": b"[]",
}


@pytest.mark.parametrize("load", [load_profile, load_rules], ids=["profile", "reconcile"])
@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_of_settings_is_refused_in_one_line(
    load: Callable[[Path], object], data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever YAML can do is no error of the program, and constructs nothing."""
    path = tmp_path / "settings.yaml"
    path.write_bytes(data)
    monkeypatch.chdir(tmp_path)

    with pytest.raises(UsageError) as error:
        load(path)

    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 1_000
    assert list(tmp_path.iterdir()) == [path]
