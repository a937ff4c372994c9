"""Opus there and back."""

import numpy as np

from agent_server.webrtc.opus import CLOCK, SETTLED_FRAMES, OpusDecoder, OpusEncoder
from agent_server.webrtc.playout import FRAME_BYTES

TICKS = CLOCK // 50
TONE = (8000 * np.sin(2 * np.pi * 220 * np.arange(24_000) / 24_000)).astype(np.int16).tobytes()
FRAMES = [TONE[at : at + FRAME_BYTES] for at in range(0, len(TONE), FRAME_BYTES)]


def loudness(pcm: bytes) -> float:
    samples = np.frombuffer(pcm, np.int16).astype(float)
    return float(np.sqrt(np.mean(samples**2)))


def test_a_voice_survives_it() -> None:
    encoder, decoder = OpusEncoder(), OpusDecoder()
    heard = b"".join(decoder.decode(encoder.encode(frame), TICKS * at) for at, frame in enumerate(FRAMES))
    assert abs(len(heard) - len(TONE)) < FRAME_BYTES
    assert 0.7 < loudness(heard[FRAME_BYTES * 10 :]) / loudness(TONE) < 1.3


def test_silence_that_lasts_costs_nothing_and_ends_with_the_next_word() -> None:
    encoder, decoder = OpusEncoder(), OpusDecoder()
    packets = [encoder.encode(frame) for frame in (*FRAMES[:10], *([None] * 50), *FRAMES[10:20])]
    settled = packets[10 + SETTLED_FRAMES : 60]
    assert all(packet is settled[0] for packet in settled[1:])
    heard = [decoder.decode(packet, TICKS * at) for at, packet in enumerate(packets)]
    assert loudness(b"".join(heard[25:60])) < 20
    assert loudness(b"".join(heard[63:70])) > 1000


def test_what_was_lost_is_made_up_in_its_length() -> None:
    encoder, decoder = OpusEncoder(), OpusDecoder()
    packets = [encoder.encode(frame) for frame in FRAMES[:20]]
    heard = b"".join(decoder.decode(packets[at], TICKS * at) for at in range(20) if at not in (10, 11))
    assert abs(len(heard) - 20 * FRAME_BYTES) < FRAME_BYTES
    assert loudness(heard[10 * FRAME_BYTES : 11 * FRAME_BYTES]) > 0.6 * loudness(TONE)


def test_a_pause_of_more_than_a_second_is_not_made_up() -> None:
    encoder, decoder = OpusEncoder(), OpusDecoder()
    decoder.decode(encoder.encode(FRAMES[0]), 0)
    assert len(decoder.decode(encoder.encode(FRAMES[1]), 60 * CLOCK)) < 2 * FRAME_BYTES


def test_rubbish_is_silence() -> None:
    decoder = OpusDecoder()
    for payload in (b"", b"\xff", b"\x00" * 1500, bytes(range(200))):
        assert len(decoder.decode(payload, 0)) <= 2 * 24_000 * 120 // 1000
