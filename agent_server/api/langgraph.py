"""The agents: ask one, watch it work, see where a thread stands, answer what it asks."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from aiohttp import web
from msgspec import UNSET, Meta, Struct, UnsetType

from agent_server.agents.streams import AgentStreams, Watched
from agent_server.api.endpoint import Call, Resource
from agent_server.api.sse import GOES_ON, LAST_EVENT_ID, NOTHING_NEW, begin, event_stream, frame
from agent_server.web.errors import Problem
from pipelines.agents.replies import AgentReply, ThreadState
from pipelines.agents.requests import Asked, input_help
from storage.agents.waiting import WaitingThread, waiting_threads
from storage.shared.event_buffer import BufferedEvent

langgraph = Resource("langgraph", "The agents, as durable threads.")

AgentName = Literal["qualification", "enrichment", "growth", "marketing", "bdr", "conversation", "research", "refine"]
ThreadName = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9_.:-]{1,100}$", description="A thread to go on with; unset: a new one")
]

MAX_BODY_BYTES = 16 * 1024 * 1024
"""A minute of speech as base64, and more."""

LISTENER_CHECK_S = 0.25
ASKED_SINCE = timedelta(days=30)


Given = Annotated[Any, Meta(description=input_help())]


class Ask(Struct, frozen=True, forbid_unknown_fields=True):
    """One run of an agent."""

    agent: AgentName
    input: Given = None
    thread_id: ThreadName | None = None


class WatchedAsk(Ask, frozen=True, forbid_unknown_fields=True):
    """`resume`: `input` answers what the thread asked. `cancel_on_disconnect`: a client that leaves ends the run."""

    resume: bool = False
    cancel_on_disconnect: bool = False


class Answer(Struct, frozen=True, forbid_unknown_fields=True):
    """`input`: the person's answer; left out, a thread whose process died goes on from its last step."""

    agent: AgentName
    thread_id: ThreadName
    input: Any | UnsetType = UNSET


@langgraph.post(
    "/api/langgraph/invoke",
    scope="write",
    summary="Run an agent",
    max_body_bytes=MAX_BODY_BYTES,
    errors=(404, 409, 503),
)
async def invoke(call: Call, body: Ask) -> AgentReply:
    """Answers when the agent is done, has failed, or needs a person (`interrupted`; see `resume`)."""
    asked = Asked(agent=body.agent, input=body.input, thread_id=body.thread_id)
    return await call.services.agents.run(asked)


@langgraph.post("/api/langgraph/resume", scope="write", summary="Answer an agent's question", errors=(404, 409, 503))
async def resume(call: Call, body: Answer) -> AgentReply:
    """The thread goes on where it stopped, days later and on any process. Answering twice is refused (409)."""
    answer = None if body.input is UNSET else body.input
    return await call.services.agents.resume(body.agent, body.thread_id, answer)


class WaitingThreads(Struct, frozen=True):
    items: tuple[WaitingThread, ...]


@langgraph.get("/api/langgraph/waiting", scope="read", summary="Threads that wait for somebody's answer")
async def waiting(call: Call) -> WaitingThreads:
    """Fifty at most of the last thirty days, newest first. What each asks, `/api/langgraph/state/{thread_id}` tells."""
    return WaitingThreads(await waiting_threads(call.services.database, since=datetime.now(UTC) - ASKED_SINCE))


@langgraph.get("/api/langgraph/state/{thread_id}", scope="read", summary="Where a thread stands", errors=(404, 503))
async def thread_state(call: Call) -> ThreadState:
    """What it knows, what comes next, and what it asks."""
    return await call.services.agents.state(call.path("thread_id"))


@langgraph.post(
    "/api/langgraph/stream",
    scope="write",
    summary="Run an agent and watch it",
    produces="text/event-stream",
    headers=GOES_ON,
    max_body_bytes=MAX_BODY_BYTES,
    errors=(404, 409, 503),
)
async def stream(call: Call, body: WatchedAsk) -> web.StreamResponse:
    """Server-sent events: `started`, `node_started`, `node_finished`, `token`, `tool_started`, `tool_finished`, `round`
    with each of a text that is refined, `interrupt`, and `done` with the reply, always last. With the header
    `Last-Event-ID` nothing is begun: the events after that one follow, also from another process, for ten minutes after
    the last."""
    asked = Asked(agent=body.agent, input=body.input, thread_id=body.thread_id, resume=body.resume)
    return await watch(call, asked, cancel_on_disconnect=body.cancel_on_disconnect)


async def watch(call: Call, asked: Asked, *, cancel_on_disconnect: bool) -> web.StreamResponse:
    """Begin a run, or go on listening to the one that ``Last-Event-ID`` names, and send its events."""
    streams = call.services.agent_service.streams
    last_id = call.request.headers.get(LAST_EVENT_ID)
    if last_id is None:
        return await send_events(call.request, streams, await streams.start(asked), 0, cancel=cancel_on_disconnect)
    name, _, number = last_id.rpartition(":")
    if not name.isascii() or not name or not (number.isascii() and number.isdecimal()) or len(number) > 9:
        raise Problem(400, "invalid_event_id", "Last-Event-ID is not one of ours.", param=LAST_EVENT_ID)
    return await send_events(
        call.request, streams, await streams.attach(name), int(number), cancel=cancel_on_disconnect
    )


async def send_events(
    request: web.Request, streams: AgentStreams, watched: Watched, after: int, *, cancel: bool = False
) -> web.StreamResponse:
    """Those after that number, as they come."""
    response = event_stream()
    finished = False
    looking = asyncio.create_task(_end_with_listener(request, watched.task), name="listener") if cancel else None
    try:
        await begin(response, request)
        async for event in streams.events(watched, after):
            await response.write(_frame(watched.stream, event))
        finished = True
        await response.write_eof()
    except ConnectionError:
        pass  # it left; the run goes on, and so may another listener
    finally:
        if looking is not None:
            looking.cancel()
        if cancel and not finished and watched.task is not None:
            watched.task.cancel()
    return response


async def _end_with_listener(request: web.Request, run: asyncio.Task[None] | None) -> None:
    """A model may be silent for long, and a handler that has nothing to send is not told that its client left."""
    while request.transport is not None:  # noqa: ASYNC110 - there is no event of it
        await asyncio.sleep(LISTENER_CHECK_S)
    if run is not None:
        run.cancel()


def _frame(stream_name: str, event: BufferedEvent | None) -> bytes:
    return NOTHING_NEW if event is None else frame(f"{stream_name}:{event.number}", event.kind, event.data)
