"""The table of block types and roles: what each part of a message is, by the name of its type.

A new shape is a row here and a case file. Names are compared by `plain`, so `tool-call`,
`tool_call` and `toolCall` are one name. `source` is the section that cites the published schema.
"""

from enum import Enum
from functools import lru_cache

import msgspec


class Kind(Enum):
    """What a part of a message is."""

    TEXT = "text"
    REASONING = "reasoning"
    CALL = "call"
    RESULT = "result"
    CALL_WITH_RESULT = "call with result"
    """A call that the provider ran itself: one item holds the call and how it ended."""
    MEDIA = "media"
    DATA = "data"
    """A JSON value inside a tool result."""
    SILENT = "silent"
    """A known part that says nothing: cache marks, the start of a step."""


class BlockType(msgspec.Struct, frozen=True):
    """One type of part."""

    kind: Kind
    label: str = ""
    """The tool's name where a call has none of its own, or what media are called."""
    role: str = ""
    """The role of a part that tells its own: one Pydantic AI request holds several."""
    source: str = ""


@lru_cache(4096)
def plain(name: str) -> str:
    """Return a key or type in the form that is compared: last part of a path, letters alone.

    >>> plain("message_content.tool-call"), plain("toolCall"), plain("tool_call")
    ('toolcall', 'toolcall', 'toolcall')
    """
    return name.rpartition(".")[2].replace("_", "").replace("-", "").lower()


_PAGE = "references/sources/messages.md#"

_ROWS: tuple[tuple[Kind, str, str, str, str], ...] = (
    # kind, names, label, role, section of the page
    (Kind.TEXT, "text", "", "", "openai-chat"),
    (Kind.TEXT, "input_text output_text refusal", "", "", "openai-responses"),
    (Kind.TEXT, "guardContent citationsContent", "", "", "bedrock-converse"),
    (Kind.TEXT, "text-plain", "", "", "langchain"),
    (Kind.TEXT, "text-content", "", "", "pydantic-ai"),
    (Kind.TEXT, "user-prompt", "", "user", "pydantic-ai"),
    (Kind.TEXT, "system-prompt instruction", "", "system", "pydantic-ai"),
    (Kind.TEXT, "retry-feedback", "", "tool", "pydantic-ai"),
    (Kind.REASONING, "thinking redacted_thinking", "", "", "anthropic-messages"),
    (Kind.REASONING, "reasoning summary_text reasoning_text", "", "", "openai-responses"),
    (Kind.REASONING, "reasoningContent", "", "", "bedrock-converse"),
    (Kind.REASONING, "redacted-reasoning", "", "", "vercel-ai-sdk"),
    (Kind.CALL, "function_call custom_tool_call", "", "", "openai-responses"),
    (Kind.CALL, "computer_call", "computer", "", "openai-responses"),
    (Kind.CALL, "local_shell_call", "local_shell", "", "openai-responses"),
    (Kind.CALL, "shell_call", "shell", "", "openai-responses"),
    (Kind.CALL, "apply_patch_call", "apply_patch", "", "openai-responses"),
    (Kind.CALL, "tool_search_call", "tool_search", "", "openai-responses"),
    (Kind.CALL, "tool_use server_tool_use mcp_tool_use", "", "", "anthropic-messages"),
    (Kind.CALL, "functionCall", "", "", "gemini"),
    (Kind.CALL, "executableCode", "code_execution", "", "gemini"),
    (Kind.CALL, "tool_call server_tool_call", "", "", "opentelemetry-genai"),
    (Kind.CALL, "invalid_tool_call", "", "", "langchain"),
    (Kind.CALL, "builtin-tool-call", "", "", "pydantic-ai"),
    (Kind.CALL_WITH_RESULT, "mcp_call", "", "", "openai-responses"),
    (Kind.CALL_WITH_RESULT, "web_search_call", "web_search", "", "openai-responses"),
    (Kind.CALL_WITH_RESULT, "file_search_call", "file_search", "", "openai-responses"),
    (Kind.CALL_WITH_RESULT, "code_interpreter_call", "code_interpreter", "", "openai-responses"),
    (Kind.CALL_WITH_RESULT, "image_generation_call", "image_generation", "", "openai-responses"),
    (Kind.CALL_WITH_RESULT, "tool-invocation dynamic-tool", "", "", "vercel-ai-sdk"),
    (Kind.RESULT, "function_call_output custom_tool_call_output", "", "", "openai-responses"),
    (Kind.RESULT, "computer_call_output local_shell_call_output", "", "", "openai-responses"),
    (Kind.RESULT, "shell_call_output apply_patch_call_output", "", "", "openai-responses"),
    (Kind.RESULT, "tool_search_output", "", "", "openai-responses"),
    (Kind.RESULT, "tool_result mcp_tool_result", "", "", "anthropic-messages"),
    (Kind.RESULT, "functionResponse", "", "", "gemini"),
    (Kind.RESULT, "codeExecutionResult", "code_execution", "", "gemini"),
    (Kind.RESULT, "tool_call_response server_tool_call_response", "", "", "opentelemetry-genai"),
    (Kind.RESULT, "server_tool_result", "", "", "langchain"),
    (Kind.RESULT, "tool-return builtin-tool-return", "", "tool", "pydantic-ai"),
    (Kind.RESULT, "retry-prompt", "", "tool", "pydantic-ai"),
    (Kind.MEDIA, "image image_url", "image", "", "openai-chat"),
    (Kind.MEDIA, "input_image computer_screenshot", "image", "", "openai-responses"),
    (Kind.MEDIA, "input_audio audio output_audio audio-url speech", "audio", "", "openai-chat"),
    (Kind.MEDIA, "video video_url", "video", "", "bedrock-converse"),
    (Kind.MEDIA, "file input_file document_url uploaded-file", "file", "", "openai-chat"),
    (Kind.MEDIA, "document container_upload", "file", "", "anthropic-messages"),
    (Kind.MEDIA, "blob uri file_data", "file", "", "opentelemetry-genai"),
    (Kind.MEDIA, "inlineData", "file", "", "gemini"),
    (Kind.MEDIA, "binary", "file", "", "pydantic-ai"),
    (Kind.MEDIA, "media", "file", "", "langchain"),
    (Kind.DATA, "json", "", "", "bedrock-converse"),
    (Kind.SILENT, "cachePoint", "", "", "bedrock-converse"),
    (Kind.SILENT, "step-start source source-url source-document", "", "", "vercel-ai-sdk"),
    (Kind.SILENT, "compaction item_reference mcp_list_tools", "", "", "openai-responses"),
)

