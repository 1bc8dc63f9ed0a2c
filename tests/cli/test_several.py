"""Several sessions gathered by one command."""

from pathlib import Path

import pytest

from tests.cli.run import a_bundle, a_row, run

RULES = [{"role": "system", "content": "Be kind to everybody."}]


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """Return made-up sessions s-1 and s-2 of one app with the same rules, and long ones."""
    rows = []
    for number, size in ((1, 1), (2, 1), (3, 1_800), (4, 1_800), (5, 1_800)):
        root, model = f"r{number}", f"m{number}"
        tags = [f"session_id:s-{number}"]
        said = {"value": "Hello " * size}
        rows.append(a_row(root, trace_id=f"t{number}", tags=tags, output=said))
        model_row = {"parent_id": root, "span_kind": "llm", "trace_id": f"t{number}", "tags": tags}
        messages = {"messages": [*RULES, {"role": "user", "content": "Hi"}]}
        answer = {"messages": [{"role": "assistant", "content": said["value"]}]}
        rows.append(a_row(model, **model_row, input=messages, output=answer))
    return a_bundle(tmp_path / "b", rows)


def test_several_ids_have_a_case_and_a_digest_each(bundle: Path) -> None:
    """The rules that they share are printed once."""
    done = run("gather", "session", "s-1", "s-2", "--backend", f"bundle:{bundle}")

    assert done.returncode == 0, done.stderr
    heads = [line for line in done.stdout.splitlines() if line.startswith("# Digest of")]
    assert heads == ["# Digest of session s-1", "# Digest of session s-2"]
    assert done.stdout.count("Be kind to everybody.") == 1
    assert "the same as those of s-1 above" in done.stdout


def test_a_digest_without_room_is_named_with_its_command(bundle: Path) -> None:
    """All digests together keep the limit of one, so that an agent client prints them."""
    done = run("gather", "session", "s-3", "s-4", "s-5", "--backend", f"bundle:{bundle}")

    assert len(done.stdout) <= 25_000
    assert "No room for session s-5: session-classify show " in done.stdout


def test_options_for_one_case_are_refused_for_several(bundle: Path, tmp_path: Path) -> None:
    """A case directory holds one session."""
    words = ("gather", "session", "s-1", "s-2", "--backend", f"bundle:{bundle}")

    assert run(*words, "--case", tmp_path / "c").returncode == 2
    assert run(*words, "--json").returncode == 2


def test_gathering_again_says_that_the_verdict_was_kept(bundle: Path) -> None:
    """The data is the same, so what was judged stands."""
    words = ("gather", "session", "s-1", "--backend", f"bundle:{bundle}")
    run(*words)
    case = next(
        line.split(" show ")[1].split(" turn")[0]
        for line in run(*words).stdout.splitlines()
        if line.startswith("More of anything")
    )
    run("verdict", case, "--verdict", "yes", "--reason", "It was a greeting.", "--cite", "turn1")

    again = run(*words)

    assert "was kept: it was on the same data" in again.stderr


def test_a_command_for_one_session_refuses_several(bundle: Path) -> None:
    """`classify` gives one verdict; with `files:` what follows an id are files."""
    done = run("classify", "session", "s-1", "s-2", "--backend", f"bundle:{bundle}")

    assert done.returncode == 2
    assert "expected [session|trace] ID, got: session s-1 s-2" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["session_id=s-1", "session_id=s-2"], id="label"),
        pytest.param(["session_id:s-1", "session_id:s-2"], id="query"),
        pytest.param(["session", "session_id=s-1", "session_id=s-2"], id="word and label"),
    ],
)
def test_a_labelled_id_is_one_of_its_kind(bundle: Path, words: list[str]) -> None:
    """As inputs of skills and Datadog's queries name it."""
    done = run("gather", *words, "--backend", f"bundle:{bundle}")

    assert done.returncode == 0, done.stderr
    assert "# Digest of session s-1" in done.stdout
    assert "# Digest of session s-2" in done.stdout


def test_a_labelled_trace_and_a_labelled_app_are_such(tmp_path: Path) -> None:
    """`trace_id=` and `ml_app=` stand for `trace` and `app`."""
    row = a_row("r1", trace_id="t1", tags=["session_id:s-1"], ml_app="shop")
    where = ("--backend", f"bundle:{a_bundle(tmp_path / 'rows', [row])}")

    trace = run("gather", "trace_id=t1", *where, "--case", tmp_path / "t")
    app = run("gather", "ml_app=shop", *where, "--run", tmp_path / "run")

    assert "# Digest of trace t1" in trace.stdout, trace.stderr
    assert "# Plan of a run over shop" in app.stdout, app.stderr
