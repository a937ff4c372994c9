"""The floor: what a server costs that makes the same provider calls and has no feature at all.

Audio goes to Deepgram Flux as it comes; the eager end of a turn asks the model, a resumed turn drops the question; each
sentence goes to Cartesia over one shared socket; what comes back goes to the caller at once. No voice activity, no
pacing, no history, no storage, no error handling: not a product, a measure. It speaks as much of the realtime protocol
as ``caller.py`` and the caller of ``bench_typed_turns.py`` listen to.

    python bare_relay.py CORE     # settings of the simulators in the environment; prints its port
"""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from itertools import count

import aiohttp
import msgspec
import uvloop
from aiohttp import WSMsgType, web
from msgspec import Struct

RATE = 24_000
VOICE = "f786b574-daa5-4673-aa0c-cbe3e8534c02"
_SENTENCE = re.compile(r"[.?!]\s")


class ClientEvent(Struct):
    class Item(Struct):
        class Part(Struct):
            text: str

        content: list[Part]

    type: str
    audio: bytes = b""
    item: Item | None = None


class TurnInfo(Struct):
    type: str
    event: str = ""
    transcript: str = ""


class Chunk(Struct):
    class Choice(Struct):
        class Delta(Struct):
            content: str | None = None

        delta: Delta

    choices: list[Choice]


class Speech(Struct):
    type: str
    context_id: str = ""
    data: str = ""


_event = msgspec.json.Decoder(ClientEvent).decode
_turn = msgspec.json.Decoder(TurnInfo).decode
_chunk = msgspec.json.Decoder(Chunk).decode
_speech = msgspec.json.Decoder(Speech).decode


