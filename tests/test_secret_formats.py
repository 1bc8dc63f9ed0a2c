"""Each format of secrets is found in every notation, and what resembles it is left alone."""

import json
from collections import Counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_classify.redaction import redacted, without_secrets
from session_classify.redaction.formats import FORMATS
from tests.secret_samples import HEX, MIX, SAMPLES, UUID, Sample

KINDS = [one.kind for one in FORMATS]
ORDINARY = [
    UUID,
    f"trace {HEX[:32]}",
    f"commit {HEX[:40]}",
    f"sha256:{HEX[:64]}",
    "order A-1 of user_id ana_silva_1234, item 9127591879",
    f"api_key_id: {UUID}",
    f"access_key_id={UUID}",
    f"cache_key={HEX[:32]}",
    f'"key": "{HEX[:32]}"',
    f'"client_token": "{UUID}"',
    f'"page_token": "{MIX[:40]}"',
    '"max_tokens": 4096, "input_tokens": 1234',
    "export PWD=/testbed/x1 OLDPWD=/root/x2",
    "password=self.password2, password=getpass(1), password=$PASSWORD1, password=<PASSWORD1>",
    "api_key=${API_KEY_1234567890}, token={{ secrets.TOKEN_1234567890 }}",
    "Authorization: Bearer YOUR_TOKEN_1, Authorization: <token1>, Authorization: required",
    '{"required": ["password", "user_id2", "name"]}',
    "docker run -u 1000:1000 image; ls -u 1:abcd",
    "https://example.com:8080/a@b, git@github.com:a/b.git, mailto:ana@example.com",
    '"authorization": "A1B2C3D4", authorization: approved 20261120, use_auth = required1',
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ",
]


def text_of(sample: Sample) -> str:
    return f"{sample.before}{sample.secret}{sample.after}"


def leaks(sample: Sample, text: str) -> bool:
    """Tell whether a part of the secret is left that is long enough to be recognized."""
    parts = {sample.secret[at : at + 8] for at in range(len(sample.secret) - 7)}
    return any(part in text for part in parts)


