"""A model's endpoint as judge: the APIs of OpenAI and Anthropic, and servers that speak them.

Only this module imports the clients, in the functions that use them. They repeat a call that was
refused for its rate or lost, and wait as long as the server says.
"""

import os
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import Any

import msgspec

from session_classify.backends.addresses import is_local
from session_classify.errors import (
    AuthError,
    MissingExtraError,
    UnreachableError,
    UsageError,
    in_line,
    pip,
)
from session_classify.lazy import lazy_pattern

EXTRA = "judge"
_SPEC = lazy_pattern(r"(openai|anthropic):([^\s@]{1,200})(?:@(\S{1,500}))?")
_RETRIES = 5
_TOKENS = 4_096
"""Most tokens of an answer, which is a small JSON object."""


class Reply(msgspec.Struct, frozen=True):
    """A judge's answer, and what it cost."""

    text: str
    read_tokens: int = 0
    written_tokens: int = 0


def endpoint(spec: str, seconds: float) -> Callable[[str], Reply] | None:
    """Return what asks `openai:MODEL@URL` or `anthropic:MODEL@URL`; None for another judge.

    Without an address, the client's own is used. Keys are read from the environment. Raises
    UsageError for an address that is neither https nor on this machine, AuthError without a key,
    MissingExtraError.
    """
    found = _SPEC.fullmatch(spec.strip())
    if found is None:
        return None
    kind, model, url = found.groups()
    if url and not (url.startswith("https://") or is_local(url)):
        raise UsageError(
            f"{url[:100]} is neither https nor on this machine; traces are only sent encrypted"
        )
    if find_spec(kind) is None:
        raise MissingExtraError(
            f"the judge {kind}:{model} needs its client; run `{pip('openai', 'anthropic')}`",
            EXTRA,
        )
    options = {"timeout": seconds, "max_retries": _RETRIES, **({"base_url": url} if url else {})}
    keys = (f"{kind.upper()}_API_KEY", f"{kind.upper()}_AUTH_TOKEN")
    if not any(map(os.environ.get, keys)):
        if not (url and is_local(url)):
            raise AuthError(f"the judge {kind}:{model} needs a key: set {keys[0]}")
        options["api_key"] = "none"
    return partial(_openai if kind == "openai" else _anthropic, model, options, spec)


def _openai(model: str, options: dict[str, Any], spec: str, prompt: str) -> Reply:
    import openai

    try:
        answer = openai.OpenAI(**options).chat.completions.create(
            model=model, messages=[{"role": "user", "content": prompt}]
        )
    except openai.OpenAIError as error:
        raise _failed(spec, error) from error
    usage = answer.usage
    return Reply(
        (answer.choices[0].message.content or "") if answer.choices else "",
        usage.prompt_tokens if usage else 0,
        usage.completion_tokens if usage else 0,
    )


def _anthropic(model: str, options: dict[str, Any], spec: str, prompt: str) -> Reply:
    import anthropic

    try:
        answer = anthropic.Anthropic(**options).messages.create(
            model=model, max_tokens=_TOKENS, messages=[{"role": "user", "content": prompt}]
        )
    except anthropic.AnthropicError as error:
        raise _failed(spec, error) from error
    texts = (block.text for block in answer.content if block.type == "text")
    return Reply("".join(texts), answer.usage.input_tokens, answer.usage.output_tokens)


def _failed(spec: str, error: Exception) -> AuthError | UnreachableError:
    told = in_line(error)
    if getattr(error, "status_code", 0) in (401, 403) or "api_key" in told:
        return AuthError(f"the judge {spec} refuses the key: {told}")
    return UnreachableError(f"the judge {spec} does not answer: {told}")
