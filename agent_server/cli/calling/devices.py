"""Microphone and loudspeaker of this machine, through the optional package ``sounddevice``."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from agent_server.cli.calling.caller_line import BYTES_PER_MS, FRAME_BYTES
from agent_server.cli.calling.playback import SAMPLE_RATE

MAX_WAITING_FRAMES = 50
"""A second of the microphone; past this the oldest is dropped."""

MAX_AHEAD_MS = 120
"""Sound that waits for the loudspeaker; past this the oldest is dropped, so that the clocks stay together."""


class DeviceError(Exception):
    """No microphone or loudspeaker can be used; the message says what to do."""

    code = "no_microphone"


class Devices:
    """An open microphone and loudspeaker. Their callbacks run on threads of the sound system."""

    def __init__(self) -> None:
        self._heard: deque[bytes] = deque(maxlen=MAX_WAITING_FRAMES)
        self._sound = bytearray()
        self._lock = Lock()

    def take(self) -> list[bytes]:
        """What the microphone took up since the last time, in frames."""
        frames = []
        while self._heard:
            frames.append(self._heard.popleft())
        return frames

    def play(self, pcm: bytes) -> None:
        with self._lock:
            self._sound += pcm
            excess = len(self._sound) - MAX_AHEAD_MS * BYTES_PER_MS
            if excess > 0:
                del self._sound[:excess]

    def on_input(self, data: Any, _frames: int, _time: Any, _status: Any) -> None:
        self._heard.append(bytes(data))

    def on_output(self, data: Any, _frames: int, _time: Any, _status: Any) -> None:
        with self._lock:
            part = bytes(self._sound[: len(data)])
            del self._sound[: len(data)]
        data[:] = part.ljust(len(data), b"\0")


@contextmanager
def open_devices() -> Iterator[Devices]:
    """The system's own microphone and loudspeaker. Raises DeviceError."""
    try:
        import sounddevice
    except ImportError as error:
        raise DeviceError(
            "Speaking through a microphone needs the package sounddevice: pip install 'sales-agent[microphone]'. "
            "Without it, use --wav FILE or --text LINE."
        ) from error
    except OSError as error:
        raise DeviceError(
            f"sounddevice finds no PortAudio on this machine ({error}); on Debian: apt-get install libportaudio2."
        ) from error
    devices = Devices()
    settings = {"samplerate": SAMPLE_RATE, "channels": 1, "dtype": "int16", "blocksize": FRAME_BYTES // 2}
    try:
        with (
            sounddevice.RawInputStream(callback=devices.on_input, **settings),
            sounddevice.RawOutputStream(callback=devices.on_output, latency="low", **settings),
        ):
            yield devices
    except sounddevice.PortAudioError as error:
        raise DeviceError(f"The microphone or the loudspeaker cannot be opened: {error}.") from error
