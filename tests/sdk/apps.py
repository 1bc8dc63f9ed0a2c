"""The same agent on each library: `python -m tests.sdk.apps NAME SESSION`, in the SDK's Python.

Each app is a function that makes what answers one request after the other.
"""

import asyncio
import json
import sys
from collections.abc import Callable
from typing import Any

from tests.sdk.model import Model
from tests.sdk.script import BY_NAME, REQUESTS, RULES, TOOLS, schema

Answer = Callable[[str], str]


def _run_tool(name: str, arguments: dict[str, Any]) -> str:
    """Run a tool in a span of its own, as an app does that calls its tools itself."""
    from ddtrace.llmobs import LLMObs

    with LLMObs.tool(name=name) as span:
        result = json.dumps(BY_NAME[name](**arguments))
        LLMObs.annotate(span, input_data=arguments, output_data=result)
    return result


def _functions() -> list[dict[str, Any]]:
    return [
        {
            "type": "function",
            "function": {
                "name": tool.__name__,
                "description": tool.__doc__,
                "parameters": schema(tool),
            },
        }
        for tool in TOOLS
    ]


def _by_chat(complete: Callable[[list[Any]], Any]) -> Answer:
    """Return an agent on chat completions."""
    messages: list[Any] = [{"role": "system", "content": RULES}]

    def answer(text: str) -> str:
        messages.append({"role": "user", "content": text})
        while True:
            said = complete(messages).choices[0].message
            if not said.tool_calls:
                messages.append({"role": "assistant", "content": said.content})
                return str(said.content)
            calls = [
                {
                    "id": call.id,
                    "type": "function",
                    "function": {"name": call.function.name, "arguments": call.function.arguments},
                }
                for call in said.tool_calls
            ]
            messages.append({"role": "assistant", "content": None, "tool_calls": calls})
            for call in said.tool_calls:
                result = _run_tool(call.function.name, json.loads(call.function.arguments))
                messages.append({"role": "tool", "tool_call_id": call.id, "content": result})

    return answer


def openai_chat(url: str) -> Answer:
    """Use chat completions of OpenAI's library."""
    from openai import OpenAI

    client = OpenAI(base_url=f"{url}/v1", api_key="none")
    return _by_chat(
        lambda messages: client.chat.completions.create(
            model="m-1", messages=messages, tools=_functions()
        )
    )


def litellm(url: str) -> Answer:
    """Use chat completions through the gateway's library."""
    import litellm as library

    return _by_chat(
        lambda messages: library.completion(
            model="openai/m-1",
            messages=messages,
            tools=_functions(),
            api_base=f"{url}/v1",
            api_key="none",
        )
    )


def openai_responses(url: str) -> Answer:
    """Use responses of OpenAI's library."""
    from openai import OpenAI

    client = OpenAI(base_url=f"{url}/v1", api_key="none")
    tools: Any = [{"type": "function", **one["function"]} for one in _functions()]
    items: list[Any] = []

    def answer(text: str) -> str:
        items.append({"role": "user", "content": text})
        while True:
            made = client.responses.create(
                model="m-1", instructions=RULES, input=items, tools=tools
            )
            items.extend(item.model_dump(exclude_none=True) for item in made.output)
            calls = [item for item in made.output if item.type == "function_call"]
            if not calls:
                return str(made.output_text)
            for call in calls:
                result = _run_tool(call.name, json.loads(call.arguments))
                item = {"type": "function_call_output", "call_id": call.call_id}
                items.append({**item, "output": result})

    return answer


def anthropic(url: str) -> Answer:
    """Use messages of Anthropic's library."""
    from anthropic import Anthropic

    client = Anthropic(base_url=url, api_key="none")
    tools: Any = [
        {"name": t.__name__, "description": t.__doc__, "input_schema": schema(t)} for t in TOOLS
    ]
    messages: list[Any] = []

    def answer(text: str) -> str:
        messages.append({"role": "user", "content": text})
        while True:
            said = client.messages.create(
                model="m-1", max_tokens=500, system=RULES, messages=messages, tools=tools
            )
            blocks = [block.model_dump(exclude_none=True) for block in said.content]
            messages.append({"role": "assistant", "content": blocks})
            calls: Any = [block for block in said.content if block.type == "tool_use"]
            if not calls:
                return str(said.content[0].text)  # type: ignore[union-attr]
            results = [
                {
                    "type": "tool_result",
                    "tool_use_id": call.id,
                    "content": _run_tool(call.name, call.input),
                }
                for call in calls
            ]
            messages.append({"role": "user", "content": results})

    return answer


def google_genai(url: str) -> Answer:
    """Use generated content of Google's library."""
    from google import genai
    from google.genai import types

    client = genai.Client(api_key="none", http_options=types.HttpOptions(base_url=url))
    off = types.AutomaticFunctionCallingConfig(disable=True)
    config = types.GenerateContentConfig(
        system_instruction=RULES, tools=list(TOOLS), automatic_function_calling=off
    )
    contents: list[Any] = []

    def answer(text: str) -> str:
        contents.append(types.Content(role="user", parts=[types.Part(text=text)]))
        while True:
            made = client.models.generate_content(model="m-1", contents=contents, config=config)
            contents.append(made.candidates[0].content)
            if not made.function_calls:
                return str(made.text)
            parts = [
                types.Part.from_function_response(
                    name=call.name, response=json.loads(_run_tool(call.name, dict(call.args)))
                )
                for call in made.function_calls
            ]
            contents.append(types.Content(role="user", parts=parts))

    return answer


