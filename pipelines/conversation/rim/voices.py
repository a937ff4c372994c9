"""A conversation's voices at work: each generation is a context at the provider, whose sound is read by a task."""

import logging
from collections.abc import Sequence

from pipelines.audio.level import AudibleSpan
from pipelines.audio.resample import resampler
from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.rim.speech_breakers import SpeechBreakers
from pipelines.conversation.rim.work import Own, Post, Work
from pipelines.tts.port import Audio, Spoken, TextToSpeech, TtsContext, TtsError, TtsOptions, Words

log = logging.getLogger(__name__)

OUTPUT_RATE = 24_000
LEFT_ALONE = "voice_left_alone"


class VoiceWork(Work):
    """Sound is posted at ``OUTPUT_RATE``, whatever the voice's own."""

    def __init__(self, voices: Sequence[TextToSpeech], breakers: SpeechBreakers, *, post: Post, own: Own) -> None:
        super().__init__(post=post, own=own)
        self._voices = voices
        self._breakers = breakers
        self._contexts: dict[int, TtsContext] = {}
        self._waited_for: tuple[str, int] | None = None
        """A message, and the rung of its voice, which has neither spoken it whole nor said why not."""

    def open(self, action: act.OpenVoice) -> None:
        voice = self._voices[action.rung]
        if self._waited_for is not None and self._waited_for[0] == action.item_id:
            self._breakers.failed(self._voices[self._waited_for[1]].name)
        self._waited_for = None
        is_last = action.rung + 1 == len(self._voices)
        if not (is_last or self._breakers.may_try(voice.name)):
            self._own(self._refuse(action.generation), f"voice {action.generation}")
            return
        self._waited_for = (action.item_id, action.rung)
        context = voice.open(
            TtsOptions(voice=action.voice, language=action.language, speed=action.speed, repeated=action.repeated)
        )
        self._contexts[action.generation] = context
        self._own(self._read(action.generation, context, voice), f"voice {action.generation}")

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

    async def _refuse(self, generation: int) -> None:
        self._post(facts.VoiceFailed(generation, LEFT_ALONE, "The voice keeps failing, and is left alone for a while."))

    async def _read(self, generation: int, context: TtsContext, voice: TextToSpeech) -> None:
        to_output = resampler(voice.sample_rate, OUTPUT_RATE)
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
                        self._waited_for = None
                        if not kept:  # the provider was not asked
                            self._breakers.worked(voice.name)
            if generation in self._contexts:
                if rest := to_output.flush():
                    self._post(facts.VoiceAudio(generation, rest, onset.first_ms))
                self._post(facts.VoiceFinished(generation, kept))
        except TtsError as error:
            log.warning("voice failed: %s", error.code)
            self._waited_for = None
            if error.retryable:  # else it is what was asked of it
                self._breakers.failed(voice.name)
            self._post(facts.VoiceFailed(generation, error.code, str(error)))
        except Exception:
            log.exception("voice broke")
            self._post(facts.VoiceFailed(generation, "voice_error", "The voice failed."))
        finally:
            self._contexts.pop(generation, None)
