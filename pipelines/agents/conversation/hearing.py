"""A recording to words, through the recogniser of the live conversations."""

import asyncio
import io
import logging
import wave
from collections.abc import Callable, Sequence
from typing import Final, Literal

from pipelines.agents.errors import AgentError
from pipelines.audio.g711 import alaw_decode, ulaw_decode
from pipelines.audio.resample import resampler
from pipelines.stt.port import Final as FinalText
from pipelines.stt.port import SpeechToText, SttError, SttOptions, TurnEnded, UtteranceFailed

log = logging.getLogger(__name__)

AudioFormat = Literal["wav", "pcm16", "pcmu", "pcma"]
"""``wav``: 16-bit, any rate · ``pcm16``: signed 16-bit little-endian mono at 24 kHz · the others: G.711 at 8 kHz."""

PCM_RATE: Final = 24_000
TELEPHONE_RATE: Final = 8_000
MAX_SECONDS: Final = 60
BYTES_A_SAMPLE: Final = 2
FRAME_S: Final = 0.1
_UTTERANCE: Final = 1

Given = Callable[[str, float], None]
"""Hears the name of each recogniser that was given the audio, and of how many seconds."""


def decoded(audio: bytes, form: AudioFormat) -> tuple[bytes, int]:
    """16-bit mono PCM and its rate in Hz. Raises AgentError ``invalid_audio``."""
    match form:
        case "wav":
            pcm, rate = _wav(audio)
        case "pcmu" | "pcma":
            pcm, rate = (ulaw_decode if form == "pcmu" else alaw_decode)(audio), TELEPHONE_RATE
        case _:
            pcm, rate = audio, PCM_RATE
    if len(pcm) % 2 or not pcm:
        raise AgentError("invalid_audio", "There are no whole samples in the audio.", param="input.audio")
    if len(pcm) > MAX_SECONDS * rate * BYTES_A_SAMPLE:
        raise AgentError("invalid_audio", f"A message may last {MAX_SECONDS} s.", param="input.audio")
    return pcm, rate


def _wav(audio: bytes) -> tuple[bytes, int]:
    try:
        with wave.open(io.BytesIO(audio)) as file:
            channels, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
            pcm = file.readframes(file.getnframes())
    except (wave.Error, EOFError, ValueError, OverflowError) as error:
        raise AgentError("invalid_audio", "That is no WAV file of PCM audio.", param="input.audio") from error
    if channels != 1 or width != 2 or not 8_000 <= rate <= 48_000:
        raise AgentError("invalid_audio", "Send 16-bit mono audio of 8 to 48 kHz.", param="input.audio")
    return pcm[: len(pcm) // 2 * 2], rate


async def heard(
    recognisers: Sequence[SpeechToText],
    pcm: bytes,
    rate: int,
    *,
    options: SttOptions,
    deadline_s: float,
    given: Given,
) -> tuple[str, str]:
    """The words of one utterance ("" when there are none), and who heard them: the first on the ladder that does so
    within ``deadline_s``. Raises AgentError ``transcription_failed``."""
    failure = "no_recogniser"
    for recogniser in recognisers:
        try:
            async with asyncio.timeout(deadline_s):
                return await _heard(recogniser, options, pcm, rate, given), recogniser.name
        except TimeoutError:
            failure = "transcript_timeout"
        except SttError as error:
            failure = error.code
        log.warning("recogniser %s failed: %s", recogniser.name, failure)
    raise AgentError("transcription_failed", f"No recogniser understood it ({failure}).", retryable=True)


async def _heard(recognizer: SpeechToText, options: SttOptions, pcm: bytes, rate: int, given: Given) -> str:
    stream = await recognizer.open(options)
    try:
        given(recognizer.name, len(pcm) / (rate * BYTES_A_SAMPLE))
        convert = resampler(rate, recognizer.sample_rate)
        audio = convert.feed(pcm) + convert.flush()
        frame = int(recognizer.sample_rate * FRAME_S) * 2
        stream.begin(_UTTERANCE)
        for start in range(0, len(audio), frame):
            stream.send_audio(audio[start : start + frame])
            await asyncio.sleep(0)
        stream.finish(_UTTERANCE)
        async for event in stream:
            if isinstance(event, FinalText | TurnEnded):
                return event.text.strip()
            if isinstance(event, UtteranceFailed):
                raise SttError(event.code, event.message, retryable=True)
        return ""
    finally:
        await stream.aclose()
