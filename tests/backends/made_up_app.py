"""A made-up app that sends a session of two turns with the real SDK; runs in the SDK's Python."""

from typing import Any

from ddtrace.llmobs import LLMObs

Tool = tuple[str, dict[str, Any], dict[str, Any]]


def turn(user: str, answer: str, tool: Tool | None = None) -> None:
    """Send one turn: a model call under a workflow, and perhaps a tool."""
    with LLMObs.agent(name="assistant", session_id="sess-real") as root:
        LLMObs.annotate(
            root,
            input_data=user,
            output_data=answer,
            tags={"user_handle": "ana@example.com"},
            metadata={"query_string": user},
        )
        with LLMObs.workflow(name="get_answer_from_model_step"):
            said: dict[str, Any] = {"role": "assistant", "content": "" if tool else answer}
            if tool:
                call = {"name": tool[0], "arguments": tool[1], "tool_id": "c1", "type": "tool_use"}
                said["tool_calls"] = [call]
            with LLMObs.llm(model_name="m-1", name="anthropic.request") as model:
                LLMObs.annotate(
                    model,
                    input_data=[
                        {"role": "system", "content": "Be kind."},
                        {"role": "user", "content": user},
                    ],
                    output_data=[said],
                    metrics={"input_tokens": 9, "output_tokens": 3},
                )
            if tool:
                with LLMObs.tool(name=tool[0]) as span:
                    LLMObs.annotate(span, input_data=tool[1], output_data=tool[2])
        LLMObs.submit_evaluation(
            label="helpful",
            metric_type="categorical",
            value="yes",
            span=LLMObs.export_span(root),
            assessment="pass",
            reasoning="made up",
        )


LLMObs.enable(ml_app="shop-bot", agentless_enabled=False)
turn("Hi", "Hello, how can I help?")
turn(
    "Cancel A-1",
    "It is cancelled.",
    ("cancel_order", {"id": "A-1"}, {"id": "A-1", "status": "cancelled"}),
)
LLMObs.flush()
