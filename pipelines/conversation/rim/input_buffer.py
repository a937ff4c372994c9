"""The client's audio buffer: what of the caller's audio no item holds yet. Pure."""


class InputBuffer:
    """Positions are milliseconds of all audio received."""

    def __init__(self) -> None:
        self._emptied_ms = 0.0
        self._began_ms: float | None = None

    def begin(self, at_ms: float) -> bool:
        """Audio comes in a session without turn detection. True: it is the first since the buffer was empty."""
        if self._began_ms is not None:
            return False
        self._began_ms = at_ms
        return True

    def empty(self, at_ms: float) -> None:
        """It was committed or cleared there."""
        self._emptied_ms, self._began_ms = at_ms, None

    def length_ms(self, at_ms: float) -> float:
        """What a commit there would take."""
        return at_ms - (self._emptied_ms if self._began_ms is None else self._began_ms)
