"""A live conversation as it happens, as server-sent events."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
from aiohttp import web

from agent_server.api.endpoint import Call, Resource
from agent_server.api.sse import GOES_ON, LAST_EVENT_ID, NOTHING_NEW, begin, event_stream, frame
from agent_server.api.supervision import reached
from agent_server.supervising.commands import Follow, Outcome
from agent_server.supervising.feed import FOLLOWED_S, LASTS
from agent_server.web.errors import Problem
from storage.errors import StorageError
from storage.shared.event_buffer import BufferedEvent

following = Resource("supervision", "A person beside a live conversation.")

AGAIN_S = FOLLOWED_S / 3
"""How often the process that tells is asked to go on."""

SEND_TIMEOUT_S = 10.0
"""Who takes nothing for so long is cut off; it may come back."""

MOVE_S = 10.0
"""A conversation that changes hands is somewhere by then."""

_MOVE_AGAIN_S = 0.3


@following.get(
    "/api/conversations/{id}/live",
    scope="read",
    summary="Follow a live conversation",
    produces="text/event-stream",
    headers=GOES_ON,
    errors=(404, 409, 429, 503),
)
async def follow(call: Call) -> web.StreamResponse:
    """Server-sent events from now on; `GET /api/conversations/{id}` has what was before. `state` comes first:
    `operator` (the name of who has taken over), `speaking`, `whispers_go_to`, `listening` (whether that is allowed
    here). Then, as it happens: `interim` (the caller's words so far), `item` (a message, a tool's call or result as it
    stands: `text`, and of a reply how much was `heard`), `speaking` (`caller`, `agent`, `operator`, `thinking`,
    `nobody`), `tool`, `intent`, `score`, `interrupted`, `turn`, `operator`, `recording`, `deleted`; `left_out` counts
    events that came faster than they could be told. `ended` is the last. A lost line is taken up again with
    `Last-Event-ID`, for ten minutes; nobody who follows slows the conversation down."""
    response = event_stream()
    async with call.services.supervision.place():
        outcome = await reached(call, Follow())
        after = _after(call.request, outcome)
        try:
            await begin(response, call.request)
            async for line in _lines(call, outcome, after):
                async with asyncio.timeout(SEND_TIMEOUT_S):
                    await response.write(line)
            await response.write_eof()
        except ConnectionError:
            pass  # it left
        except TimeoutError:
            if call.request.transport is not None:
                call.request.transport.abort()  # what it has not taken would be waited for
    return response


def _after(request: web.Request, outcome: Outcome) -> int:
    """The number of the last event one has; where that was told by another process, what is told now is another
    stream."""
    stream, _, number = request.headers.get(LAST_EVENT_ID, "").rpartition(":")
    return int(number) if stream == outcome.stream and number.isdecimal() and len(number) < 10 else outcome.number


async def _lines(call: Call, outcome: Outcome | None, after: int) -> AsyncIterator[bytes]:
    while outcome is not None:
        listening = call.services.settings.call_audio.live_listening
        state = msgspec.structs.asdict(outcome.standing) | {"listening": listening}
        yield frame(f"{outcome.stream}:{after}", "state", msgspec.json.encode(state))
        last = None
        async for event in _events(call, outcome.stream, after):
            if event is None:
                yield NOTHING_NEW
                continue
            if (gone := event.number - after - 1) > 0:
                yield frame(f"{outcome.stream}:{event.number - 1}", "left_out", b'{"events":%d}' % gone)
            after, last = event.number, event.kind
            if event.kind != "moved":
                yield frame(f"{outcome.stream}:{event.number}", event.kind, event.data)
        if last == "ended":
            return
        outcome = await _elsewhere(call)
        after = outcome.number if outcome is not None else 0
    yield frame("over:0", "ended", b'{"status":null}')


async def _events(call: Call, stream: str, after: int) -> AsyncIterator[BufferedEvent | None]:
    """To the stream's last; until nobody tells any more."""
    loop = asyncio.get_running_loop()
    asked_s = loop.time()
    try:
        async for event in call.services.supervision.events.follow(stream, after, idle_s=AGAIN_S):
            yield event
            if event is not None and event.kind in LASTS:
                return
            if loop.time() - asked_s >= AGAIN_S:
                asked_s = loop.time()
                if (await reached(call, Follow())).stream != stream:
                    return
    except (Problem, StorageError):
        return


async def _elsewhere(call: Call) -> Outcome | None:
    """Where it is told from now on; None: it is over, or cannot be found."""
    loop = asyncio.get_running_loop()
    until_s = loop.time() + MOVE_S
    while loop.time() < until_s:
        try:
            return await reached(call, Follow())
        except StorageError:
            return None
        except Problem as problem:
            if problem.status != 503:
                return None
        await asyncio.sleep(_MOVE_AGAIN_S)
    return None
