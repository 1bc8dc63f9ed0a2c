"""Secrets of known formats never reach a reader; everything else does."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_classify.model import SpanRef, ToolCall
from session_classify.redaction import redacted, without_secrets
from tests.cli.run import a_bundle, a_row, run

# Put together here, so that no file holds what a scanner takes for a secret.
SECRETS = {
    "aws": "AKIA" + "Q7" * 8,
    "aws-secret": "aws_secret_key = '" + "a1B/" * 10 + "'",
    "azure": "AccountKey=" + "aB3+" * 22,
    "github": "ghp_" + "a1B2" * 9,
    "github-fine": "github_pat_" + "a1B2" * 16,
    "gitlab": "glpat-" + "a1B2" * 6,
    "npm": "//registry/:_authToken=npm_" + "a1B2" * 9,
    "openai": "sk-" + "a1" * 10 + "T3BlbkFJ" + "b2" * 10,
    "openai-project": "sk-proj-" + "a1B2" * 9,
    "anthropic": "sk-ant-api03-" + "a1B2" * 9,
    "google": "AIza" + "a1B2c" * 7,
    "pypi": "pypi-AgEIcHlwaS5vcmc" + "a1" * 40,
    "sendgrid": "SG." + "a" * 22 + "." + "b" * 43,
    "slack": "xoxb-123456-123456-" + "a1b2",
    "slack-app": "xapp-1-" + "A1B2" * 8,
    "slack-hook": "https://hooks.slack.com/services/T0A1/B2C3/" + "d4" * 8,
    "square": "sq0csp-" + "a" * 43,
    "stripe": "sk_live_" + "a1B2" * 6,
    "telegram": "123456789:AA" + "a" * 33,
    "jwt": "eyJ" + "a1" * 8 + "." + "eyJ" + "b2" * 8 + "." + "c3" * 12,
    "login": "postgres://ana:correcthorse@db.example/x",
    "private-key-escaped": "-----BEGIN PRIVATE KEY-----\\n" + ("MIIabc+/" * 8 + "\\n") * 9,
    "stripe-long": "sk_live_51" + "a1B2" * 24,
    "github-long": "ghs_" + "a1B2" * 40,
    "aws-secret-bare": "AWS_SECRET_ACCESS_KEY=" + "a1B/" * 10,
    "aws-secret-camel": "SecretAccessKey: " + "a1B/" * 10,
    "hugging-face": "hf_" + "a1B2" * 9,
    "groq": "gsk_" + "a1B2" * 12,
    "openrouter": "sk-or-v1-" + "0a" * 32,
    "google-oauth": "ya29." + "a1B2" * 12,
    "datadog-row": '{"name": "DD_API_KEY", "value": "' + "0a" * 16 + '"}',
    "datadog": "DD_API_KEY=" + "0a" * 16,
    "datadog-app": "Datadog application key: " + "0b" * 20,
    "private-key": "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n"
    + ("MIIabc+/" * 8 + "\n") * 9
    + "ab+=\n-----END RSA PRIVATE KEY-----",
    "pgp-key": "-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: GnuPG v2\n\n"
    + ("MIIabc+/" * 8 + "\n") * 9
    + "=aB3+\n-----END PGP PRIVATE KEY BLOCK-----",
    "service-account": '{"type": "service_account", "private_key": "-----BEGIN PRIVATE KEY-----\\n'
    + ("MIIabc+\\/" * 8 + "\\n") * 9
    + '-----END PRIVATE KEY-----\\n", "client_id": "1"}',
    "private-key-cut": "-----BEGIN PRIVATE KEY-----\n" + ("MIIabc+/" * 8 + "\n") * 9,
}
TOLD = ("a1B2", "Q7Q7", "a1B/", "aB3+", "a1a1", "a" * 12, "correcthorse", "0a0a", "0b0b", "MIIabc")
INNOCENT = [
    "Order A-1 of user_id ana_silva_1234, item 9127591879, trace 6affd5e4000000005dc53f0866c27aee",
    "The task-force asked to add apples, see https://shop.example/a?b=1 and mail ana@example.com",
    "AKIA is a prefix, ghp_ too, and sk-1 is short; aws has laws; eyJ starts what is no token.",
    "https://example.com:8080/path@home, 12:30, 1795151332218, f81d4fae-7dec-11d0-a765-00a0c91e6b",
    "BEGIN PRIVATE talk, the private key is under the mat",
    "Paste the -----BEGIN PRIVATE KEY----- line into the form\nand then cancel order A-1 for me",
    "eyJhbGciOiJIUzI1NiJ9.index.html is a file",
    "-----BEGIN PRIVATE KEY-----\n| \n## Ledger: 1 call\nwrite1\n-----END PRIVATE KEY-----",
]


@pytest.mark.parametrize("secret", SECRETS.values(), ids=list(SECRETS))
def test_a_secret_is_masked_wherever_it_stands(secret: str) -> None:
    """Alone, in a sentence, in JSON: nothing of it is left, and the text around it is."""
    for before, after in (("", ""), ("The key: ", " works."), ('{"key": "', '", "n": 1}')):
        masked = without_secrets(f"{before}{secret}{after}")

        assert "<secret: " in masked
        assert not any(part in masked for part in TOLD), masked
        assert masked.startswith(before[:4])
        assert masked.rstrip().endswith(after.strip()[-6:]) or "private" in secret.lower()


@pytest.mark.parametrize("text", INNOCENT)
def test_what_is_no_secret_stays(text: str) -> None:
    """Ids, prices, links and words that merely begin like a secret are evidence."""
    assert without_secrets(text) == text


def test_equal_secrets_have_equal_marks() -> None:
    """It still shows whether two places hold the same one."""
    one, other = SECRETS["github"], "ghp_" + "z9Y8" * 9

    masked = without_secrets(f"{one} {one} {other}").split("<secret: ")[1:]

    assert masked[0].strip() == masked[1].strip() != masked[2].strip()


@given(st.text(max_size=60), st.sampled_from(sorted(SECRETS.values())), st.text(max_size=60))
def test_masking_is_done_once(before: str, secret: str, after: str) -> None:
    """In any text a secret is found, and a masked text has nothing left to mask."""
    once = without_secrets(f"{before} {secret} {after}")

    assert without_secrets(once) == once
    assert secret not in once


@given(st.text(max_size=200))
def test_a_text_without_any_format_is_untouched(text: str) -> None:
    """Whatever characters it has, halves of surrogate pairs included."""
    assert without_secrets(text) == text or "<secret: " in without_secrets(text)


def test_a_struct_without_secrets_is_the_same_object() -> None:
    """Nothing is copied for nothing."""
    plain, keyed = SpanRef("1", "a"), SpanRef("1", SECRETS["github"])

    assert redacted(plain) is plain
    assert redacted(keyed).name.startswith("<secret: GitHub Token ")


def test_a_value_is_known_by_its_name() -> None:
    """Some formats show only together with the name of the field that holds them."""
    call = redacted(ToolCall("tool1", "set", {"DD_API_KEY": "0a" * 16, "n": 1}, None))

    assert call.arguments["DD_API_KEY"].startswith("<secret: Datadog Key ")
    assert call.arguments["n"] == 1


def test_no_verb_prints_a_secret(tmp_path: Path) -> None:
    """Digest, page, summary, session and a loop show marks; the raw rows stay as received."""
    secret = SECRETS["github"]
    row = a_row(
        input={"value": f"Use {secret}"},
        output={"value": f"I used {secret}"},
        metadata={"page": f"/x?token={secret}"},
        evaluation={"judge": {"value": "bad", "reasoning": f"it leaked {secret}"}},
    )
    tool = a_row(
        "x", trace_id="t-r", parent_id="r", span_kind="tool", name="set_token",
        input={"value": json.dumps({"token": secret})}, output={"value": "x" * 5_000 + secret},
    )  # fmt: skip
    escaped = secret.replace("ghp_", "\\u0067hp\\u005f")
    other = a_row(
        "y", trace_id="t-r", parent_id="r", span_kind="tool", name="get_token",
        input={"value": "{}"}, output={"value": f'{{"token": "{escaped}"}}'},
    )  # fmt: skip
    bundle, case = a_bundle(tmp_path / "b", [row, tool, other]), tmp_path / "c"
    loop = tmp_path / "loop.json"
    loop.write_text(json.dumps({"iterations": [{"content": f"Use {secret}"}], "timeline": []}))

    printed = [
        run("gather", "session", "s-1", "--backend", f"bundle:{bundle}", "--case", case),
        run("gather", "session", "s-1", "--backend", f"bundle:{bundle}", "--case", case, "--json"),
        run("show", case, "turn", "1"),
        run("show", case, "tool1"),
        run("show", case, "tool2"),
        run("classify", "session", "s-1", "--backend", f"bundle:{bundle}", "--case", case),
        run("verdict", case, "--verdict", "no", "--reason", f"It told {secret}.", "--force"),
        run("report", case),
        run("extract-loop", loop),
        run("extract-loop", loop, "--json"),
        run("drill-down", loop, "--json"),
    ]

    assert [done.returncode for done in printed] == [0] * len(printed)
    for told in (secret, escaped, secret[4:]):
        assert not any(told in done.stdout + done.stderr for done in printed)
        assert told not in (case / "session.json").read_text()
    assert sum("<secret: GitHub Token" in done.stdout for done in printed) >= 7
    assert secret in (case / "raw" / "spans.jsonl").read_text()
