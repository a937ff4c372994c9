"""Speech over plain HTTP: ``/tts/bytes`` and ``/tts/sse``. Each request is a context of its own."""

import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import uuid4

import msgspec
from aiohttp import web

from simulators.audio.pcm import BYTES_PER_SAMPLE
from simulators.audio.voice import Style
from simulators.cartesia.access import LATEST_VERSION, Access
from simulators.cartesia.chunks import Chunk, Spoken, cut
from simulators.cartesia.context import NAME, Pacing, phoneme_timestamps, raise_fault, word_timestamps
from simulators.cartesia.errors import CartesiaError, error_event, http_error, invalid
from simulators.cartesia.generation import Generation, check, read_generation
from simulators.flow import Flow
from simulators.simulation import Simulation

Send = Callable[[web.Request, Flow, Generation, Style, str], Awaitable[web.StreamResponse]]

_WAV_CODES = {"pcm_s16le": 1, "pcm_f32le": 3, "pcm_alaw": 6, "pcm_mulaw": 7}


class TtsHttp:
    """The two doors."""

    def __init__(self, simulation: Simulation, access: Access) -> None:
        self._simulation = simulation
        self._access = access

    async def bytes(self, request: web.Request) -> web.StreamResponse:
        """The audio itself, sent as it is made. MP3 is not simulated."""
        return await self._answer(request, ("raw", "wav"), self._send_bytes)

    async def sse(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events like the socket's messages."""
        return await self._answer(request, ("raw",), self._send_events)

    async def _answer(self, request: web.Request, containers: tuple[str, ...], send: Send) -> web.StreamResponse:
        simulation = self._simulation
        seen = simulation.seen[NAME]
        seen.count("requests")
        flow = Flow(simulation, NAME, request)
        version = ""
        try:
            await raise_fault(flow.reach("connect"))
            version = self._access.check(request, "tts")
            generation = read_generation(await _json_object(request))
            style = check(generation, version, containers, simulation.config)
            seen.count("characters", len(generation.transcript))
            await raise_fault(flow.reach("accepted"))
        except CartesiaError as error:
            seen.count("errors")
            return http_error(error, version or LATEST_VERSION)
        return await send(request, flow, generation, style, version)

    async def _send_bytes(
        self, request: web.Request, flow: Flow, generation: Generation, style: Style, version: str
    ) -> web.StreamResponse:
        spoken = cut(generation.transcript, style)
        wav = generation.output_format.container == "wav"
        response = web.StreamResponse(headers={"Content-Type": "audio/wav" if wav else "application/octet-stream"})
        if generation.save:
            response.headers["Cartesia-File-ID"] = f"file_{uuid4().hex}"
        await response.prepare(request)
        if wav:
            await response.write(_wav_header(style, sum(len(chunk.audio) for chunk in spoken.chunks)))
        try:
            async for chunk in self._paced(spoken, flow):
                await response.write(chunk.audio)
        except CartesiaError:
            if request.transport is not None:
                request.transport.abort()  # bytes have no place for an error: the stream breaks off
        await response.write_eof()
        return response

    async def _send_events(
        self, request: web.Request, flow: Flow, generation: Generation, style: Style, version: str
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
        await response.prepare(request)
        known = {} if generation.context_id is None else {"context_id": generation.context_id}

        async def tell(event: dict[str, Any]) -> None:
            data = msgspec.json.encode(event | known)
            await response.write(b"event: %s\ndata: %s\n\n" % (event["type"].encode(), data))

        try:
            async for chunk in self._paced(cut(generation.transcript, style), flow):
                for times in _times(generation, chunk):
                    await tell(times)
                step = self._simulation.delays.draw(NAME, "step_ms")
                await tell({"type": "chunk", "data": chunk.data, "done": False, "status_code": 206, "step_time": step})
            await tell({"type": "done", "done": True, "status_code": 200})
        except CartesiaError as error:
            await tell(error_event(error, version))
        await response.write_eof()
        return response

    async def _paced(self, spoken: Spoken, flow: Flow) -> AsyncIterator[Chunk]:
        """The chunks as a voice makes them. Raises CartesiaError where a fault strikes."""
        pacing = Pacing(self._simulation)
        pacing.begin()
        seen = self._simulation.seen[NAME]
        for number, chunk in enumerate(spoken.chunks):
            await pacing.wait()
            if number == 0:
                await raise_fault(flow.reach("first"))
            if number == len(spoken.chunks) // 2:
                await raise_fault(flow.reach("mid"))
            await flow.pace()
            seen.count("audio_bytes", len(chunk.audio))
            yield chunk


async def _json_object(request: web.Request) -> dict[str, Any]:
    try:
        return msgspec.json.decode(await request.read(), type=dict[str, Any])
    except msgspec.MsgspecError:
        raise invalid("The body is not a JSON object.") from None


def _times(generation: Generation, chunk: Chunk) -> list[dict[str, Any]]:
    common = {"done": False, "status_code": 206}
    times: list[dict[str, Any]] = []
    if chunk.words and generation.add_timestamps:
        times.append({"type": "timestamps", **common, "word_timestamps": word_timestamps(chunk.words, 0)})
    if chunk.words and generation.add_phoneme_timestamps:
        phonemes = phoneme_timestamps(chunk.words, 0)
        times.append({"type": "phoneme_timestamps", **common, "phoneme_timestamps": phonemes})
    return times


def _wav_header(style: Style, audio_bytes: int) -> bytes:
    audio = style.format
    width = BYTES_PER_SAMPLE[audio.encoding]
    code = _WAV_CODES[audio.encoding]
    details = struct.pack("<HHIIHH", code, 1, audio.sample_rate, audio.sample_rate * width, width, width * 8)
    head = struct.pack("<4sI4s4sI", b"RIFF", 36 + audio_bytes, b"WAVE", b"fmt ", 16)
    return head + details + struct.pack("<4sI", b"data", audio_bytes)
