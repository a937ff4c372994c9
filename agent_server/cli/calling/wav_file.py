"""WAV files: any common kind in, 24 kHz mono PCM out and back.

Read by hand: Python 3.11's ``wave`` takes neither WAVE_FORMAT_EXTENSIBLE, which 24-bit files use, nor floating point,
nor the telephone's G.711, nor a file whose length was never filled in.
"""

import struct
import wave
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from agent_server.cli.calling.playback import BYTES_PER_SAMPLE, SAMPLE_RATE
from pipelines.audio.g711 import alaw_decode, ulaw_decode
from pipelines.audio.resample import resampler

MAX_SECONDS = 3600

_PCM, _FLOAT, _ALAW, _ULAW, _EXTENSIBLE = 1, 3, 6, 7, 0xFFFE
"""Format tags of mmreg.h. The extensible kind has the real tag at the start of its sub-format GUID."""


class WavError(Exception):
    """A file that cannot be spoken; the message says why."""

    code = "wav_unreadable"


class _Format(Struct, frozen=True):
    tag: int
    channels: int
    rate: int
    width: int


def read_wav(path: Path) -> bytes:
    """The file as 24 kHz mono PCM, whatever its rate, kind of samples and number of channels. Raises WavError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WavError(f"{path}: {error.strerror or error}.") from error
    try:
        layout, sound = _parse(data)
        samples = _samples(layout, sound)
    except struct.error as error:
        raise WavError(f"{path}: a damaged WAV file.") from error
    except ValueError as error:
        raise WavError(f"{path}: {error}.") from error
    whole = len(samples) - len(samples) % layout.channels
    if not 0 < whole // layout.channels <= MAX_SECONDS * layout.rate:
        raise WavError(f"{path}: the recording is empty or longer than an hour.")
    mono = samples[:whole].reshape(-1, layout.channels).mean(axis=1)
    pcm = np.rint(np.clip(mono, -32768, 32767)).astype(np.int16).tobytes()
    convert = resampler(layout.rate, SAMPLE_RATE)
    return convert.feed(pcm) + convert.flush()


def _parse(data: bytes) -> tuple[_Format, bytes]:
    """The layout and the bytes of the samples. Raises ValueError, struct.error."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise ValueError("not a WAV file")
    layout: _Format | None = None
    for name, body in _chunks(data):
        if name == b"fmt ":
            layout = _layout(body)
        elif name == b"data" and layout is not None:
            return layout, body
    raise ValueError("a WAV file without sound")


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Chunks begin at even places; one that claims more than there is goes to the end of the file."""
    place = 12
    while place + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, place)
        yield name, data[place + 8 : place + 8 + size]
        place += 8 + size + size % 2


def _layout(body: bytes) -> _Format:
    tag, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", body)
    if tag == _EXTENSIBLE:
        (tag,) = struct.unpack_from("<H", body, 24)
    width = bits // 8
    widths = {_PCM: (1, 2, 3, 4), _FLOAT: (4, 8), _ALAW: (1,), _ULAW: (1,)}
    if width not in widths.get(tag, ()) or bits % 8:
        raise ValueError(f"samples of {bits} bit in format {tag} are not known here")
    if not (1 <= channels <= 64 and 1000 <= rate <= 768_000):
        raise ValueError(f"{channels} channels at {rate} Hz are not known here")
    return _Format(tag, channels, rate, width)


def _samples(layout: _Format, data: bytes) -> NDArray[np.float64]:
    """Samples in the scale of 16 bits."""
    data = data[: len(data) - len(data) % layout.width]
    match layout.tag, layout.width:
        case (tag, _) if tag == _ULAW:
            return np.frombuffer(ulaw_decode(data), "<i2").astype(np.float64)
        case (tag, _) if tag == _ALAW:
            return np.frombuffer(alaw_decode(data), "<i2").astype(np.float64)
        case (tag, width) if tag == _FLOAT:
            return np.nan_to_num(np.frombuffer(data, f"<f{width}").astype(np.float64)) * 32767
        case (_, 1):  # the only width without a sign
            return (np.frombuffer(data, np.uint8).astype(np.float64) - 128) * 256
        case (_, 2):
            return np.frombuffer(data, "<i2").astype(np.float64)
        case (_, 3):
            wide = np.zeros((len(data) // 3, 4), np.uint8)
            wide[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
            return wide.view("<i4").reshape(-1).astype(np.float64) / 65536
        case _:
            return np.frombuffer(data, "<i4").astype(np.float64) / 65536


class WavWriter:
    """Writes 24 kHz mono PCM as it comes. Raises OSError."""

    def __init__(self, path: Path) -> None:
        self._stream = path.open("wb")  # here: on failing to open it, wave fails once more in the background
        self._file = wave.open(self._stream, "wb")  # noqa: SIM115 - closed in __exit__
        self._file.setnchannels(1)
        self._file.setsampwidth(BYTES_PER_SAMPLE)
        self._file.setframerate(SAMPLE_RATE)

    def write(self, pcm: bytes) -> None:
        self._file.writeframesraw(pcm)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        """The header gets its length here."""
        with self._stream:
            self._file.close()
