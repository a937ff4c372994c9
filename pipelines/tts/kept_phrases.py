"""The sound of phrases that many callers hear: which are kept, and which give way. Pure."""

from collections import OrderedDict

from msgspec import Struct

from pipelines.tts.port import SpokenWord, TtsOptions

_BYTES_A_WORD = 160
"""A word with its times and its place in a tuple, roughly; what counts is the sound."""


class KeptPhrase(Struct, frozen=True):
    """A whole phrase as a voice spoke it: PCM at the voice's rate, and where its words lie in it."""

    text: str
    pcm: bytes
    words: tuple[SpokenWord, ...]

    @property
    def bytes(self) -> int:
        return len(self.pcm) + len(self.words) * _BYTES_A_WORD


class KeptPhrases:
    """Of one voice provider. Past ``max_bytes`` the phrase that was said the longest time ago gives way.

    A phrase that alone takes more than a quarter of it is not kept: it would drive out all the others.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._kept: OrderedDict[tuple[TtsOptions, str], KeptPhrase] = OrderedDict()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def largest_bytes(self) -> int:
        """More than this is not kept."""
        return self._max_bytes // 4

    def get(self, options: TtsOptions, text: str) -> KeptPhrase | None:
        phrase = self._kept.get((options, text))
        if phrase is not None:
            self._kept.move_to_end((options, text))
        return phrase

    def may_become(self, options: TtsOptions, text: str) -> bool:
        """Some phrase that is kept begins with ``text``."""
        return any(manner == options and kept.startswith(text) for manner, kept in self._kept)

    def keep(self, options: TtsOptions, phrase: KeptPhrase) -> None:
        if phrase.bytes > self.largest_bytes:
            return
        replaced = self._kept.pop((options, phrase.text), None)
        self.bytes += phrase.bytes - (replaced.bytes if replaced is not None else 0)
        self._kept[options, phrase.text] = phrase
        while self.bytes > self._max_bytes:
            _, oldest = self._kept.popitem(last=False)
            self.bytes -= oldest.bytes
