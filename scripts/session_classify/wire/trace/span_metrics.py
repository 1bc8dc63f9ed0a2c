"""A span's model, tokens and evaluations."""

from session_classify.model import Evaluation, JsonValue, Tokens
from session_classify.wire.trace.spans import Span


def model_of(span: Span) -> str:
    """Return the model's name, by the span or its tag."""
    return span.model or span.tag("matched_model_name")


def tokens_of(metrics: dict[str, JsonValue]) -> Tokens:
    """Return the token counts, under the names that SDKs use."""

    def count(*names: str) -> int:
        values = (metrics.get(name) for name in names)
        return next((int(v) for v in values if isinstance(v, int | float)), 0)

    return Tokens(
        input=count("input_tokens", "prompt_tokens"),
        output=count("output_tokens", "completion_tokens"),
        cache_read=count("cache_read_input_tokens", "cache_read_tokens"),
    )


def evaluations_of(span: Span) -> list[Evaluation]:
    """Decode evaluations; one with a submitter is the end user's.

    Source: `references/sources/spans.md#evaluations`.
    """
    found = []
    for name, body in (span.evaluation or {}).items():
        fields = body if isinstance(body, dict) else {"value": body}
        found.append(
            Evaluation(
                name=name,
                value=fields.get("value"),
                span_id=span.span_id,
                assessment=str(fields.get("assessment") or ""),
                status=str(fields.get("status") or ""),
                reasoning=str(fields.get("reasoning") or ""),
                explicit=fields.get("event_kind") == "feedback" or "submitter" in fields,
                tags=tuple(map(str, tags)) if isinstance(tags := fields.get("tags"), list) else (),
            )
        )
    return found