def bedrock(url: str) -> Answer:
    """Use the Converse operation of AWS's library."""
    import boto3

    client = boto3.client(
        "bedrock-runtime",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="none",
        aws_secret_access_key="none",  # noqa: S106  the model is on this machine
    )
    specs = [
        {
            "toolSpec": {
                "name": tool.__name__,
                "description": tool.__doc__,
                "inputSchema": {"json": schema(tool)},
            }
        }
        for tool in TOOLS
    ]
    messages: list[Any] = []

    def answer(text: str) -> str:
        messages.append({"role": "user", "content": [{"text": text}]})
        while True:
            made = client.converse(
                modelId="m-1",
                system=[{"text": RULES}],
                messages=messages,
                toolConfig={"tools": specs},
            )
            said = made["output"]["message"]
            messages.append(said)
            calls = [part["toolUse"] for part in said["content"] if "toolUse" in part]
            if not calls:
                return str(said["content"][0]["text"])
            results = [
                {
                    "toolResult": {
                        "toolUseId": call["toolUseId"],
                        "content": [{"json": json.loads(_run_tool(call["name"], call["input"]))}],
                    }
                }
                for call in calls
            ]
            messages.append({"role": "user", "content": results})

    return answer


def langchain(url: str) -> Answer:
    """Use an agent of LangChain, which is a graph of LangGraph."""
    from langchain.agents import create_agent
    from langchain_openai import ChatOpenAI

    model = ChatOpenAI(model="m-1", base_url=f"{url}/v1", api_key="none")
    agent = create_agent(model, tools=list(TOOLS), system_prompt=RULES)
    messages: list[Any] = []

    def answer(text: str) -> str:
        messages.append({"role": "user", "content": text})
        messages[:] = agent.invoke({"messages": messages})["messages"]
        return str(messages[-1].content)

    return answer


def pydantic_ai(url: str) -> Answer:
    """Use an agent of Pydantic AI."""
    from pydantic_ai import Agent
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    provider = OpenAIProvider(base_url=f"{url}/v1", api_key="none")
    agent = Agent(OpenAIChatModel("m-1", provider=provider), system_prompt=RULES)
    for tool in TOOLS:
        agent.tool_plain(tool)
    history: list[Any] = []

    def answer(text: str) -> str:
        made = agent.run_sync(text, message_history=list(history))
        history[:] = made.all_messages()
        return str(made.output)

    return answer


def openai_agents(url: str) -> Answer:
    """Use an agent of OpenAI's Agents SDK."""
    from agents import Agent, Runner, function_tool, set_tracing_disabled
    from agents.models.openai_responses import OpenAIResponsesModel
    from openai import AsyncOpenAI

    set_tracing_disabled(False)
    client = AsyncOpenAI(base_url=f"{url}/v1", api_key="none")
    model = OpenAIResponsesModel("m-1", client)
    tools = [function_tool(tool) for tool in TOOLS]
    agent: Any = Agent(name="parcels", instructions=RULES, model=model, tools=list(tools))
    items: list[Any] = []

    def answer(text: str) -> str:
        items.append({"role": "user", "content": text})
        made = asyncio.run(Runner.run(agent, items))
        items[:] = made.to_input_list()
        return str(made.final_output)

    return answer


def llama_index(url: str) -> Answer:
    """Use a function agent of LlamaIndex."""
    from llama_index.core.agent.workflow import FunctionAgent
    from llama_index.core.tools import FunctionTool
    from llama_index.core.workflow import Context
    from llama_index.llms.openai_like import OpenAILike

    llm = OpenAILike(
        model="m-1",
        api_base=f"{url}/v1",
        api_key="none",
        is_chat_model=True,
        is_function_calling_model=True,
    )
    tools: Any = [FunctionTool.from_defaults(tool) for tool in TOOLS]
    agent = FunctionAgent(tools=tools, llm=llm, system_prompt=RULES, streaming=False)
    context: Any = Context(agent)

    async def ask(text: str) -> str:
        return str(await agent.run(text, ctx=context))

    return lambda text: asyncio.run(ask(text))


def google_adk(url: str) -> Answer:
    """Use an agent of Google's Agent Development Kit."""
    import os

    os.environ.update(GOOGLE_API_KEY="none", GOOGLE_GEMINI_BASE_URL=url)
    from google.adk.agents import Agent
    from google.adk.runners import InMemoryRunner
    from google.genai import types

    agent = Agent(name="parcels", model="gemini-m-1", instruction=RULES, tools=list(TOOLS))
    runner = InMemoryRunner(agent=agent, app_name="parcels")
    loop = asyncio.new_event_loop()
    made = runner.session_service.create_session(app_name="parcels", user_id="u-1")
    conversation = loop.run_until_complete(made)

    async def ask(text: str) -> str:
        said = ""
        content = types.Content(role="user", parts=[types.Part(text=text)])
        async for event in runner.run_async(
            user_id="u-1", session_id=conversation.id, new_message=content
        ):
            parts = event.content.parts if event.content and event.content.parts else []
            said = next((part.text for part in parts if part.text), said)
        return said

    return lambda text: loop.run_until_complete(ask(text))


APPS = (
    openai_chat,
    openai_responses,
    anthropic,
    google_genai,
    bedrock,
    litellm,
    langchain,
    pydantic_ai,
    openai_agents,
    llama_index,
    google_adk,
)
"""The libraries, in the names of `make sdk`."""


def main(name: str, session: str) -> None:
    """Play the script on one library, each request in a root span of the app."""
    from ddtrace.llmobs import LLMObs

    LLMObs.enable(ml_app="parcels", agentless_enabled=False)
    app = next(app for app in APPS if app.__name__ == name)
    answer = app(Model().url)
    for request in REQUESTS:
        with LLMObs.workflow(name="answer_customer", session_id=session) as root:
            said = answer(request)
            LLMObs.annotate(root, input_data=request, output_data=said)
    LLMObs.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
