import gc
import struct
import wave
from pathlib import Path

import numpy as np
import pytest
from tone import RATE, tone

from agent_server.cli.calling.wav_file import WavError, WavWriter, read_wav
from pipelines.audio.g711 import alaw_encode, ulaw_encode

PCM, FLOAT, ALAW, ULAW, EXTENSIBLE = 1, 3, 6, 7, 0xFFFE


def wav(tag: int, channels: int, rate: int, bits: int, data: bytes, *, extra: bytes = b"", size: int | None = None):
    block = channels * bits // 8
    fmt = struct.pack("<HHIIHH", tag, channels, rate, rate * block, block, bits) + extra
    listing = b"LIST" + struct.pack("<I", 5) + b"odd!!\0"
    body = b"fmt " + struct.pack("<I", len(fmt)) + fmt + listing
    body += b"data" + struct.pack("<I", len(data) if size is None else size) + data
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body


def signal(rate: int, seconds: float = 0.5) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * 400 * np.arange(int(rate * seconds)) / rate)


def written(samples: np.ndarray, tag: int, bits: int) -> bytes:
    if tag == FLOAT:
        return samples.astype(f"<f{bits // 8}").tobytes()
    if bits == 8 and tag == PCM:
        return np.round(samples * 127 + 128).astype(np.uint8).tobytes()
    if bits == 24:
        return (samples * 2**31).astype("<i4").view(np.uint8).reshape(-1, 4)[:, 1:].tobytes()
    if bits == 32:
        return (samples * (2**31 - 1)).astype("<i4").tobytes()
    pcm = np.round(samples * 32767).astype("<i2").tobytes()
    return {ULAW: ulaw_encode, ALAW: alaw_encode}.get(tag, lambda data: data)(pcm)


@pytest.mark.parametrize(
    ("tag", "bits"),
    [(PCM, 8), (PCM, 16), (PCM, 24), (PCM, 32), (FLOAT, 32), (FLOAT, 64), (ULAW, 8), (ALAW, 8)],
)
@pytest.mark.parametrize("rate", [8000, 16_000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_every_kind_becomes_the_same_sound(tmp_path: Path, tag: int, bits: int, rate: int, channels: int) -> None:
    path = tmp_path / "in.wav"
    samples = np.repeat(signal(rate), channels)
    path.write_bytes(wav(tag, channels, rate, bits, written(samples, tag, bits)))
    heard = np.frombuffer(read_wav(path), np.int16) / 32767
    assert len(heard) == pytest.approx(RATE / 2, abs=20)
    wanted = signal(RATE)
    middle = slice(2000, len(heard) - 2000)
    # A shift of less than a sample at the source's rate is allowed for, the shape is not.
    shifts = [heard[2000 + s : len(heard) - 2000 + s] for s in range(-4, 5)]
    error = min(
        float(np.sqrt(np.mean((shifted - wanted[middle.start : middle.start + len(shifted)]) ** 2)))
        for shifted in shifts
    )
    assert error < 0.03


def test_channels_are_mixed(tmp_path: Path) -> None:
    path = tmp_path / "stereo.wav"
    left = (signal(RATE) * 32767).astype("<i2")
    path.write_bytes(wav(PCM, 2, RATE, 16, np.column_stack((left, np.zeros_like(left))).tobytes()))
    heard = np.frombuffer(read_wav(path), np.int16)
    assert np.abs(heard - left / 2).max() <= 1


def test_extensible_headers_and_unfilled_lengths(tmp_path: Path) -> None:
    path = tmp_path / "extensible.wav"
    extra = struct.pack("<HHI", 22, 24, 4) + struct.pack("<H", PCM) + bytes(14)
    path.write_bytes(wav(EXTENSIBLE, 1, RATE, 24, written(signal(RATE), PCM, 24), extra=extra, size=0xFFFFFFFF))
    assert len(read_wav(path)) == RATE


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    with WavWriter(path) as writer:
        writer.write(tone(30))
        writer.write(tone(50))
    assert read_wav(path) == tone(30) + tone(50)
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getframerate(), file.getnframes()) == (1, RATE, 80 * 24)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not a WAV file"),
        (b"ID3 something else entirely", "not a WAV file"),
        (b"RIFF\0\0\0\0WAVE", "without sound"),
        (wav(PCM, 1, RATE, 16, b""), "empty"),
        (wav(PCM, 1, RATE, 12, bytes(100)), "12 bit"),
        (wav(85, 1, RATE, 16, bytes(100)), "format 85"),
        (wav(PCM, 0, RATE, 16, bytes(100)), "0 channels"),
        (wav(PCM, 1, 0, 16, bytes(100)), "at 0 Hz"),
        (b"RIFF\0\0\0\0WAVEfmt \x04\0\0\0\1\0\1\0", "damaged"),
    ],
)
def test_what_cannot_be_spoken_says_why(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "broken.wav"
    path.write_bytes(content)
    with pytest.raises(WavError, match=reason):
        read_wav(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WavError, match=r"nowhere\.wav: No such file"):
        read_wav(tmp_path / "nowhere.wav")


def test_a_file_that_cannot_be_written_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        WavWriter(tmp_path / "nowhere" / "reply.wav")
    gc.collect()
