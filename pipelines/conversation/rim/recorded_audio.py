"""The words of an item that was recorded by the client: a recogniser stream of its own, beside the live audio."""

import asyncio
from collections.abc import Sequence

from pipelines.audio.resample import resampler
from pipelines.conversation import facts
from pipelines.conversation.rim.ears import BYTES_PER_MS, INPUT_RATE, fact_of
from pipelines.stt import port as stt_port
from pipelines.stt.port import SpeechToText, SttError, SttOptions

SLICE_BYTES = 200 * BYTES_PER_MS
"""A recording may be a minute long; between slices other calls have their turn."""


async def transcribed(
    recognisers: Sequence[SpeechToText], options: SttOptions, utterance: int, pcm: bytes
) -> facts.Fact:
    """``Transcribed``, or ``TranscriptFailed`` when no recogniser could. The core's own deadline covers the wait."""
    failure: facts.Fact = facts.TranscriptFailed(utterance, "stt_ended", "The recogniser ended without an answer.")
    for recogniser in recognisers:
        try:
            stream = await recogniser.open(options)
        except SttError as error:
            failure = facts.TranscriptFailed(utterance, error.code, str(error))
            continue
        try:
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
                    failure = fact_of(event)
                    break
        finally:
            await stream.aclose()
    return failure
