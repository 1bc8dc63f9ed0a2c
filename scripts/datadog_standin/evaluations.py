"""The intake of evaluations: the metrics of a request, each of them checked."""

from typing import Any

from datadog_standin.bodies import RequestError, list_of, object_of, text_of
from datadog_standin.bundles import Row

INTAKE = "/api/intake/llm-obs/v2/eval-metric"
PATHS = (INTAKE, f"/evp_proxy/v2{INTAKE}")
"""The path of a site, and the one through an agent."""
_VALUES = {"categorical": str, "score": int | float, "boolean": bool, "json": dict}


def metrics(body: Any) -> list[Row]:
    """Return the metrics of a request body; raises RequestError for one that is refused."""
    data = object_of(object_of({"body": body}, "body"), "data")
    if data.get("type") != "evaluation_metric":
        raise RequestError(400, "data.type must be evaluation_metric")
    found: list[Row] = list_of(object_of(data, "attributes"), "metrics")
    if not found:
        raise RequestError(400, "data.attributes.metrics must not be empty")
    for metric in found:
        _check(object_of({"metric": metric}, "metric"))
    return found


def _check(metric: Row) -> None:
    kind, label = text_of(metric, "metric_type", needed=True), text_of(metric, "label", needed=True)
    if kind not in _VALUES or not isinstance(metric.get(f"{kind}_value"), _VALUES[kind]):
        raise RequestError(400, f"{kind}_value must be a value of metric_type {kind}")
    if "." in label:
        raise RequestError(400, "label must not contain a '.'")
    join = object_of(object_of(metric, "join_on"), "span")
    for name in ("span_id", "trace_id"):
        text_of(join, name, needed=True)
    text_of(metric, "ml_app", needed=True)
    if metric.get("eval_scope") not in ("span", "trace"):
        raise RequestError(400, "eval_scope must be span or trace")
    if not isinstance(metric.get("timestamp_ms"), int):
        raise RequestError(400, "timestamp_ms must be an integer")
