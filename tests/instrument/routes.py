"""What the made-up apps do per request: spans by path; runs in the SDK's Python."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from ddtrace.llmobs import LLMObs
from ddtrace.trace import tracer

POOL = ThreadPoolExecutor(2)


def plain(name: str) -> None:
    """Start a root with a model call and a tool below it, and give no id."""
    with (
        LLMObs.agent(name=name),
        LLMObs.llm(model_name="m-1", name=f"{name}/llm"),
        LLMObs.tool(name=f"{name}/tool"),
    ):
        pass


def own_session(name: str) -> None:
    """Name a session on the root; the children inherit it, also below a span of another product."""
    with (
        LLMObs.agent(name=name, session_id="own"),
        LLMObs.workflow(name=f"{name}/step"),
        tracer.trace("http.request"),
        LLMObs.llm(model_name="m-1", name=f"{name}/llm"),
    ):
        pass


def deep_session(name: str) -> None:
    """Name a session on a child: it counts from there downwards."""
    with (
        LLMObs.agent(name=name),
        LLMObs.agent(name=f"{name}/sub", session_id="own"),
        LLMObs.tool(name=f"{name}/tool"),
    ):
        pass


def own_user(name: str) -> None:
    """Annotate the user."""
    with LLMObs.agent(name=name) as root:
        LLMObs.annotate(root, tags={"usr.id": "own-user"})


def own_context(name: str) -> None:
    """Annotate a block of spans with user and session."""
    with (
        LLMObs.annotation_context(tags={"usr.id": "own-user"}),
        LLMObs.agent(name=name),
        LLMObs.tool(name=f"{name}/tool"),
    ):
        pass


def two_roots(name: str) -> None:
    """Start one root after the other."""
    for number in (1, 2):
        with LLMObs.agent(name=f"{name}/{number}"):
            pass


def in_thread(name: str) -> None:
    """Start the child in a thread of a pool."""
    with LLMObs.agent(name=name):
        POOL.submit(lambda: LLMObs.tool(name=f"{name}/tool").__exit__(None, None, None)).result()


def conversation(name: str) -> None:
    """Answer a user: the session is the app's for `conversation/own`, else not given."""
    own = "conversation-1" if name.endswith("own") else None
    with LLMObs.agent(name=name, session_id=own) as root:
        with LLMObs.llm(model_name="m-1", name=f"{name}/llm") as model:
            asked = [{"role": "user", "content": "Where is parcel P-1?"}]
            LLMObs.annotate(model, input_data=asked, output_data="It is in Lyon.")
        LLMObs.annotate(root, input_data="Where is parcel P-1?", output_data="It is in Lyon.")


def streamed(name: str) -> Iterator[bytes]:
    """Start a span while the response is sent."""
    yield b"begun"
    plain(name)
    yield b"done"


ROUTES: dict[str, Callable[[str], None]] = {
    route.__name__: route
    for route in (
        plain,
        own_session,
        deep_session,
        own_user,
        own_context,
        two_roots,
        in_thread,
        conversation,
    )
}
