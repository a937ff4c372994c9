"""One assistant message on its way: generated, given to the voice, sent, heard."""

from msgspec import structs

from pipelines.conversation.alignment import Alignment
from pipelines.conversation.items import Item, SaidBy
from pipelines.conversation.playback import Playback
from pipelines.conversation.settings import Pacing
from pipelines.tts.port import SpokenWord


class SpokenMessage:
    """Follows a message through its four texts. ``item`` is always its present state."""

    def __init__(
        self, item_id: str, output_index: int, pacing: Pacing | None, *, said_by: SaidBy | None = None
    ) -> None:
        """``pacing`` None: a written message, heard as soon as it is sent."""
        self.item = Item(
            id=item_id,
            type="message",
            role="assistant",
            status="in_progress",
            spoken=pacing is not None,
            said_by=said_by,
        )
        self.output_index = output_index
        self.playback = Playback(pacing) if pacing is not None else None
        self.alignment = Alignment()
        self.voice_generation: int | None = None
        self.voice_rung = 0
        self.voice_deadline_ms: float | None = None
        self.voice_is_done = pacing is None
        self.text_is_done = False
        self.is_announced = False
        self.is_closed = False
        self.is_filler = False
        """Said to fill a pause: the model knows nothing of it."""
        self.is_greeting = False
        """Said before the caller said anything."""
        self.tells_of_recording = False
        """It begins with what the caller has to know of the recording, and none of it was sent."""
        self._voice_base_ms = 0.0

    @property
    def id(self) -> str:
        return self.item.id

    @property
    def is_sent(self) -> bool:
        """All of it that there will be."""
        return self.text_is_done and (self.playback is None or (self.voice_is_done and self.playback.is_empty))

    def generate(self, text: str) -> None:
        self.item = structs.replace(self.item, generated=self.item.generated + text)
        self.alignment.add_text(text)

    def add_words(self, words: tuple[SpokenWord, ...]) -> None:
        base_ms = self._voice_base_ms
        if base_ms:
            words = tuple(SpokenWord(w.text, w.start_ms + base_ms, w.end_ms + base_ms) for w in words)
        self.alignment.add_words(words)

    def finish_voice(self) -> None:
        assert self.playback is not None
        self.voice_is_done = True
        self.alignment.close(self.playback.total_ms)

    def change_voice(self) -> str:
        """The voice broke: returns the text that the next one has to speak, from the first word it did not finish."""
        assert self.playback is not None
        ends_ms = self.alignment.keep_spoken(self.playback.total_ms)
        self.playback.trim(ends_ms)
        self._voice_base_ms = self.playback.total_ms
        return self.item.generated[len(self.alignment.placed) :]

    def take_unsent_text(self) -> str:
        """Of a written message: the text to send now."""
        delta = self.item.generated[len(self.item.sent) :]
        if delta:
            text = self.item.generated
            self.item = structs.replace(self.item, synthesised=text, sent=text, heard=text)
        return delta

    def note_sent(self) -> str:
        """After audio was sent: the words that went with it and were not told before."""
        assert self.playback is not None
        sent = self.alignment.text_until(self.playback.sent_ms)
        delta = sent[len(self.item.sent) :]
        if delta:
            self.item = structs.replace(self.item, sent=sent)
        return delta

    def hear(self, now_ms: float) -> bool:
        """Bring the heard text up to now; returns whether it grew or shrank."""
        if self.playback is None:
            return False
        heard_ms = self.playback.heard_ms(now_ms)
        heard = self.alignment.text_until(heard_ms)
        changed = heard != self.item.heard or heard_ms != self.item.heard_ms
        self.item = structs.replace(
            self.item,
            synthesised=self.alignment.placed,
            heard=heard,
            heard_ms=heard_ms,
            audio_ms=self.playback.sent_ms,
            word_ends=self.alignment.word_ends,
        )
        return changed

    def is_heard(self, now_ms: float) -> bool:
        """Nothing of it is still to be heard."""
        if not self.is_closed:
            return False
        return self.playback is None or (not self.playback.is_held and self.playback.ends_at_ms() <= now_ms)

    def close(self, *, completed: bool) -> None:
        """No more of it will be sent."""
        self.is_closed = True
        if self.playback is not None:
            self.playback.drop_queue()
        self.item = structs.replace(self.item, status="completed" if completed else "incomplete")

    def cut_short(self) -> None:
        """All of it was sent, and the caller did not hear the end."""
        self.item = structs.replace(self.item, status="incomplete")
