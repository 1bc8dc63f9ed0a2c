"""What a session's last words want, when nothing follows them."""

from typing import Any

import pytest

from session_classify.evidence.findings import collect
from session_classify.verdict.reconcile_rules import load_rules
from session_classify.verdict.rules_only import rules_only
from session_classify.vocabulary import Satisfaction
from tests.evidence.build import a_call, a_session, a_turn
from tests.situations import samples


@pytest.mark.parametrize("sample", samples("ending"))
def test_a_last_request_that_nothing_follows_is_found(sample: dict[str, Any]) -> None:
    """A go-ahead is a fact; a goodbye, an answer, a call or missing content is none."""
    calls = [a_call("touch", sample["call"], "{}", id="A-1")] if "call" in sample else []
    fields = {name: sample[name] for name in ("masked", "status") if name in sample}
    if not calls:
        fields["iterations"] = ()
    last = a_turn(sample["user"], sample.get("answer"), *calls, **fields)
    first = [a_turn("Hi", sample["before"])] if "before" in sample else []

    evidence = collect(a_session(*first, last))

    found = [finding.rule for finding in evidence.findings if finding.id.startswith("end")]
    assert found == ([sample["rule"]] if sample["rule"] else [])


OPEN = [s for s in samples("ending") if s.values[0]["rule"]]


@pytest.mark.parametrize("sample", OPEN)
def test_the_rules_read_no_yes_off_an_open_end(sample: dict[str, Any]) -> None:
    """A go-ahead alone is `no`, beside a confirmed write `partial`; so is an open request."""
    done = a_call("send_order", "write", '{"id": "A-9"}', id="A-9")
    last = a_turn(sample["user"], None, iterations=())

    verdicts = [
        rules_only(
            collect(a_session(a_turn("Hi", sample["before"], *calls), last)), load_rules(None)
        )
        for calls in ((), (done,))
    ]

    is_fact = sample["rule"] == "go-ahead-without-act"
    alone = Satisfaction.NO if is_fact else Satisfaction.PARTIAL
    assert [verdict.verdict for verdict in verdicts] == [alone, Satisfaction.PARTIAL]
