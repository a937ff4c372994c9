"""A conversation's voices at work: each generation is a context at the provider, whose sound is read by a task."""

import logging
from collections.abc import Sequence

from pipelines.audio.level import AudibleSpan
from pipelines.audio.resample import resampler
from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.rim.work import Own, Post, Work
from pipelines.tts.port import Audio, Spoken, TextToSpeech, TtsContext, TtsError, TtsOptions, Words

log = logging.getLogger(__name__)

OUTPUT_RATE = 24_000


class VoiceWork(Work):
    """Sound is posted at ``OUTPUT_RATE``, whatever the voice's own."""

    def __init__(self, voices: Sequence[TextToSpeech], *, post: Post, own: Own) -> None:
        super().__init__(post=post, own=own)
        self._voices = voices
        self._contexts: dict[int, TtsContext] = {}

    def open(self, action: act.OpenVoice) -> None:
        voice = self._voices[action.rung]
        context = voice.open(TtsOptions(voice=action.voice, speed=action.speed, repeated=action.repeated))
        self._contexts[action.generation] = context
        self._own(self._read(action.generation, context, voice.sample_rate), f"voice {action.generation}")

    def speak(self, action: act.Speak) -> None:
        if (context := self._contexts.get(action.generation)) is not None:
            context.send_text(action.text)

    def finish(self, action: act.FinishVoice) -> None:
        if (context := self._contexts.get(action.generation)) is not None:
            context.finish()

    def stop(self, action: act.StopVoice) -> None:
        if (context := self._contexts.pop(action.generation, None)) is not None:
            context.cancel()

    def stop_all(self) -> None:
        for context in self._contexts.values():
            context.cancel()

    async def _read(self, generation: int, context: TtsContext, sample_rate: int) -> None:
        to_output = resampler(sample_rate, OUTPUT_RATE)
        onset = AudibleSpan(OUTPUT_RATE)
        kept = False
        try:
            async for event in context:
                match event:
                    case Audio(pcm):
                        pcm = to_output.feed(pcm)
                        if onset.first_ms is None:
                            onset.feed(pcm)
                        self._post(facts.VoiceAudio(generation, pcm, onset.first_ms))
                    case Words(words):
                        self._post(facts.VoiceWords(generation, words))
                    case Spoken():
                        kept = event.kept
            if generation in self._contexts:
                if rest := to_output.flush():
                    self._post(facts.VoiceAudio(generation, rest, onset.first_ms))
                self._post(facts.VoiceFinished(generation, kept))
        except TtsError as error:
            log.warning("voice failed: %s", error.code)
            self._post(facts.VoiceFailed(generation, error.code, str(error)))
        except Exception:
            log.exception("voice broke")
            self._post(facts.VoiceFailed(generation, "voice_error", "The voice failed."))
        finally:
            self._contexts.pop(generation, None)
