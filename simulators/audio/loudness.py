"""The level of audio, window by window: all that the simulated recognisers hear of it."""

from simulators.audio.pcm import audioop

WINDOW_MS = 10


class Loudness:
    """Cuts 16-bit mono PCM into 10 ms windows and measures each. Keeps what does not fill a window."""

    def __init__(self, sample_rate: int, threshold_dbfs: float) -> None:
        self._window_bytes = sample_rate * WINDOW_MS // 1000 * 2
        self.threshold = round(32768 * 10 ** (threshold_dbfs / 20))
        self._rest = b""

    def feed(self, pcm: bytes) -> list[int]:
        """The root mean square of each complete window; 0 where it is below the threshold."""
        if self._rest:
            pcm = self._rest + pcm
        size = self._window_bytes
        whole = len(pcm) - len(pcm) % size
        self._rest = pcm[whole:]
        if whole and audioop.max(pcm, 2) < self.threshold:  # no sample is loud enough, so no window is
            return [0] * (whole // size)
        view = memoryview(pcm)
        levels = [audioop.rms(view[at : at + size], 2) for at in range(0, whole, size)]
        return [level if level >= self.threshold else 0 for level in levels]
