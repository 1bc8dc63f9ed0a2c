"""The second stage of a sweep: which units a judge reads, what it costs, and what the rates are."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from session_classify.sweeping.judging import CONTROL, DOUBTFUL, JudgePlan, choose
from session_classify.verdict.endpoints import Reply
from session_classify.verdict.judge import Judge
from tests.cli.run import run
from tests.sweeping.endpoints import served
from tests.sweeping.sessions import lines
from tests.sweeping.test_choosing import labels

pytestmark = pytest.mark.slow
for _extra, _module in (("sweep", "daft"), ("judge", "openai"), ("judge", "anthropic")):
    pytest.importorskip(
        _module, reason=f"the extra `{_extra}` is not installed; `make sweep` does it"
    )

JUDGE = """
import json, sys
prompt = sys.stdin.read()
bad = "denied" in prompt
told = {"verdict": "no" if bad else "yes", "reason": "It was denied." if bad else "It was done.",
        "cite": ["turn1"], "dismiss": {f"claim{n}": "made up" for n in range(1, 20)
                                       if f"claim{n}," in prompt and not bad}}
if bad:
    told["failures"] = [{"code": "wrong_tool_use", "why": "denied"}]
print(json.dumps(told))
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "spans.jsonl"
    path.write_text("\n".join(lines(24, turns=2)) + "\n")
    return path


@pytest.fixture
def judge(tmp_path: Path) -> str:
    (tmp_path / "judge.py").write_text(JUDGE)
    return f"'{sys.executable}' '{tmp_path / 'judge.py'}'"


def swept(source: Path, out: Path, *words: object, **env: str) -> Any:
    done = run("sweep", source, "--out", out, *words, **env)
    assert done.returncode == 0, done.stderr
    return done


def test_a_judge_reads_every_unit(source: Path, judge: str, tmp_path: Path) -> None:
    """Its verdicts are the labels, with its name; a second sweep asks nothing again."""
    swept(source, tmp_path / "rules")
    done = swept(source, tmp_path / "out", "--judge", judge)

    found = labels(tmp_path / "out")
    assert {label["judge"] for label in found.values()} == {judge}
    assert set(found) == set(labels(tmp_path / "rules"))
    assert "A judge read 24 of 24 units" in done.stdout
    calls = int(done.stdout.split("units, in ")[1].split(" ")[0])
    again = tmp_path / "again"
    again.mkdir()
    (tmp_path / "out" / "answers").rename(again / "answers")
    second = swept(source, again, "--judge", judge)
    assert f"in 0 calls (0 tokens read, 0 written); {calls} answers were kept" in second.stdout
    assert labels(again) == found


def test_two_stages_judge_what_is_doubtful_and_a_control(
    source: Path, judge: str, tmp_path: Path
) -> None:
    """The other units keep the verdict of the rules, and the rates are those of all units."""
    swept(source, tmp_path / "rules")
    done = swept(source, tmp_path / "out", "--judge", judge, "--two-stage", "--control", 2)

    rules, found = labels(tmp_path / "rules"), labels(tmp_path / "out")
    doubtful = {name for name, label in rules.items() if label["verdict"] != "yes"}
    judged = {name for name, label in found.items() if label["judge"]}
    assert doubtful < judged
    parts = {label["stratum"] for name, label in found.items() if name in judged}
    assert parts == {DOUBTFUL, CONTROL}
    assert sum(found[name]["stratum"] == CONTROL for name in judged) == 2
    for name in set(found) - judged:
        assert {**found[name], "stratum": ""} == {**rules[name], "stratum": ""}
    assert {label["stratum"] for label in found.values()} == {DOUBTFUL, CONTROL}
    assert "| doubtful | " in done.stdout
    assert "| rest | " in done.stdout


def test_the_limit_of_calls_is_kept(source: Path, judge: str, tmp_path: Path) -> None:
    """Two calls a unit are counted, for a correction; what is left out is told."""
    done = swept(source, tmp_path / "out", "--judge", judge, "--max-cost", 1, "--call-cost", 0.1)

    judged = [label for label in labels(tmp_path / "out").values() if label["judge"]]
    assert len(judged) == 5
    assert "The limit of calls left out 19 units." in done.stdout


@pytest.mark.parametrize("kind", ["openai", "anthropic"])
def test_a_models_endpoint_is_a_judge(source: Path, tmp_path: Path, kind: str) -> None:
    """A refusal for the rate and a lost call are tried again; tokens are counted."""
    with served((429, 503)) as server:
        url = f"{server.url}/v1" if kind == "openai" else server.url
        done = swept(source, tmp_path / "out", "--judge", f"{kind}:made-up@{url}", "--jobs", 2)

    assert len(server.asked) == 24
    assert all(asked["model"] == "made-up" for asked in server.asked)
    assert {label["verdict"] for label in labels(tmp_path / "out").values()} == {"no"}
    assert f"in 24 calls ({24 * 900:,} tokens read, {24 * 30} written)" in done.stdout


def test_an_endpoint_judges_one_session_too(tmp_path: Path) -> None:
    """`classify --judge` takes the same names."""
    source = tmp_path / "spans.jsonl"
    source.write_text("\n".join(lines(1, turns=2)) + "\n")
    with served() as server:
        done = run("classify", "session", "s-0", "--backend", f"bundle:{source}",
                   "--case", tmp_path / "case", "--judge", f"openai:m@{server.url}/v1")  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "reason: A made-up judge says so." in done.stdout