BLOCK_TYPES = {
    plain(name): BlockType(kind, label, role, _PAGE + section)
    for kind, names, label, role, section in _ROWS
    for name in names.split()
}
"""Each type by its plain name."""

_ENDINGS = (
    ("tooluse", BlockType(Kind.CALL, source=_PAGE + "anthropic-messages")),
    ("toolresult", BlockType(Kind.RESULT, source=_PAGE + "anthropic-messages")),
    ("calloutput", BlockType(Kind.RESULT, source=_PAGE + "openai-responses")),
)
"""Families that vendors add to: `web_search_tool_result`, `bash_code_execution_tool_result`."""

ONE_KEY = frozenset(
    plain(name)
    for name in """toolUse toolResult reasoningContent guardContent citationsContent cachePoint
    image document video audio json functionCall functionResponse executableCode
    codeExecutionResult inlineData fileData""".split()
)
"""Types that are told by the key under which the part stands: Bedrock Converse and Gemini."""

BESIDE_ONE_KEY = frozenset(map(plain, ("thought", "thoughtSignature", "videoMetadata", "text")))
"""Keys that may stand beside such a key."""

ROLES = {
    plain(name): role
    for role, names in (
        ("user", "user human request HumanMessage HumanMessageChunk"),
        ("assistant", "assistant ai model chatbot bot AIMessage AIMessageChunk response"),
        ("system", "system SystemMessage SystemMessageChunk"),
        ("tool", "tool function ToolMessage ToolMessageChunk FunctionMessage FunctionMessageChunk"),
        ("reasoning", "reasoning thinking thought"),
    )
    for name in names.split()
}
"""One word for each role: messages.md#roles. A role that is not listed stays as it is."""

TYPES_OF_MESSAGES = frozenset(
    plain(name)
    for name in """human ai system tool function chat AIMessage AIMessageChunk HumanMessage
    HumanMessageChunk SystemMessage SystemMessageChunk ToolMessage ToolMessageChunk FunctionMessage
    FunctionMessageChunk ChatMessage ChatMessageChunk request response""".split()
)
"""Types of a message without a role that name its role: messages.md#langchain, #pydantic-ai."""


def known_type(name: str) -> BlockType | None:
    """Return the row of a type's name; None where the table has none."""
    key = plain(name)
    row = BLOCK_TYPES.get(key)
    if row is not None:
        return row
    return next((kind for ending, kind in _ENDINGS if key.endswith(ending)), None)


def role_of(name: str) -> str:
    """Return the one word for a role; an unknown one as it is."""
    return ROLES.get(plain(name), name)
