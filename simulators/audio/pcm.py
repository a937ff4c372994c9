"""Raw audio in and out: from what clients send to 16-bit mono samples, and from samples to what they asked for."""

import struct
import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import Struct

with warnings.catch_warnings():  # in the standard library up to 3.12, where importing it warns; a package after that
    warnings.simplefilter("ignore", DeprecationWarning)
    import audioop

__all__ = ["BYTES_PER_SAMPLE", "AudioFormat", "Decoder", "UndecodableError", "audioop", "from_linear16", "to_linear16"]

BYTES_PER_SAMPLE = {
    "linear16": 2,
    "linear32": 4,
    "mulaw": 1,
    "alaw": 1,
    "pcm_s16le": 2,
    "pcm_s32le": 4,
    "pcm_f16le": 2,
    "pcm_f32le": 4,
    "pcm_mulaw": 1,
    "pcm_alaw": 1,
}
"""Encodings that can be heard, by Deepgram's and Cartesia's names."""


class UndecodableError(Exception):
    """The bytes are not audio of the encoding they should have."""


class AudioFormat(Struct, frozen=True):
    """``sample_rate`` in Hz; channels are interleaved."""

    encoding: str
    sample_rate: int
    channels: int = 1


def to_linear16(data: bytes, encoding: str) -> bytes:
    """Whole samples of any encoding above as signed 16-bit little-endian PCM."""
    match encoding:
        case "linear16" | "pcm_s16le":
            return data
        case "mulaw" | "pcm_mulaw":
            return audioop.ulaw2lin(data, 2)
        case "alaw" | "pcm_alaw":
            return audioop.alaw2lin(data, 2)
        case "pcm_s32le":
            return audioop.lin2lin(data, 4, 2)
        case "pcm_f16le":
            return _float_to_linear16(np.frombuffer(data, "<f2"))
        case _:
            return _float_to_linear16(np.frombuffer(data, "<f4"))


def _float_to_linear16(samples: npt.NDArray[np.floating[Any]]) -> bytes:
    return (np.nan_to_num(samples.astype(np.float32)).clip(-1, 1) * 32767).astype("<i2").tobytes()


def from_linear16(data: bytes, encoding: str) -> bytes:
    """Signed 16-bit little-endian PCM in one of Cartesia's output encodings."""
    match encoding:
        case "pcm_s16le":
            return data
        case "pcm_mulaw":
            return audioop.lin2ulaw(data, 2)
        case "pcm_alaw":
            return audioop.lin2alaw(data, 2)
        case _:
            return (np.frombuffer(data, "<i2").astype("<f4") / 32768).tobytes()


class Decoder:
    """Turns the byte stream of one connection into 16-bit PCM per channel. Keeps what does not fill a frame.

    ``stated`` None: the stream opens with a WAV header, from which the format is read.
    """

    def __init__(self, stated: AudioFormat | None) -> None:
        self.format = stated
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The next samples, one entry per channel (empty list: not enough bytes yet). Raises UndecodableError."""
        if self.format is None:
            self._rest += data
            header = _read_wav_header(self._rest)
            if header is None:
                return []
            self.format, offset = header
            data, self._rest = self._rest[offset:], b""
        frame = BYTES_PER_SAMPLE[self.format.encoding] * self.format.channels
        if self._rest:
            data, self._rest = self._rest + data, b""
        if extra := len(data) % frame:
            data, self._rest = data[:-extra], data[-extra:]
        return self._channels(data) if data else []

    def _channels(self, data: bytes) -> list[bytes]:
        assert self.format is not None
        linear = to_linear16(data, self.format.encoding)
        if self.format.channels == 1:
            return [linear]
        samples = np.frombuffer(linear, "<i2")
        return [samples[channel :: self.format.channels].tobytes() for channel in range(self.format.channels)]


_WAV_ENCODINGS = {(1, 16): "linear16", (1, 32): "pcm_s32le", (3, 32): "linear32", (6, 8): "alaw", (7, 8): "mulaw"}


def _read_wav_header(data: bytes) -> tuple[AudioFormat, int] | None:
    """The format, and where the samples begin; None: more bytes are needed. Raises UndecodableError."""
    if not b"RIFF".startswith(data[:4]):
        raise UndecodableError("no encoding was stated and the stream is not a WAV file")
    if len(data) < 12:
        return None
    if data[8:12] != b"WAVE":
        raise UndecodableError("not a WAV file")
    found: AudioFormat | None = None
    at = 12
    while len(data) >= at + 8:
        name, size = data[at : at + 4], struct.unpack_from("<I", data, at + 4)[0]
        if name == b"data" and found is not None:
            return found, at + 8
        if name == b"fmt " and len(data) >= at + 24:
            code, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", data, at + 8)
            if (code, bits) not in _WAV_ENCODINGS:
                raise UndecodableError(f"WAV format {code} with {bits} bits")
            found = AudioFormat(_WAV_ENCODINGS[code, bits], rate, channels)
        at += 8 + size + size % 2
    return None
