import array
import io
import wave

import numpy as np
import pytest

from simulators.audio.pcm import AudioFormat, Decoder, UndecodableError, from_linear16, to_linear16

WAVE = array.array("h", [0, 1000, -1000, 20000, -20000, 32000, -32000, 5]).tobytes()


def samples(pcm):
    return np.frombuffer(pcm, "<i2").astype(int)


@pytest.mark.parametrize(
    ("encoding", "off_by"), [("pcm_s16le", 0), ("pcm_f32le", 1), ("pcm_mulaw", 700), ("pcm_alaw", 700)]
)
def test_what_is_encoded_can_be_decoded(encoding, off_by):
    assert np.abs(samples(to_linear16(from_linear16(WAVE, encoding), encoding)) - samples(WAVE)).max() <= off_by


@pytest.mark.parametrize(("encoding", "dtype", "scale"), [("pcm_s32le", "<i4", 65536), ("pcm_f16le", "<f2", 1 / 32768)])
def test_formats_that_are_only_received(encoding, dtype, scale):
    sent = (samples(WAVE) * scale).astype(dtype).tobytes()
    assert np.abs(samples(to_linear16(sent, encoding)) - samples(WAVE)).max() <= 20


@pytest.mark.parametrize("size", [1, 3, 5, 7, 16])
def test_frames_may_be_cut_anywhere(size):
    decoder = Decoder(AudioFormat("linear16", 16_000))
    pieces = [decoder.feed(WAVE[at : at + size]) for at in range(0, len(WAVE), size)]
    assert b"".join(channel[0] for channel in pieces if channel) == WAVE


def test_channels_are_separated():
    decoder = Decoder(AudioFormat("linear16", 16_000, channels=2))
    left, right = decoder.feed(array.array("h", [1, 10, 2, 20, 3, 30]).tobytes())
    assert (samples(left).tolist(), samples(right).tolist()) == ([1, 2, 3], [10, 20, 30])


def wav(channels=1):
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(2)
        sound.setframerate(24_000)
        sound.writeframes(WAVE)
    return file.getvalue()


@pytest.mark.parametrize("size", [1, 10, 1000])
def test_a_wav_file_brings_its_format(size):
    data = wav()
    decoder = Decoder(None)
    pieces = [decoder.feed(data[at : at + size]) for at in range(0, len(data), size)]
    assert b"".join(channel[0] for channel in pieces if channel) == WAVE
    assert decoder.format == AudioFormat("linear16", 24_000)


@pytest.mark.parametrize("data", [b"OggS....", b"RIFF\x00\x00\x00\x00AVI LIST", b"\x00" * 40])
def test_other_containers_cannot_be_decoded(data):
    with pytest.raises(UndecodableError):
        Decoder(None).feed(data)


def test_a_wav_file_of_another_codec_cannot_be_decoded():
    data = bytearray(wav())
    data[20] = 85  # MPEG layer 3
    with pytest.raises(UndecodableError, match="format 85"):
        Decoder(None).feed(bytes(data))
