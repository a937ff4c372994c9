"""A conversation token by token, for programs that want the words as they come and nothing else to learn."""

from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from agent_server.api.endpoint import Call, Resource
from agent_server.api.langgraph import ThreadName, watch
from agent_server.api.sse import GOES_ON
from pipelines.agents.requests import Asked

streaming = Resource("streaming", "Replies token by token.")


class Message(Struct, frozen=True, forbid_unknown_fields=True):
    """`conversation`: one to go on with; unset: a new one. `cancel_on_disconnect`: leaving stops the reply."""

    message: Annotated[str, Meta(min_length=1, max_length=8000)]
    conversation: ThreadName | None = None
    cancel_on_disconnect: bool = False


@streaming.post(
    "/api/streaming",
    scope="write",
    summary="Say something, read the reply",
    produces="text/event-stream",
    headers=GOES_ON,
    errors=(404,),
)
async def stream_reply(call: Call, body: Message) -> web.StreamResponse:
    """Server-sent events: `token` with `{"text": …}` for each piece, and `done` with the whole reply; others may come
    between. The conversation is the one every channel shares: go on with it by voice, or in the widget. A lost line is
    taken up again with `Last-Event-ID`."""
    asked = Asked(agent="conversation", input={"message": body.message}, thread_id=body.conversation)
    return await watch(call, asked, cancel_on_disconnect=body.cancel_on_disconnect)