def test_each_row_is_another_kind_with_a_source() -> None:
    """A kind names one row, and every sample belongs to one."""
    assert [kind for kind, count in Counter(KINDS).items() if count > 1] == []
    assert set(SAMPLES) == set(KINDS)
    assert all(one.source and one.hints for one in FORMATS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_is_masked_in_any_notation(kind: str) -> None:
    """As it is, in a sentence, in JSON, in JSON inside JSON, after an escaped line feed."""
    sample = SAMPLES[kind]
    plain = text_of(sample)
    in_json = json.dumps({"text": plain})

    for text in (plain, f"Use this: {plain} now.", in_json, json.dumps(in_json), f"x\\n{plain}"):
        masked = without_secrets(text)

        assert f"<secret: {kind} " in masked, masked
        assert not leaks(sample, masked), masked
    assert json.loads(without_secrets(in_json))["text"].startswith(sample.before)
    assert json.loads(json.loads(without_secrets(json.dumps(in_json))))


@pytest.mark.parametrize("kind", KINDS)
def test_an_escaped_secret_is_masked(kind: str) -> None:
    r"""Letters written as `\u0041`, as `\\u0041` in JSON inside JSON, `\/`, or `%41`."""
    sample = SAMPLES[kind]
    if "\n" in sample.secret:
        return  # a line feed has an escape of its own, which is tried above
    escaped = [
        "".join(f"\\u{ord(c):04x}" for c in sample.secret),
        "".join(f"\\\\u{ord(c):04X}" for c in sample.secret),
        "".join(c if c.isalnum() else f"\\u{ord(c):04x}" for c in sample.secret),
        sample.secret.replace("/", "\\/"),
        "".join(f"%{ord(c):02X}" for c in sample.secret),
    ]
    marks = set()
    for secret in (sample.secret, *escaped):
        masked = without_secrets(f"{sample.before}{secret}{sample.after}")

        assert masked.startswith(sample.before)
        assert f"<secret: {kind} " in masked
        assert secret not in masked
        marks.add(masked)
    assert len(marks) == 1  # equal secrets have equal marks, however they are written


@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_in_a_struct_is_masked(kind: str) -> None:
    """In a text, in a key, in a list, and as JSON that a tool returned."""
    sample = SAMPLES[kind]
    value = {"texts": [text_of(sample), {"a": json.dumps([text_of(sample)])}], "n": 1}

    masked = msgspec.json.encode(redacted(value)).decode()

    assert masked.count(f"<secret: {kind} ") == 2
    assert not leaks(sample, masked)


@pytest.mark.parametrize("text", [*(one.near for one in SAMPLES.values()), *ORDINARY])
def test_what_only_resembles_a_secret_stays(text: str) -> None:
    """Ids, digests, words, placeholders, program text: alone and in JSON."""
    assert without_secrets(text) == text
    assert without_secrets(json.dumps({"text": text})) == json.dumps({"text": text})


NAMED = [
    {"DD_API_KEY": HEX[:32]},
    {"headers": {"DD-APPLICATION-KEY": HEX[:40], "x-api-key": MIX[:20]}},
    {"headers": [["Authorization", "Bearer " + MIX[:20]], ["Cookie", "a=b; c=" + MIX[:20]]]},
    {"env": [{"name": "DD_APP_KEY", "value": HEX[:40]}, {"name": "A", "value": "b"}]},
    {"env": [{"key": "client_secret", "secure": True, "value": MIX[:20]}]},
    {"set-cookie": "sid=" + MIX[:20] + "; Path=/"},
    {"user": {"password": MIX[:10] + " with, & other; signs"}},
]


@pytest.mark.parametrize("value", NAMED, ids=lambda value: next(iter(value)))
def test_a_value_is_known_by_its_name(value: dict[str, object]) -> None:
    """Whether the name is a key, the first of a pair or a field beside it, in data and as text."""
    for masked in (
        msgspec.json.encode(redacted(value)).decode(),
        without_secrets(json.dumps(value)),
        without_secrets(json.dumps({"text": json.dumps(value)})),
    ):
        assert "<secret: " in masked
        assert HEX[:8] not in masked
        assert MIX[:8] not in masked
        assert "other" not in masked
        assert json.loads(masked)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"GET /?api_key={HEX[:32]}&site=eu", "&site=eu"),
        (f"curl -H 'DD-API-KEY: {HEX[:32]}' -d x", "' -d x"),
        ("Server=a;Uid=b;Pwd=s3cr3t!;Database=c", ";Database=c"),
        (f"apiKey: '{HEX[:32]}', n: 1", "', n: 1"),
        (f"- name: DD_API_KEY\n  value: {HEX[:32]}\n- b", "\n- b"),
        (f'<add key="ApiKey" value="{MIX[:20]}"/>', '"/>'),
        (f"The API key is {HEX[:32]}.", "."),
        ("réf password=hünter22 é", " é"),
    ],
)
def test_the_text_around_a_secret_stays(text: str, kept: str) -> None:
    """A mask takes the secret and nothing else."""
    masked = without_secrets(text)

    assert "<secret: " in masked
    assert masked.endswith(f">{kept}")
    assert without_secrets(masked) == masked


def test_overlapping_secrets_are_one() -> None:
    """What two formats find in part is masked as a whole."""
    text = (
        f"https://ana:{'ghp_' + MIX[:36]}@example.com and token=eyJ{MIX[:20]}.{MIX[:20]}.{MIX[:20]}"
    )

    masked = without_secrets(text)

    assert masked.count("<secret: ") == 2
    assert MIX[:8] not in masked


@given(st.text(max_size=40), st.sampled_from(sorted(SAMPLES)), st.text(max_size=40))
def test_a_secret_is_masked_in_any_text(before: str, kind: str, after: str) -> None:
    """Whatever is around it, no part of it is left, and what is masked has nothing left to mask."""
    text = f"{before}\n{text_of(SAMPLES[kind])}\n{after}"
    once = without_secrets(text)

    assert not leaks(SAMPLES[kind], once)
    assert without_secrets(once) == once
    assert redacted({"a": [text]}) == {"a": [once]}


@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_a_value_without_secrets_is_the_same_object(value: object) -> None:
    """Nothing is copied for nothing, and nothing but a secret is changed."""
    assert redacted(value) is value or "<secret: " in msgspec.json.encode(redacted(value)).decode()
