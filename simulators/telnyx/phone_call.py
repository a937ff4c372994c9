"""One call, as Telnyx carries it: it tells the webhook, obeys commands and streams until it is over."""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import aiohttp
import msgspec

from simulators.telephone.streamed_call import SPEECH_S_PER_WORD, WEBHOOK_S, CallFailedError, StreamedCall, refusal
from simulators.telnyx.handset import TelnyxHandset
from simulators.telnyx.signing import headers

HANGUP_CAUSES = {
    "completed": "normal_clearing",
    "voicemail": "normal_clearing",
    "no-answer": "timeout",
    "busy": "user_busy",
}
"""Of the colleague's part of the call."""

RINGS_S = 0.3
"""At a colleague's, much faster than life."""

NOT_ANSWERED, ENDED, UNKNOWN_COMMAND = 90034, 90018, 10005
"""Codes of refusals."""


class RefusedCommandError(Exception):
    """A command that Telnyx turns down."""

    def __init__(self, status: int, code: int, title: str) -> None:
        super().__init__(title)
        self.status = status
        self.code = code


class TelnyxCall(StreamedCall):
    """Dial with ``run``. ``colleague``: what becomes of a transfer · ``tells_twice``: webhooks come doubled ·
    ``encoding``: the codec of the call, as the stream is told of it."""

    def __init__(
        self,
        webhook: str,
        *,
        api_key: str,
        calls_from: str = "+14155550132",
        calls_to: str = "+14155550100",
        colleague: str = "completed",
        shuffled: bool = False,
        tells_twice: bool = False,
        encoding: str = "PCMU",
        client_state: str | None = None,
        found_at: Callable[[str], str] = str,
    ) -> None:
        super().__init__(TelnyxHandset(""), found_at)
        self.call_control_id = f"v3:{secrets.token_urlsafe(40)}"
        self.commands: list[tuple[str, dict[str, Any]]] = []
        """All that were obeyed."""
        self._webhook = webhook
        self._api_key = api_key
        self._calls_from, self._calls_to = calls_from, calls_to
        self._colleague = colleague
        self._shuffled = shuffled
        self._tells_twice = tells_twice
        self._encoding = encoding
        self._leg = secrets.token_hex(16)
        self._client_state = client_state
        self._answered = False
        self._command_ids: set[str] = set()
        self._over = asyncio.Event()
        self._stream_stops = False
        self._cause = "normal_clearing"
        self._failure: BaseException | None = None
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._stream_task: asyncio.Task[None] | None = None

    def hang_up(self, by: str = "caller") -> None:
        self.ended_by = self.ended_by or by
        self._over.set()

    async def run(self) -> None:
        """Until the call is over. Raises CallFailedError."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=WEBHOOK_S)) as session:
            self._session = session
            try:
                self._begin(self._begin_call())
                await self._over.wait()
                if self._stream_task is not None:
                    await asyncio.wait([self._stream_task], timeout=WEBHOOK_S)
                with contextlib.suppress(CallFailedError, aiohttp.ClientError, TimeoutError):
                    await self._tell("call.hangup", hangup_cause=self._cause, hangup_source=self.ended_by)
            finally:
                for task in self._tasks:
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._failure is not None:
            raise self._failure

    async def _begin_call(self) -> None:
        await self._tell("call.initiated", direction="incoming", state="parked")

    # What the server commands

    def obey(self, action: str, body: Mapping[str, Any]) -> None:
        """Raises RefusedCommandError."""
        if self._over.is_set():
            raise RefusedCommandError(422, ENDED, "Call has already ended")
        command_id = body.get("command_id")
        if command_id is not None and command_id in self._command_ids:
            return  # Telnyx passes over a command it had
        obeyed = self._obeying(action, body)
        if command_id is not None:
            self._command_ids.add(command_id)
        self._client_state = body.get("client_state", self._client_state)
        self.commands.append((action, dict(body)))
        self._begin(obeyed)

    def _obeying(self, action: str, body: Mapping[str, Any]) -> Coroutine[Any, Any, None]:
        if action not in ("answer", "hangup") and not self._answered:
            raise RefusedCommandError(422, NOT_ANSWERED, "This call can't receive this command because it is ringing")
        match action:
            case "answer":
                self._answered = True
                return self._answer(body)
            case "streaming_start":
                return self._start_streaming(body)
            case "streaming_stop":
                return self._stop_streaming()
            case "transfer":
                self.dialled.append(str(body["to"]))
                return self._transfer(body)
            case "speak":
                self.said.append(str(body["payload"]))
                return self._speak(str(body["payload"]))
            case "hangup":
                return self._hang_up()
        raise RefusedCommandError(404, UNKNOWN_COMMAND, "Resource not found")

    async def _answer(self, body: Mapping[str, Any]) -> None:
        if "stream_url" in body:
            await self._start_streaming(body)
        await self._tell("call.answered")

    async def _start_streaming(self, body: Mapping[str, Any]) -> None:
        if body.get("stream_bidirectional_mode") != "rtp":
            self._fail(CallFailedError("without the bidirectional mode nothing of the server's is played"))
        self._stream_task = self._begin(self._stream(str(body["stream_url"])))

    async def _stop_streaming(self) -> None:
        self._stream_stops = True

    async def _transfer(self, body: Mapping[str, Any]) -> None:
        cause = HANGUP_CAUSES[self._colleague]
        leg = {
            "call_control_id": f"v3:{secrets.token_urlsafe(40)}",
            "client_state": body.get("target_leg_client_state"),
        }
        to = {"from": self._calls_from, "to": body["to"], "direction": "outgoing"}
        await self._tell("call.initiated", **leg, **to, state="bridging")
        await asyncio.sleep(RINGS_S)
        if cause == "normal_clearing":
            await self._tell("call.answered", **leg, **to)
            await self._tell("call.bridged", **leg, **to)
            await self._tell("call.bridged")
        await self._tell("call.hangup", **leg, hangup_cause=cause, hangup_source="callee")

    async def _speak(self, text: str) -> None:
        await asyncio.sleep(SPEECH_S_PER_WORD * len(text.split()))
        await self._tell("call.speak.ended", status="completed")

    async def _hang_up(self) -> None:
        self.hang_up("server")

    # What the webhook is told

    async def _tell(self, kind: str, **payload: Any) -> None:
        """Raises CallFailedError."""
        assert self._session is not None
        told = {
            "record_type": "event",
            "event_type": kind,
            "id": secrets.token_hex(16),
            "payload": {
                "call_control_id": self.call_control_id,
                "call_leg_id": self._leg,
                "call_session_id": self._leg,
                "connection_id": "1684641123236054244",
                "client_state": self._client_state,
                "from": self._calls_from,
                "to": self._calls_to,
                **payload,
            },
        }
        body = msgspec.json.encode({"data": told, "meta": {"attempt": 1, "delivered_to": self._webhook}})
        for _ in range(2 if self._tells_twice else 1):
            given = {"Content-Type": "application/json", **headers(self._api_key, body, time.time())}
            async with self._session.post(self._found_at(self._webhook), data=body, headers=given) as answer:
                if answer.status // 100 != 2:
                    raise refusal(answer.status, await answer.read())

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None and not self._over.is_set():
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        self._failure = error
        self._over.set()

    # The stream

    def _is_to_end(self) -> bool:
        return self._over.is_set() or self._stream_stops

    async def _stream(self, url: str) -> None:
        assert self._session is not None
        stream_id = secrets.token_hex(16)
        opening: list[dict[str, Any]] = [{"event": "connected", "version": "1.0.0"}, self._start(stream_id)]
        stop = {"event": "stop", "stream_id": stream_id, "stop": {"call_control_id": self.call_control_id}}
        self._stream_stops = False
        try:
            handset = TelnyxHandset(stream_id, shuffled=self._shuffled)
            await self._run_stream(self._session, url, handset, opening=opening, stop=stop)
            kind, why = "streaming.stopped", {}
        except aiohttp.ClientError:
            kind, why = "streaming.failed", {"failure_reason": "connection_failed"}
        if not self._over.is_set():
            await self._tell(kind, stream_id=stream_id, stream_type="websocket", **why)

    def _start(self, stream_id: str) -> dict[str, Any]:
        start = {
            "user_id": "3e6f995f-85f7-4705-9741-53b116d28237",
            "call_control_id": self.call_control_id,
            "call_session_id": self._leg,
            "from": self._calls_from,
            "to": self._calls_to,
            "client_state": self._client_state,
            "media_format": {"encoding": self._encoding, "sample_rate": 8000, "channels": 1},
        }
        return {"event": "start", "sequence_number": "1", "stream_id": stream_id, "start": start}
