"""Server-sent events, as every stream of the API sends them."""

from aiohttp import web

RECONNECT_MS = 1000
NOTHING_NEW = b": nothing new\n\n"
LAST_EVENT_ID = "Last-Event-ID"
GOES_ON = {LAST_EVENT_ID: "The `id` of the last event one has: those after it follow"}
"""What a door that goes on with a lost stream says of its headers."""


def event_stream() -> web.StreamResponse:
    response = web.StreamResponse(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
    response.content_type = "text/event-stream"
    response.charset = "utf-8"
    return response


async def begin(response: web.StreamResponse, request: web.Request) -> None:
    """Raises ConnectionError when the client is gone, as every write does."""
    await response.prepare(request)
    await response.write(f"retry: {RECONNECT_MS}\n\n".encode())


def frame(id_: str, kind: str, data: bytes) -> bytes:
    """https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation; JSON has no line
    ends of its own."""
    return f"id: {id_}\nevent: {kind}\ndata: ".encode() + data + b"\n\n"
