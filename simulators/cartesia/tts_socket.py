"""The text-to-speech socket: many contexts at once, their messages mixed as they come."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import msgspec
from aiohttp import WSMsgType, web

from simulators.cartesia.context import NAME, Context
from simulators.cartesia.errors import CartesiaError, error_event, invalid, of_fault, over_concurrency
from simulators.cartesia.generation import Generation, check, read_generation
from simulators.flow import Flow, end_tasks
from simulators.simulation import Simulation


class ContextLine:
    """Writes one context's messages to the socket."""

    def __init__(self, ws: web.WebSocketResponse, context_id: str, version: str) -> None:
        self._ws = ws
        self._version = version
        self._id = context_id
        self._quoted = msgspec.json.encode(context_id).decode()

    async def tell(self, event: dict[str, Any]) -> None:
        await self._ws.send_str(msgspec.json.encode({**event, "context_id": self._id}).decode())

    async def tell_chunk(self, data: str, flush_id: int, step_ms: float) -> None:
        await self._ws.send_str(
            f'{{"type":"chunk","context_id":{self._quoted},"data":"{data}","done":false,"status_code":206,'
            f'"step_time":{step_ms:.3f},"flush_id":{flush_id}}}'
        )

    async def tell_error(self, error: CartesiaError) -> None:
        event = error_event(error, self._version, context_id=self._id)
        await self._ws.send_str(msgspec.json.encode(event).decode())

    async def garble(self) -> None:
        await self._ws.send_str('{"type":"chunk","data":"')
        await self._ws.send_str(f'{{"type":"chunk","context_id":{self._quoted},"data":"%%%","done":false}}')
        await self._ws.send_str(f'{{"type":"no_such_type","context_id":{self._quoted}}}')


class TtsSocket:
    """One connection."""

    def __init__(self, simulation: Simulation, request: web.Request, version: str) -> None:
        self._simulation = simulation
        self._request = request
        self._version = version
        self._seen = simulation.seen[NAME]
        self._ws = web.WebSocketResponse(compress=False, max_msg_size=1 << 20, timeout=1.0)
        self._flow = Flow(simulation, NAME, request, ContextLine(self._ws, "", version).garble)
        self._contexts: dict[str, Context] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._accepted = asyncio.Event()
        self._heard_from = simulation.clock.now()

    async def serve(self) -> web.WebSocketResponse:
        """Run the connection to its end."""
        await self._ws.prepare(self._request)
        self._seen.open += 1
        self._seen.count("connections")
        self._start(self._accept(), "accept")
        self._start(self._watch(), "watch")
        try:
            async for message in self._ws:
                self._heard_from = self._simulation.clock.now()
                if message.type is WSMsgType.TEXT:
                    await self._act(message.data)
        finally:
            self._seen.open -= 1
            await end_tasks(self._tasks)
        return self._ws

    def _start(self, run: Coroutine[Any, Any, None], what: str) -> asyncio.Task[None]:
        task = asyncio.create_task(run, name=f"{NAME} {what}")
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        """Forget tasks that ended well; the others are looked at when the connection ends."""
        if not task.cancelled() and task.exception() is None:
            self._tasks.discard(task)

    async def _act(self, text: str) -> None:
        try:
            self._take(text)
        except CartesiaError as error:
            await self._refuse(error, _context_id(text))

    def _take(self, text: str) -> None:
        """Act on one message. Raises CartesiaError."""
        try:
            fields = msgspec.json.decode(text, type=dict[str, Any])
        except msgspec.MsgspecError:
            raise invalid("The message is not a JSON object.") from None
        context_id = fields.get("context_id")
        if not isinstance(context_id, str) or not context_id:
            raise invalid("context_id is required.")
        running = self._contexts.get(context_id)
        if fields.get("cancel") is True:
            self._seen.count("cancelled")
            if running is not None:
                running.cancel()
            return
        generation = read_generation(fields)
        if running is None or not running.takes_input:
            running = self._open(context_id, generation)
        self._seen.count("characters", len(generation.transcript))
        running.push(generation)

    def _open(self, context_id: str, first: Generation) -> Context:
        style = check(first, self._version, ("raw",), self._simulation.config)
        limit = self._simulation.config.cartesia.max_contexts
        if limit is not None and self._seen.busy >= limit:
            raise over_concurrency()
        line = ContextLine(self._ws, context_id, self._version)
        flow = Flow(self._simulation, NAME, self._request, line.garble)
        flow.pause_ms = self._flow.pause_ms
        context = Context(self._simulation, flow, line, first, style)
        self._contexts[context_id] = context
        self._seen.count("contexts")
        self._seen.requests.append({"language": first.language, "transcript": first.transcript})
        self._seen.busy += 1
        running = self._start(self._run(context), "context")
        running.add_done_callback(lambda _: self._forget(context_id, context))
        return context

    def _forget(self, context_id: str, context: Context) -> None:
        self._seen.busy -= 1
        if self._contexts.get(context_id) is context:
            del self._contexts[context_id]

    async def _run(self, context: Context) -> None:
        await self._accepted.wait()
        await context.run()
        if fault := await self._flow.reach("idle"):
            await self._fail(of_fault(fault))

    async def _accept(self) -> None:
        if fault := await self._flow.reach("accepted"):
            await self._fail(of_fault(fault))
        self._accepted.set()

    async def _fail(self, error: CartesiaError) -> None:
        """Trouble of the whole socket: an error without a context, then the end."""
        await self._refuse(error, None)
        await self._ws.close(code=1011, message=error.title.encode())

    async def _refuse(self, error: CartesiaError, context_id: str | None) -> None:
        self._seen.count("errors")
        await self._ws.send_str(msgspec.json.encode(error_event(error, self._version, context_id=context_id)).decode())

    async def _watch(self) -> None:
        clock = self._simulation.clock
        limit_s = self._simulation.delays.draw(NAME, "idle_close_ms") / 1000
        while (quiet_s := clock.now() - self._heard_from) < limit_s:
            await clock.sleep_ms((limit_s - quiet_s) * 1000)
        self._seen.count("closed_as_idle")
        await self._ws.close(code=1000, message=b"idle timeout")


def _context_id(text: str) -> str | None:
    try:
        fields = msgspec.json.decode(text)
    except msgspec.MsgspecError:
        return None
    found = fields.get("context_id") if isinstance(fields, dict) else None
    return found if isinstance(found, str) else None
