"""The caller's ear: what it hears, and when each reply becomes audible to it."""

from agent_server.cli.calling.playback import BYTES_PER_SAMPLE, SAMPLE_RATE, SAMPLES_PER_MS, Playback
from pipelines.audio.level import AudibleSpan


class Ear:
    """Hears a playback from time 0 of the call on, without a gap."""

    def __init__(self, playback: Playback) -> None:
        self._playback = playback
        self._span = AudibleSpan(SAMPLE_RATE)
        self._heard_samples = 0
        self._response: str | None = None
        self._began_ms = 0.0
        self._is_waiting = False

    def listen(self, now_ms: float) -> tuple[bytes, dict[str, float]]:
        """The sound since the last time, and the responses that became audible in it, each with the moment.

        Moments are as fine as ``pipelines.audio.level`` judges: 10 ms.
        """
        parts: list[bytes] = []
        onsets: dict[str, float] = {}
        while (missing := int(now_ms * SAMPLES_PER_MS) - self._heard_samples) > 0:
            stretch = self._playback.play(missing)
            if stretch.response_id not in (None, self._response):
                self._response = stretch.response_id
                self._began_ms = self._heard_samples / SAMPLES_PER_MS
                self._is_waiting = True
                self._span.restart()
            self._span.feed(stretch.pcm)
            self._heard_samples += len(stretch.pcm) // BYTES_PER_SAMPLE
            parts.append(stretch.pcm)
            if self._is_waiting and self._response is not None and self._span.first_ms is not None:
                self._is_waiting = False
                onsets[self._response] = max(self._began_ms, float(self._span.first_ms))
        return b"".join(parts), onsets
