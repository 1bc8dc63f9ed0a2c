"""From a bundle to a verdict on the command line."""

import json
import stat
from pathlib import Path

import pytest

from tests.cli.run import a_bundle, a_row, run, run_process
from tests.situations import situation

CALLED = """--verdict no --reason Nothing_was_done. --failure wrong_tool_use=why --cite turn1"""


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """Gather a made-up session into a path with blanks."""
    path = tmp_path / "a case"
    bundle = situation("spans-wrapped-model-calls")
    done = run("gather", "session", "s-1", "--backend", f"bundle:{bundle}", "--case", path)
    assert done.returncode == 0, done.stderr
    return path


def test_a_case_is_private_and_holds_everything(case: Path) -> None:
    """Raw answers as received, session, findings, events; nobody else may look into it."""
    assert stat.S_IMODE(case.stat().st_mode) == 0o700
    assert sorted(p.name for p in case.iterdir()) == [
        ".gather.lock",
        ".lock",
        "case.json",
        "events.json",
        "findings.json",
        "raw",
        "session.json",
    ]
    raw = (case / "raw" / "spans.jsonl").read_bytes()
    assert raw == (situation("spans-wrapped-model-calls") / "spans.jsonl").read_bytes()


def test_a_verdict_is_recorded_and_printed_again(case: Path) -> None:
    """The first two lines are verdict and reason; `report` repeats them."""
    done = run("verdict", case, *CALLED.split())

    assert done.stdout.splitlines()[:3] == [
        "verdict: no",
        "reason: Nothing_was_done.",
        "failure_mode: wrong_tool_use: why",
    ]
    assert run("report", case).stdout == done.stdout


def test_a_refused_verdict_is_not_recorded(case: Path) -> None:
    """Exit 6 names every cure, and `report` has nothing to print."""
    done = run("verdict", case, "--verdict", "no", "--reason", "It failed. Twice.")

    assert done.returncode == 6
    assert "reason-not-one-sentence" in done.stderr
    assert "code-missing" in done.stderr
    assert run("report", case).returncode == 3


def test_a_verdict_from_a_file_is_the_same(case: Path) -> None:
    """`--file -` takes the answer as JSON on standard input."""
    answer = {
        "verdict": "no",
        "reason": "Nothing_was_done.",
        "failures": [{"code": "wrong_tool_use", "why": "why"}],
        "cite": ["turn1"],
    }

    by_file = run("verdict", case, "--file", "-", "--json", stdin=json.dumps(answer))
    by_options = run("verdict", case, *CALLED.split(), "--json")

    assert json.loads(by_file.stdout) == json.loads(by_options.stdout)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("{", "not a verdict", id="not-json"),
        pytest.param('{"verdict": "maybe", "reason": "x"}', "maybe", id="unknown-word"),
        pytest.param('{"verdict": "yes", "reason": "x", "sure": 1}', "sure", id="unknown-field"),
    ],
)
def test_a_file_that_is_no_verdict_says_what_was_expected(case: Path, text: str, told: str) -> None:
    """Unusable answers are exit 1 with the reason."""
    done = run("verdict", case, "--file", "-", stdin=text)

    assert done.returncode == 1
    assert told in done.stderr


def test_classify_reads_facts_only_and_says_so(tmp_path: Path) -> None:
    """Without a reader the verdict is labelled, and its confidence is low."""
    bundle = situation("spans-failed-tool")

    done = run(
        "classify", "session", "s-1", "--backend", f"bundle:{bundle}", "--case", tmp_path / "c"
    )

    assert done.stdout.splitlines()[0] == "verdict: no"
    assert "confidence: low" in done.stdout
    assert "judged_by: rules only" in done.stdout


def test_show_pages_through_one_thing(tmp_path: Path) -> None:
    """Every page keeps the limit and names the next; together they hold everything."""
    long = "".join(f"{n:06d}\n" for n in range(9_000))
    row = json.loads(
        (situation("spans-wrapped-model-calls") / "spans.jsonl").read_text().splitlines()[0]
    )
    row["attributes"]["output"] = {"value": long}
    bundle = a_bundle(tmp_path / "b", [row])
    run("gather", "session", "s-1", "--backend", f"bundle:{bundle}", "--case", tmp_path / "c")

    pages, at = [], 0
    while True:
        page = run("show", tmp_path / "c", "turn", 1, "--at", at).stdout
        assert len(page) <= 24_000
        pages.append(page)
        if "--at" not in page.splitlines()[-1]:
            break
        at = int(page.rsplit("--at ", 1)[1])

    assert len(pages) > 2
    assert all(f"{n:06d}" in "".join(pages) for n in (0, 4_500, 8_999))


