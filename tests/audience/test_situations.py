"""Every operation and every error, against the stand-in through the official client."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from datadog_standin.faults import Fault, Kind, Plan
from datadog_standin.recording import read_recording
from datadog_standin.server import serving
from session_classify.audience.operations import OPERATIONS
from tests.cli.run import run
from tests.conftest import ROOT
from tests.situations import load, situation, situations

BUNDLE = situation("organization-made-up")
_ROOT = "/api/v2/product-analytics/"
_EVER = 1_000


def samples() -> Iterator[Any]:
    """Yield each sample of the situations with what its file shares."""
    for param in situations("audience"):
        told = load(param.values[0] / "situation.yaml")
        for number, sample in enumerate(told["samples"], 1):
            yield pytest.param({**told, **sample}, id=f"{param.id}-{number}")


def _plan(sample: dict[str, Any]) -> Plan:
    if "fault" not in sample:
        return Plan()
    fault = Fault(
        Kind(sample["fault"]),
        "audience",
        sample.get("call", 1),
        sample.get("times", _EVER),
        sample.get("reset", 1),
        text=sample.get("text", ""),
    )
    return Plan((fault,))


@pytest.mark.parametrize("sample", list(samples()))
def test_an_audience_command_does_what_its_situation_says(
    sample: dict[str, Any], tmp_path: Path
) -> None:
    """Exit code, what is printed and written, and which requests are sent."""
    for name, content in sample.get("files", {}).items():
        (tmp_path / name).write_text(json.dumps(content))
    env = {"XDG_CACHE_HOME": str(tmp_path / "cache"), **sample.get("env", {})}
    with serving(read_recording([BUNDLE]), plan=_plan(sample)) as server:
        server.audience.most = sample.get("most", server.audience.most)
        at = ("--url", server.url)
        for line in sample.get("before", ()):
            assert run("audience", *line, *at, cwd=tmp_path, **env).returncode == 0
        server.audience.requests.clear()
        url = sample.get("url", server.url)
        done = run(
            *("audience", *sample["run"], *(("--url", url) if url else ())),
            cwd=tmp_path,
            stdin=sample.get("stdin"),
            **env,
        )
        sent = [one.replace(_ROOT, "") for one in server.audience.requests]

    assert done.returncode == sample.get("code", 0), done.stderr
    for text in sample.get("out", ()):
        assert text in done.stdout
    for text in sample.get("err", ()):
        assert text in done.stderr
    for text in sample.get("not", ()):
        assert text not in done.stdout
    for name, content in sample.get("written", {}).items():
        assert (tmp_path / name).read_text(encoding="utf-8") == content
    if "sent" in sample:
        assert set(sample["sent"]) <= set(sent)
        assert sample["sent"] or not sent
    writes = [one for one in sent if one in _writes(sent)]
    assert len(writes) == sample.get("writes", 0)


def _writes(sent: list[str]) -> list[str]:
    """Return the requests that change data."""
    return [one for one in sent if re.search(r"^(POST|PUT|DELETE) \w+/mapping/connection", one)]


def test_every_operation_has_a_situation() -> None:
    """The ones that a situation claims are those of the client."""
    claimed = [
        name
        for param in situations("audience")
        for name in load(param.values[0] / "situation.yaml").get("operations", ())
    ]

    assert sorted(claimed) == sorted(OPERATIONS)


def test_every_error_of_the_reference_has_a_situation() -> None:
    """The table of errors has a row for each, with the exit code that it ends with."""
    page = (ROOT / "references" / "audience.md").read_text(encoding="utf-8")
    table = page.partition("## Errors\n")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| ([a-z][^|]*?) \| (\d) \|", table, re.MULTILINE))
    told = [load(param.values[0] / "situation.yaml") for param in situations("audience-error")]
    codes = {one["row"]: {str(sample.get("code", 0)) for sample in one["samples"]} for one in told}

    assert rows.keys() == codes.keys()
    for row, code in rows.items():
        assert code in codes[row], row
