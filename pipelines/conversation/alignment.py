"""Which stretch of a reply's text each spoken word covers, so that text can be cut where the audio was cut."""

from bisect import bisect_right

from pipelines.tts.port import SpokenWord

LOOK_AHEAD_CHARS = 48
"""How far a word may lie behind the last one: a voice may skip a dash or a bracket, never half a sentence."""

CUT_SHORT_MS = 40.0
"""A word that lacks no more of its end than this was spoken: voices round their times."""


class Alignment:
    """The words of one reply placed on its text. A word ends with the punctuation that follows its letters."""

    def __init__(self) -> None:
        self._text = ""
        self._cursor = 0
        self._ends_ms: list[float] = []
        self._ends_at: list[int] = []
        self._word_ends: tuple[tuple[float, int], ...] = ()

    @property
    def placed(self) -> str:
        """The text up to the last word the voice has spoken of."""
        return self._text[: self._cursor]

    @property
    def word_ends(self) -> tuple[tuple[float, int], ...]:
        """Of each word so far: its end in the audio (ms) and in the text (characters)."""
        if len(self._word_ends) != len(self._ends_ms):
            self._word_ends = tuple(zip(self._ends_ms, self._ends_at, strict=True))
        return self._word_ends

    def add_text(self, text: str) -> None:
        """More text was given to the voice."""
        self._text += text

    def add_words(self, words: tuple[SpokenWord, ...]) -> None:
        """The voice told when it speaks these. A word that is not found in the text (the voice rewrote it) takes the
        next written word in its place, so that no text is lost."""
        for word in words:
            self._cursor = self._place(word.text)
            self._ends_ms.append(word.end_ms)
            self._ends_at.append(self._cursor)

    def keep_spoken(self, audio_ms: float) -> float:
        """There is no more audio than this: forget words it does not hold. Returns where the last one kept ends."""
        kept = bisect_right(self._ends_ms, audio_ms + CUT_SHORT_MS)
        del self._ends_ms[kept:], self._ends_at[kept:]
        self._cursor = self._ends_at[-1] if kept else 0
        return self._ends_ms[-1] if kept else 0.0

    def close(self, audio_ms: float) -> None:
        """The voice is done: all text is covered by the audio. White space at the end is nobody's word.

        Voices round their times: words that would end behind the audio end with it, so that none is lost for it.
        """
        spoken = bisect_right(self._ends_ms, audio_ms)
        self._ends_ms[spoken:] = [audio_ms] * (len(self._ends_ms) - spoken)
        self._cursor = len(self._text.rstrip())
        self._ends_ms.append(audio_ms)
        self._ends_at.append(self._cursor)

    def text_until(self, audio_ms: float) -> str:
        """The text whose audio ends at or before this time."""
        index = bisect_right(self._ends_ms, audio_ms)
        return self._text[: self._ends_at[index - 1]] if index else ""

    def _place(self, word: str) -> int:
        found = self._text.find(word, self._cursor, self._cursor + len(word) + LOOK_AHEAD_CHARS) if word else -1
        end = found + len(word) if found >= 0 else self._next_written_word()
        while end < len(self._text) and not (self._text[end].isalnum() or self._text[end].isspace()):
            end += 1
        return max(end, self._cursor)

    def _next_written_word(self) -> int:
        at = self._cursor
        while at < len(self._text) and self._text[at].isspace():
            at += 1
        while at < len(self._text) and not self._text[at].isspace():
            at += 1
        return at
