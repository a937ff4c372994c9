"""How much of the caller's audio goes at a time to a recogniser that detects turns. Pure.

Each piece is a message and a system call. Where nothing hangs on the next 20 ms, in the middle of steady speech, pieces
of 80 ms do; where a turn begins, pauses or ends, each frame goes as it comes. When in doubt, it goes. (While nobody
speaks the recogniser's own stream gathers as much.)
"""

PIECE_MS = 80.0
"""What Deepgram recommends for Flux."""

VOICE = 0.5
"""The voice activity network's own threshold."""

BEGINNING_MS = 500.0
"""The first words decide whether the agent is interrupted: they are not held back."""

PAUSE_MS = 120.0
"""After so long without voice a recogniser may be about to call the end, the quickest after 150 ms: speech that goes on
counts as a beginning, as it takes that end back."""

UNSEEN_MS = 200.0
"""Voice activity is off or late when so much audio came without a window: what it last saw says nothing."""


class Pieces:
    """One caller's audio: its frames and the windows of voice activity, as they come."""

    def __init__(self) -> None:
        self._window_end_ms = 0.0
        self._stretch_ms = 0.0
        """Of the present stretch of speech, its short gaps included."""
        self._quiet_ms = PAUSE_MS
        self._unseen_ms = 0.0

    def frame(self, length_ms: float) -> None:
        self._unseen_ms += length_ms

    def window(self, probability: float, end_ms: float) -> None:
        """``end_ms``: in the audio offered to voice activity."""
        length_ms = end_ms - self._window_end_ms
        self._window_end_ms = end_ms
        self._unseen_ms = 0.0
        if probability >= VOICE:
            if self._quiet_ms >= PAUSE_MS:
                self._stretch_ms = 0.0
            self._quiet_ms = 0.0
        else:
            self._quiet_ms += length_ms
        self._stretch_ms += length_ms

    @property
    def may_wait(self) -> bool:
        """The caller is in the middle of speaking: frames may be gathered up to ``PIECE_MS``."""
        return self._quiet_ms == 0.0 and self._stretch_ms >= BEGINNING_MS and self._unseen_ms <= UNSEEN_MS
