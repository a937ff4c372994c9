"""The words of an item that was recorded by the client: a recogniser stream of its own, beside the live audio."""

import asyncio
import contextlib
from collections.abc import Sequence

from pipelines.audio.resample import resampler
from pipelines.conversation import facts
from pipelines.conversation.rim.ears import BYTES_PER_MS, CLOSE_TIMEOUT_S, INPUT_RATE, fact_of
from pipelines.deadline import timeout
from pipelines.stt import port as stt_port
from pipelines.stt.port import SpeechToText, SttError, SttOptions, SttStream

SLICE_BYTES = 200 * BYTES_PER_MS
"""A recording may be a minute long; between slices other calls have their turn."""


async def transcribed(
    recognisers: Sequence[SpeechToText], options: SttOptions, utterance: int, pcm: bytes, *, within_s: float
) -> facts.Fact:
    """``Transcribed``, or ``TranscriptFailed`` when no recogniser could. Each but the last has half of the time that is
    left."""
    due_s = asyncio.get_running_loop().time() + within_s
    fact: facts.Fact = facts.TranscriptFailed(utterance, "stt_ended", "The recogniser ended without an answer.")
    for recogniser in recognisers:
        left_s = due_s - asyncio.get_running_loop().time()
        share_s = left_s if recogniser is recognisers[-1] else left_s / 2
        try:
            fact = await _heard_by(recogniser, options, utterance, pcm, share_s)
        except SttError as error:
            fact = facts.TranscriptFailed(utterance, error.code, str(error))
        except TimeoutError:
            fact = facts.TranscriptFailed(utterance, "transcript_timeout", "The recogniser did not answer in time.")
        if isinstance(fact, facts.Transcribed):
            break
    return fact


async def _heard_by(
    recogniser: SpeechToText, options: SttOptions, utterance: int, pcm: bytes, within_s: float
) -> facts.Fact:
    """Raises SttError, TimeoutError."""
    stream: SttStream | None = None
    try:
        async with timeout(within_s):
            stream = await recogniser.open(options)
            to_stt = resampler(INPUT_RATE, recogniser.sample_rate)
            stream.begin(utterance)
            for start in range(0, len(pcm), SLICE_BYTES):
                stream.send_audio(to_stt.feed(pcm[start : start + SLICE_BYTES]))
                await asyncio.sleep(0)
            stream.send_audio(to_stt.flush())
            stream.finish(utterance)
            async for event in stream:
                if isinstance(event, stt_port.Final | stt_port.TurnEnded):
                    return facts.Transcribed(utterance, event.text, event.words)
                if isinstance(event, stt_port.UtteranceFailed):
                    return fact_of(event)
    finally:
        if stream is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_TIMEOUT_S):
                    await stream.aclose()
    return facts.TranscriptFailed(utterance, "stt_ended", "The recogniser ended without an answer.")
