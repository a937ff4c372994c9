"""The voice's part of one reply: a context for each message, rungs of the ladder, the deadlines of its audio."""

import re
from collections.abc import Callable, Iterable

from pipelines.conversation import actions as act
from pipelines.conversation.ladder import Ladder
from pipelines.conversation.settings import ConversationSettings, ReplySettings
from pipelines.conversation.spoken import SpokenMessage

_CLAUSE = re.compile(r"[.?!,;:\u2026]\s")
SPEAKABLE_CHARS = 80
"""Voices speak whole clauses, and this much text whatever it is: with less, a voice waits for the model."""


class ReplyVoice:
    """Has the messages of one reply spoken. A message's ``voice_generation`` is the work that counts for it now."""

    def __init__(
        self,
        settings: ReplySettings,
        session: ConversationSettings,
        *,
        ladder: Ladder,
        next_generation: Callable[[], int],
        tell: Callable[[act.Action], None],
    ) -> None:
        self._settings = settings
        self._session = session
        self._ladder = ladder
        self._next_generation = next_generation
        self._tell = tell

    def speak(self, message: SpokenMessage, text: str, now_ms: float) -> None:
        generation = message.voice_generation
        if generation is None:
            message.voice_rung = max(message.voice_rung, self._ladder.first_rung(self._session.voice_rungs, now_ms))
            generation = self._open(message)
        self._tell(act.Speak(generation, text))
        if message.voice_deadline_ms is None and not _waits_for_text(message):
            message.voice_deadline_ms = now_ms + self._session.limits.first_audio_ms * self._patience(message)

    def text_is_done(self, message: SpokenMessage, now_ms: float) -> None:
        """The message's text is complete."""
        if message.voice_generation is not None:
            self._tell(act.FinishVoice(message.voice_generation))
            if message.voice_deadline_ms is None:
                message.voice_deadline_ms = now_ms + self._session.limits.first_audio_ms * self._patience(message)

    def note_audio(self, message: SpokenMessage, now_ms: float) -> None:
        message.voice_deadline_ms = now_ms + self._session.limits.next_audio_ms * self._patience(message)

    def finished(self, message: SpokenMessage) -> None:
        message.voice_deadline_ms = None
        message.voice_generation = None
        message.finish_voice()

    def fall_back(self, message: SpokenMessage, now_ms: float) -> bool:
        """The next voice speaks what this one did not. False: there is none."""
        message.voice_generation = message.voice_deadline_ms = None
        self._ladder.failed(message.voice_rung, now_ms)
        if message.voice_rung + 1 >= self._session.voice_rungs:
            return False
        message.voice_rung += 1
        self.speak(message, message.change_voice(), now_ms)
        if message.text_is_done:
            self.text_is_done(message, now_ms)
        return True

    def late(self, messages: Iterable[SpokenMessage], now_ms: float) -> SpokenMessage | None:
        """A message whose voice keeps the caller waiting past its deadline: its work is stopped."""
        for message in messages:
            if message.voice_deadline_ms is None or now_ms < message.voice_deadline_ms:
                continue
            message.voice_deadline_ms = None
            generation = message.voice_generation
            if generation is None:
                continue
            if _waits_for_text(message):
                continue  # the voice waits for the model, whose own deadline runs
            self._tell(act.StopVoice(generation))
            return message
        return None

    @staticmethod
    def delayed(messages: Iterable[SpokenMessage], by_ms: float) -> None:
        for message in messages:
            if message.voice_deadline_ms is not None:
                message.voice_deadline_ms += by_ms

    @staticmethod
    def wake_ms(messages: Iterable[SpokenMessage]) -> float | None:
        deadlines = (message.voice_deadline_ms for message in messages)
        return min((time for time in deadlines if time is not None), default=None)

    def stop(self, messages: Iterable[SpokenMessage]) -> None:
        for message in messages:
            message.voice_deadline_ms = None
            if message.voice_generation is not None:
                self._tell(act.StopVoice(message.voice_generation))
                message.voice_generation = None

    def _patience(self, message: SpokenMessage) -> float:
        is_last = message.voice_rung + 1 >= self._session.voice_rungs
        return self._session.limits.last_rung_patience if is_last else 1.0

    def _open(self, message: SpokenMessage) -> int:
        generation = message.voice_generation = self._next_generation()
        settings = self._settings
        repeated = message.is_filler or message.is_greeting
        rung, language = message.voice_rung, self._session.language
        self._tell(act.OpenVoice(generation, rung, settings.voice, settings.speed, message.id, repeated, language))
        return generation


def _waits_for_text(message: SpokenMessage) -> bool:
    """The voice has not been given a whole clause beyond what it has spoken."""
    if message.text_is_done:
        return False
    unspoken = message.item.generated[len(message.alignment.placed) :]
    return len(unspoken) < SPEAKABLE_CHARS and not _CLAUSE.search(unspoken)
