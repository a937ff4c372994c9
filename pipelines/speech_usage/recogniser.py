"""A recogniser that counts the audio it is given. All else is the recogniser's own."""

from collections.abc import AsyncIterator

from pipelines.stt.port import SpeechToText, SttEvent, SttOptions, SttStream

_BYTES_A_SAMPLE = 2


class AudioCount:
    """Bytes given to one recogniser, over all its streams."""

    def __init__(self, recogniser: SpeechToText) -> None:
        self.provider = recogniser.name
        self.bytes = 0
        self._bytes_a_second = recogniser.sample_rate * _BYTES_A_SAMPLE

    @property
    def seconds(self) -> float:
        return self.bytes / self._bytes_a_second


class CountedRecogniser:
    """Implements ``SpeechToText`` for one conversation."""

    def __init__(self, recogniser: SpeechToText) -> None:
        self.count = AudioCount(recogniser)
        self._recogniser = recogniser
        self.name = recogniser.name
        self.sample_rate = recogniser.sample_rate
        self.languages = recogniser.languages
        self.continuous = recogniser.continuous
        self.detects_turns = recogniser.detects_turns
        self.guesses = recogniser.guesses

    @property
    def healthy(self) -> bool:
        return bool(getattr(self._recogniser, "healthy", True))

    async def open(self, options: SttOptions) -> SttStream:
        return _CountedStream(await self._recogniser.open(options), self.count)

    async def aclose(self) -> None:
        """The recogniser is shared: who started it closes it."""


class _CountedStream:
    def __init__(self, stream: SttStream, count: AudioCount) -> None:
        self._stream = stream
        self._count = count
        self.begin = stream.begin
        self.finish = stream.finish
        self.abandon = stream.abandon
        self.aclose = stream.aclose

    def send_audio(self, pcm: bytes) -> None:
        self._count.bytes += len(pcm)
        self._stream.send_audio(pcm)

    def __aiter__(self) -> AsyncIterator[SttEvent]:
        return self._stream.__aiter__()
