"""Sound whose every audible millisecond is known."""

import numpy as np

RATE = 24_000


def tone(length_ms: float, level: float = 0.3) -> bytes:
    """A tone of 400 Hz, from its first sample on well above any threshold."""
    times = np.arange(int(length_ms * RATE / 1000)) / RATE
    return (level * 32767 * np.cos(2 * np.pi * 400 * times)).astype(np.int16).tobytes()


def silence(length_ms: float) -> bytes:
    return bytes(2 * int(length_ms * RATE / 1000))