@pytest.mark.parametrize("subject", ["turn 1", "turn1", "tool1", "policy"])
def test_show_knows_turns_calls_and_rules(case: Path, subject: str) -> None:
    """Each thing that a digest names can be shown."""
    assert run("show", case, *subject.split()).returncode == 0


def test_show_prints_several_things(case: Path) -> None:
    """One below the other; a turn that was printed counts as read."""
    done = run("show", case, "turn", 1, "tool1", "policy")

    heads = [line for line in done.stdout.splitlines() if line.startswith("# ")]
    assert [head.partition(":")[0] for head in heads] == [
        "# turn 1",
        "# tool1",
        "# the app's rules",
    ]
    assert run("show", case, "tool1", "tool9").returncode == 3
    assert run("show", case, "tool1", "policy", "--at", 5).returncode == 2


def test_show_prints_a_page_of_the_reference(case: Path) -> None:
    """For agents that may run commands and not read files."""
    done = run("--restricted", "show", "--reference", "verdicts")

    assert done.stdout.startswith("# What a verdict means")
    unknown = run("show", "--reference", "../README")
    assert unknown.returncode == 2
    assert "audience, audit-signals, backends" in unknown.stderr
    assert run("show", case, "--reference", "verdicts").returncode == 2
    assert run("show").returncode == 2


def test_show_names_what_it_has_no_room_for(tmp_path: Path) -> None:
    """All pages together keep the limit; the command for the rest is the last line."""
    rows = [a_row(span, output={"value": span * 15_000}) for span in ("a", "b")]
    bundle = a_bundle(tmp_path / "b", rows)
    run("gather", "session", "s-1", "--backend", f"bundle:{bundle}", "--case", tmp_path / "c")

    done = run("show", tmp_path / "c", "turn", 1, "turn", 2)

    assert len(done.stdout) <= 24_000
    assert done.stdout.splitlines()[-1].endswith(" turn 2")
    assert done.stdout.splitlines()[-1].startswith("No room for the rest: session-classify show ")


def test_show_tells_the_ids_there_are(case: Path) -> None:
    """Exit 3 for what is not in the case, with what is."""
    done = run("show", case, "tool9")

    assert done.returncode == 3
    assert "there are turn1, tool1, policy" in done.stderr


def test_out_writes_instead_of_printing(case: Path, tmp_path: Path) -> None:
    """A flag needs no approval where a redirect does."""
    done = run("show", case, "--out", tmp_path / "d.md")

    assert done.stdout == ""
    assert (tmp_path / "d.md").read_text().startswith("# Digest of session s-1")


@pytest.mark.parametrize(
    "verb",
    [
        "gather",
        "show",
        "verdict",
        "classify",
        "report",
        "extract-loop",
        "drill-down",
        "rum-aggregate",
        "rum-signals",
        "audit-phases",
        "profile",
        "doctor",
        "serve",
        "demo",
    ],
)
def test_help_imports_nothing_heavy(verb: str) -> None:
    """`--help` of any verb stays quick: no templates, YAML or JSONPath are loaded for it."""
    code = (
        "import sys\nfrom session_classify.cli import cli\n"
        f"cli.main([{verb!r}, '--help'], standalone_mode=False)\n"
        "heavy = {'jinja2', 'yaml', 'jsonpath_ng', 'msgspec', 'platformdirs'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    import subprocess
    import sys

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "Usage:" in done.stdout


def test_a_c_locale_prints_any_character(tmp_path: Path) -> None:
    """A terminal without UTF-8 does not break on trace text."""
    bundle = situation("spans-odd-characters")

    done = run_process(
        "gather", "session", "s-1", "--backend", f"bundle:{bundle}", "--case", tmp_path / "c",
        LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0",
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "😀" in done.stdout