class Voice:
    """The shared socket to Cartesia."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http
        self._listeners: dict[str, Call] = {}
        self._ids = count(1)

    async def run(self) -> None:
        base = os.environ["CARTESIA_BASE_URL"].replace("http", "ws", 1)
        headers = {"Authorization": f"Bearer {os.environ['CARTESIA_API_KEY']}"}
        url = f"{base}/tts/websocket?cartesia_version=2026-08-14"
        async with self._http.ws_connect(url, headers=headers, max_msg_size=0) as self._socket:
            async for message in self._socket:
                speech = _speech(message.data)
                call = self._listeners.get(speech.context_id)
                if call is not None and speech.type == "chunk":
                    call.play(speech)
                elif call is not None and speech.type == "done":
                    del self._listeners[speech.context_id]
                    call.finished(speech.context_id)

    def open(self, call: "Call") -> str:
        context_id = f"item_{next(self._ids)}"
        self._listeners[context_id] = call
        return context_id

    async def say(self, context_id: str, text: str, *, more: bool) -> None:
        fields = {
            "context_id": context_id,
            "model_id": "sonic-3",
            "voice": {"mode": "id", "id": VOICE},
            "language": "en",
            "output_format": {"container": "raw", "encoding": "pcm_s16le", "sample_rate": RATE},
            "add_timestamps": True,
            "max_buffer_delay_ms": 0,
            "transcript": text,
            "continue": more,
        }
        await self._socket.send_str(msgspec.json.encode(fields).decode())

    async def drop(self, context_id: str) -> None:
        if self._listeners.pop(context_id, None) is not None:
            await self._socket.send_str(f'{{"context_id":"{context_id}","cancel":true}}')


class Call:
    """One caller."""

    def __init__(self, http: aiohttp.ClientSession, voice: Voice, client: web.WebSocketResponse) -> None:
        self._http = http
        self._voice = voice
        self._client = client
        self._out: asyncio.Queue[str] = asyncio.Queue()
        self._context_id = ""
        self._answering: asyncio.Task[None] | None = None
        self._dropping: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        url = f"{os.environ['DEEPGRAM_BASE_URL']}/v2/listen?model=flux-general-en&encoding=linear16&sample_rate={RATE}"
        url += "&eot_threshold=0.7&eager_eot_threshold=0.5"
        headers = {"Authorization": f"Token {os.environ['DEEPGRAM_API_KEY']}"}
        async with self._http.ws_connect(url, headers=headers) as ears:
            tasks = [asyncio.create_task(self._hear(ears)), asyncio.create_task(self._send())]
            try:
                question = ""
                async for message in self._client:
                    event = _event(message.data)
                    if event.type == "input_audio_buffer.append":
                        await ears.send_bytes(event.audio)
                    elif event.item is not None:
                        question = event.item.content[0].text
                    elif event.type == "response.create":
                        self._answering = asyncio.create_task(self._write(question))
            finally:
                self._stop()
                for task in tasks:
                    task.cancel()

    async def _hear(self, ears: aiohttp.ClientWebSocketResponse) -> None:
        async for message in ears:
            if message.type is not WSMsgType.TEXT:
                return
            turn = _turn(message.data)
            if turn.event == "StartOfTurn":
                self._stop()
                self._out.put_nowait('{"type":"input_audio_buffer.speech_started"}')
            elif turn.event == "TurnResumed":
                self._stop()
            elif turn.event == "EagerEndOfTurn":
                self._answering = asyncio.create_task(self._answer(turn.transcript))

    def _stop(self) -> None:
        if self._answering is not None:
            self._answering.cancel()
            self._answering = None
        if self._context_id:
            dropping = asyncio.create_task(self._voice.drop(self._context_id))
            self._dropping.add(dropping)
            dropping.add_done_callback(self._dropping.discard)
            self._context_id = ""

    async def _write(self, question: str) -> None:
        async for text in self._texts(question):
            delta = msgspec.json.encode({"type": "response.output_text.delta", "delta": text})
            self._out.put_nowait(delta.decode())
        self._out.put_nowait('{"type":"response.done"}')

    async def _answer(self, question: str) -> None:
        context_id = self._context_id = self._voice.open(self)
        waiting = ""
        async for text in self._texts(question):
            waiting += text
            while end := _SENTENCE.search(waiting):
                await self._voice.say(context_id, waiting[: end.end()], more=True)
                waiting = waiting[end.end() :]
        await self._voice.say(context_id, waiting, more=False)

    async def _texts(self, question: str) -> AsyncIterator[str]:
        """The model's reply, piece by piece."""
        body = {
            "model": "llama3.1-8b",
            "stream": True,
            "messages": [
                {"role": "system", "content": "You are a friendly sales agent."},
                {"role": "user", "content": question},
            ],
        }
        headers = {"Authorization": f"Bearer {os.environ['CEREBRAS_API_KEY']}"}
        url = f"{os.environ['CEREBRAS_API_BASE']}/chat/completions"
        async with self._http.post(url, json=body, headers=headers) as response:
            async for line in response.content:
                if not line.startswith(b"data: {"):
                    continue
                choices = _chunk(line[6:]).choices
                if choices and choices[0].delta.content:
                    yield choices[0].delta.content

    def play(self, speech: Speech) -> None:
        self._out.put_nowait(
            f'{{"type":"response.output_audio.delta","item_id":"{speech.context_id}","delta":"{speech.data}"}}'
        )

    def finished(self, context_id: str) -> None:
        if context_id == self._context_id:
            self._context_id = ""
            self._out.put_nowait('{"type":"response.done"}')

    async def _send(self) -> None:
        while True:
            await self._client.send_str(await self._out.get())


async def serve(core: int) -> None:
    os.sched_setaffinity(0, {core})
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        voice = Voice(http)
        speaking = asyncio.create_task(voice.run())

        async def realtime(request: web.Request) -> web.WebSocketResponse:
            client = web.WebSocketResponse(compress=False, max_msg_size=0)
            await client.prepare(request)
            await Call(http, voice, client).run()
            return client

        app = web.Application()
        app.add_routes([web.get("/v1/realtime", realtime)])
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        sys.stdout.write(f"{runner.addresses[0][1]}\n")
        sys.stdout.flush()
        await speaking


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
