"""What a failed call means: by its transport, else by the form of its message."""

import json
from http import HTTPStatus
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_classify.backends.failure_forms import FORMS
from session_classify.backends.failures import (
    FailedCallError,
    Failure,
    Kind,
    as_answer,
    of_status,
    read_failure,
)
from tests.situations import samples

SAMPLES = samples("status")


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_status_is_read_from_the_form_of_a_message(sample: dict[str, Any]) -> None:
    """A message has the status that its form states, or means what its words say, or neither."""
    found = read_failure(sample["said"])

    if "status" in sample:
        assert found == of_status(sample["status"])
    else:
        assert found == Failure(Kind(sample["kind"]))


def test_every_form_has_a_sample() -> None:
    """A form that no sample needs would be one that nobody has seen."""
    texts = [
        text
        for param in SAMPLES
        if "near-misses" not in str(param.id)
        for text in (param.values[0]["said"], *strings(param.values[0]["said"]))
    ]
    own = {"this package"}
    missing = [
        form.source
        for form in FORMS
        if form.source not in own
        and "phrase alone" not in form.source
        and not any(form.pattern.search(text) for text in texts)
    ]

    assert missing == []


def strings(said: str) -> list[str]:
    """Return the strings in a message that is JSON."""
    try:
        value = json.loads(said)
    except ValueError:
        return []
    found, open_ = [], [value]
    while open_:
        item = open_.pop()
        if isinstance(item, str):
            found.append(item)
        elif isinstance(item, dict | list):
            open_ += item.values() if isinstance(item, dict) else item
    return found


@pytest.mark.parametrize("status", [s for s in HTTPStatus if s >= 400])
def test_every_status_of_http_is_known(status: HTTPStatus) -> None:
    """By its number with its phrase, and by its phrase alone; never inside a sentence."""
    wanted = of_status(status.value)

    assert read_failure(f"Error: failed to search: {status.value} {status.phrase}") == wanted
    assert read_failure(f"Error: {status.phrase}") == wanted
    assert read_failure(f'{{"errors": ["{status.phrase}"]}}') == wanted
    assert read_failure(f"it has {status.value} {status.phrase} rows") == Failure()
    assert read_failure(f"{status.value + 1} {status.phrase}").status != status.value


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((status, Kind.NO_ACCESS) for status in (401, 403)),
        *((status, Kind.MISSING) for status in (404, 410)),
        *((status, Kind.PASSING) for status in (408, 425, 429, 500, 502, 503, 504, 520, 529)),
        *((status, Kind.OTHER) for status in (301, 400, 402, 409, 413, 418, 422, 501, 505)),
    ],
)
def test_what_a_status_means(status: int, kind: Kind) -> None:
    """Refused, gone, passing, or wrong in itself."""
    assert of_status(status) == Failure(kind, status)


WORDS = st.sampled_from(
    "trace has 401 403 404 429 500 503 spans between 1 and rows of found limit must be the query "
    "connection string temporarily stored unauthorized forbidden users timeout at most".split()
)


@given(st.lists(WORDS, min_size=2, max_size=12), st.sampled_from([" spans", " rows", " of 7"]))
def test_numbers_in_a_sentence_are_no_status(words: list[str], end: str) -> None:
    """Whatever numbers and words a sentence has, without a form it tells nothing."""
    said = f"it says {' '.join(words)}{end}"

    assert read_failure(said) == Failure()
    assert read_failure(f"Error: failed to search spans: {said}") == Failure()


anything = st.text(max_size=60) | st.sampled_from([param.values[0]["said"] for param in SAMPLES])


@given(anything, st.integers(400, 599))
def test_what_the_transport_says_decides(said: str, status: int) -> None:
    """No text, however much like another status, changes the status of a response."""
    error = FailedCallError(said, of_status(status))

    assert error.failure == of_status(status)
    assert read_failure(as_answer(said, error.failure)) == error.failure


@given(
    anything,
    st.sampled_from([Failure(kind) for kind in (Kind.NO_ACCESS, Kind.PASSING, Kind.OTHER)]),
)
def test_a_failure_is_read_back_from_its_answer(said: str, failure: Failure) -> None:
    """What is kept as the answer means the same when it is read again."""
    kept = as_answer(said, failure)

    assert kept.startswith(b"Error: ")
    assert read_failure(kept) == failure


@given(anything, st.integers(400, 599))
def test_the_first_form_decides(body: str, status: int) -> None:
    """A body that quotes another status does not change the one before it."""
    told = f"Error: failed to search: POST https://x.example failed (HTTP {status}): {body}"

    assert read_failure(told) == of_status(status)


@given(st.binary(max_size=200) | st.text().map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_are_read_without_an_error(data: bytes) -> None:
    """Whatever a program prints, its failure is some failure."""
    assert read_failure(data).kind in Kind
    assert read_failure(b'{"errors": [' + data + b"]}").kind in Kind