def test_a_key_that_is_refused_ends_a_small_sweep_too(source: Path, tmp_path: Path) -> None:
    """No call was answered, however few there were."""
    with served((401,) * 99, "") as server:
        done = run("sweep", source, "--out", tmp_path / "out", "--judge-url", f"{server.url}/v1",
                   "--model", "m", "--max-calls", 4)  # fmt: skip

    assert done.returncode == 4
    assert "the judge answered none of 2 calls" in done.stderr
    assert "refuses the key" in done.stderr


@pytest.mark.parametrize("kind", ["openai", "anthropic"])
def test_a_judge_without_a_key_is_not_asked(
    kind: str, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told before anything is read."""
    for name in ("API_KEY", "AUTH_TOKEN"):
        monkeypatch.delenv(f"{kind.upper()}_{name}", raising=False)

    done = run("sweep", source, "--out", tmp_path / "out", "--judge", f"{kind}:made-up")

    assert done.returncode == 4
    assert f"set {kind.upper()}_API_KEY" in done.stderr
    assert not (tmp_path / "out").exists()


def test_an_answer_without_a_verdict_is_an_error_row(source: Path, tmp_path: Path) -> None:
    """It costs no other unit its verdict, and is not kept."""
    said = "the judge gave no verdict"
    with served((), "I cannot tell.") as server:
        done = swept(source, tmp_path / "out", "--judge-url", f"{server.url}/v1", "--model", "m",
                     "--max-calls", 4)  # fmt: skip

    errors = [label["error"] for label in labels(tmp_path / "out").values() if label["error"]]
    assert len(errors) == 2
    assert all(said in error for error in errors)
    assert "Without a verdict: 2 units" in done.stdout
    assert not (tmp_path / "out" / "answers").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--two-stage",), "--two-stage is for a judge"),
        (("--judge", "true", "--two-stage", "--sample", 3), "leave --sample out"),
        (("--judge", "true", "--max-cost", 3), "belong together"),
        (("--judge-url", "http://127.0.0.1:9"), "or --judge-url with --model"),
        (("--judge", "openai:m@http://judge.made-up.example/v1"), "traces are only sent encrypted"),
    ],
)
def test_judges_that_cannot_be_are_refused(
    source: Path, tmp_path: Path, words: tuple[object, ...], said: str
) -> None:
    """In one line, before anything is read."""
    done = run("sweep", source, "--out", tmp_path / "out", *words)

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert said in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("most", "wanted"), [(None, (30, 10)), (20, (8, 2)), (70, (27, 8)), (2, (1, 0))]
)
def test_a_limit_is_shared_by_both_parts(most: int | None, wanted: tuple[int, int]) -> None:
    """At least a fourth of it is for the control, as far as there is one."""
    found = {("session", f"s-{n}"): DOUBTFUL if n < 30 else CONTROL for n in range(100)}
    plan = JudgePlan(Judge("made-up", lambda _: Reply(json.dumps({}))), True, 10, most, 1, 0)

    chosen, left_out = choose(found, plan)

    parts = [found[key] for key in chosen]
    assert (parts.count(DOUBTFUL), parts.count(CONTROL)) == wanted
    assert left_out == 40 - len(chosen)


def test_a_judge_that_never_answers_ends_the_sweep(
    source: Path, judge: str, tmp_path: Path
) -> None:
    """After some calls in vain, with its error; what is done is kept for the next try."""
    bad = f"'{sys.executable}' -c 'import sys; sys.exit(\"no key\")'"

    done = run("sweep", source, "--out", tmp_path / "out", "--judge", bad, "--jobs", 2)

    assert done.returncode == 5
    assert "the judge did not answer" in done.stderr
    assert "no key" in done.stderr
    assert "--resume" in done.stderr
    more = run("sweep", source, "--out", tmp_path / "out", "--judge", judge, "--resume")
    assert more.returncode == 0, more.stderr
    assert "24 units, 24 with a verdict" in more.stdout
    assert "0 answers were kept" in more.stdout


def test_answers_that_cannot_be_kept_end_the_sweep(
    source: Path, judge: str, tmp_path: Path
) -> None:
    """Each costs money: none is asked for that is lost."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "answers").write_text("a file")

    done = run("sweep", source, "--out", tmp_path / "out", "--judge", judge, "--jobs", 2)

    assert done.returncode == 7
    assert "answers" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_asks_no_more(number: signal.Signals, source: Path, tmp_path: Path) -> None:
    """Only the units under way may still be asked about, once more each for a correction."""
    script, seen = tmp_path / "slow.py", tmp_path / "seen"
    script.write_text(f"import time\nopen({str(seen)!r}, 'a').write('x')\ntime.sleep(0.5)\n{JUDGE}")
    words = ["sweep", str(source), "--out", str(tmp_path / "out"), "--jobs", "2"]
    command = [sys.executable, "-m", "session_classify", *words, "--judge"]
    with subprocess.Popen(
        [*command, f"'{sys.executable}' '{script}'"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as sweep:
        end = time.monotonic() + 100
        while not seen.exists() or len(seen.read_text()) < 3:
            assert time.monotonic() < end
            assert sweep.poll() is None
            time.sleep(0.02)
        before = len(seen.read_text())
        sweep.send_signal(number)
        sweep.communicate(timeout=60)

    time.sleep(0.6)  # what was under way is done
    assert sweep.returncode not in (0, None)
    assert len(seen.read_text()) <= before + 3 * 2  # of 24 units
