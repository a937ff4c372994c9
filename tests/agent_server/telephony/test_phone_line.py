"""One telephone call, without a carrier: what the conversation is given of it."""

from typing import Any

import pytest

from agent_server.hosting.opening import Opening
from agent_server.realtime.session_object import AudioFormat, PcmaFormat, PcmuFormat, SessionConfig
from agent_server.telephony.line import PhoneLine
from agent_server.telephony.media_stream import CallEvent, Voice
from agent_server.telephony.playback import Order
from pipelines.audio.g711 import alaw_decode, ulaw_decode
from pipelines.audio.resample import resampler
from pipelines.conversation.settings import ConversationSettings


class Stream:
    """Of one piece of audio."""

    def __init__(self, caller_format: AudioFormat, audio: bytes) -> None:
        self.caller_format = caller_format
        self._events: list[CallEvent] = [Voice(audio)]

    async def next(self) -> CallEvent | None:
        return self._events.pop() if self._events else None

    def order(self, order: Order) -> None: ...


class Runner:
    """Hears."""

    now_ms = 0.0

    def __init__(self) -> None:
        self.heard = b""

    def post(self, fact: Any) -> None: ...

    def receive_audio(self, pcm: bytes) -> None:
        self.heard += pcm


@pytest.mark.parametrize(("caller_format", "decode"), [(PcmuFormat(), ulaw_decode), (PcmaFormat(), alaw_decode)])
async def test_the_caller_is_heard_in_the_format_of_the_stream(caller_format: AudioFormat, decode: Any) -> None:
    audio, runner = bytes(range(256)), Runner()
    opening = Opening("conv_1", "phone", SessionConfig())
    line = PhoneLine(
        Stream(caller_format, audio),
        opening,
        ConversationSettings(),
        can_transfer=False,
        wants_no_calls=lambda: None,
    )
    await line.serve(runner)  # type: ignore[arg-type]
    assert runner.heard == resampler(8000, 24_000).feed(decode(audio))
