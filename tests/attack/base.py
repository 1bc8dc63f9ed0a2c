"""The benign inputs that everything is planted in: the demo's session, with more in it; made up."""

import json
from copy import deepcopy
from typing import Any

from tests.conftest import ROOT

_DEMO = ROOT / "scripts" / "session_classify" / "demo_bundle"
SESSION = "5e551044-de30-4c1a-9551-000000000001"
TRACE = "6affd5e4000000000f6604865e7ea5a1"


def base_rows() -> dict[str, list[Any]]:
    """Return the rows of the base session by the file of the bundle that they stand in."""
    rows = {
        name: [json.loads(line) for line in (_DEMO / f"{name}.jsonl").read_text().splitlines()]
        for name in ("spans", "rum", "audit")
    }
    spans = [row["attributes"] for row in rows["spans"]]
    for attributes in spans:
        if attributes["span_kind"] == "agent":
            attributes["metadata"]["note"] = "made up"
            attributes["tags"] += ["usr.account_id:a-1", "org_id:o-1", "chatid:c-1", "version:1.2"]
        if attributes["name"] == "upsert_widget":
            attributes["error"] = {"type": "PermissionError", "message": "403 PUT not allowlisted"}
    root = next(attributes for attributes in spans if "evaluation" in attributes)
    root["evaluation"]["feedback"] = {
        "value": "thumbs down", "eval_metric_type": "categorical", "event_kind": "feedback",
        "status": "OK", "assessment": "fail", "reasoning": "It was not added.", "tags": ["by:user"],
    }  # fmt: skip
    root["evaluation"]["topic"] = {"value": "widgets", "status": "WARN"}
    root["expected_output"] = "Say that the widget cannot be added."
    first = next(attributes for attributes in spans if attributes["span_kind"] == "llm")
    first["input"]["messages"][1]["content"] = (
        "ROUTE_CONTEXT:\n/dashboard/lists (12 visits)\n\nWhich dashboard shows checkout latency?"
    )
    rows["rum"][0]["attributes"]["attributes"]["feature_flags"] = {"new_panel": "on"}
    after = deepcopy(rows["rum"][1])
    after["id"] = "made-up-rum-5"
    after["attributes"]["timestamp"] = "2026-11-20T05:13:00.000Z"
    after["attributes"]["attributes"]["view"] |= {"id": "v-5", "url": "https://docs.datadoghq.com/"}
    rows["rum"].append(after)
    return rows


def site() -> dict[str, Any]:
    """Return the file that says where a bundle is from."""
    return {"site": "datadoghq.eu", "captured_at": "2026-11-20", "about": "made up"}


LOOP = {
    "iterations": [
        {
            "iteration": 1, "status": "error", "error_message": "429", "content": "I look.",
            "stop_reason": "tool_use", "model": "m-1", "input_tokens": 9, "output_tokens": 2,
            "tool_calls": [
                {"name": "cancel_order", "arguments": {"id": "A-1"}, "result": "403 not allowed"},
                {"name": "get_order", "arguments": '{"id": "A-1"}',
                 "result": '{"id": "A-1", "rows": [], "note": "cold"}', "error": ""},
            ],
        },
        {"iteration": 2, "status": "ok", "content": "I have cancelled order A-1."},
    ],
    "timeline": [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Cancel A-1"},
        {"role": "", "content": "I have cancelled order A-1."},
    ],
}  # fmt: skip
_SPAN = {
    "span_id": "10001", "trace_id": "00000000000000000000000000000001", "parent_id": "undefined",
    "name": "assistant", "span_kind": "agent", "ml_app": "app", "status": "ok",
    "duration_ms": 5000.0, "start_ms": 1795151392218,
}  # fmt: skip
ANSWERS: dict[str, Any] = {
    "search": {
        "spans": [
            {**_SPAN, "tags": [f"session_id:{SESSION}", "user_handle:ana@example.com"],
             "input": {"preview": "Cancel A-1"},
             "output": {"preview": "I have cancelled order A-1."}},
            {**_SPAN, "span_id": "10002", "trace_id": "00000000000000000000000000000002",
             "start_ms": 1795151492218, "tags": [f"session_id:{SESSION}"],
             "input": {"preview": "Is it so?"}, "output": {"preview": "Yes."}},
        ],
        "next_cursor": "abc",
    },
    "loop": LOOP,
    "details": {
        "spans": [
            {**_SPAN, "content_info": {"input": {}},
             "evaluations": {
                 "goal": {"value": "yes", "assessment": "pass", "reasoning": "It says so."}}}
        ]
    },
}  # fmt: skip
"""Answers about a session of two turns; of the second the loop is missing."""
TABLE = [
    {"timestamp": "2026-11-20T05:09:40.000Z", "@type": "action", "@action.name": "click on Submit",
     "@view.url": "https://app.example.com/dashboard/abc-123", "@session.id": "browser-1",
     "@usr.id": "u-42", "@context.feedback": "It was not added", "@feature_flags.new_panel": "on"},
    {"timestamp": "2026-11-20T05:09:50.000Z", "@type": "view", "@action.name": "",
     "@view.url": "https://app.example.com/dashboard/lists", "@session.id": "browser-1",
     "@usr.id": "u-42", "@context.feedback": "", "@feature_flags.new_panel": "on"},
]  # fmt: skip
PROFILE = {
    "app": "made-up",
    "ml_apps": ["support-bot"],
    "tools": [
        {"name": "call_api", "kind": "write", "source": "made up",
         "when": {"path": "$.method", "in": ["PUT"]}},
        {"name": "search_*", "kind": "read"},
    ],
    "assistant": ["panel*"],
    "actions": [
        {"name": "click on Bad response", "category": "feedback negative", "tier": "explicit",
         "direction": "negative", "note": "The thumb.", "source": "made up"},
    ],
    "assets": [
        {"type": "dashboard", "arguments": ["$.dashboard_id"], "tools": ["*dashboard"],
         "record": ["$.id"], "tags": ["dashboard_id"], "urls": ["/dashboard/{id}"],
         "http": ["/api/v1/dashboard/{id}"], "create": ["/api/v1/dashboard"], "id": "[a-z0-9-]+",
         "items": ["widgets"], "values": ["query"], "wording": ["title"], "source": "made up"},
    ],
    "noise": ["framework.*"],
    "help": ["docs.example.com"],
}  # fmt: skip
RECONCILE = {
    "rules": [
        {"name": "feedback-negative", "sentence": "the user was not content", "source": "a team",
         "when": {"tier": "explicit", "direction": "negative", "on": "last", "says": "thumbs"},
         "move": {"yes": "no", "partial": "no"}, "failure": "other"},
    ]
}  # fmt: skip
JUDGED = {
    "verdict": "no",
    "reason": "The widget was never added.",
    "failures": [{"code": "hallucination", "why": "the write was blocked"}],
    "cite": ["write1"],
    "confirm": ["claim1"],
    "dismiss": {"rum1": "it is another page"},
    "note": ["made up"],
    "intent": "A p99 widget.",
    "did": ["It tried once."],
    "rum_says": "Nothing.",
    "feedback_why": "It was not added.",
}
