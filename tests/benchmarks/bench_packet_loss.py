"""What packets lost between a browser and the server cost the embedded recogniser: with silence in their place, and
with the voice going on (``pipelines.audio.concealment``, which is what calls get).

People reading aloud and sentences of the embedded voice go through Opus as a call by WebRTC does, 20 ms a packet; some
are lost, the same ones in both columns. Word error rates.

    python tests/benchmarks/bench_packet_loss.py --json packet-loss.json
"""

import argparse
import asyncio
import random
from collections.abc import Sequence
from typing import Any
from unittest.mock import patch

import msgspec
import pocketsphinx
from bench_stt import DECODERS, Spoken, all_sentences, decode
from result_file import result_file
from sphinx_sound import word_errors

from agent_server.webrtc import opus
from agent_server.webrtc.playout import FRAME_BYTES
from pipelines.audio.resample import resampler
from pipelines.engines.pocketsphinx_process import AVERAGE_CEPSTRUM

LOST = (0.0, 0.05, 0.1, 0.2)
TICKS = opus.CLOCK // 50
RATE = 16_000
"""Of the recogniser."""


class Result(msgspec.Struct):
    sentences: str
    lost_percent: float
    silence_wrong_percent: float
    concealed_wrong_percent: float


class _Silence:
    """What a decoder does that conceals nothing."""

    def __init__(self, rate: int) -> None:
        pass

    def feed(self, pcm: bytes, *, lost: int = 0) -> bytes:
        return bytes(2 * lost) + pcm


def through(pcm: bytes, lost: float, seed: int) -> bytes:
    """16 kHz speech over a line that loses this share of its packets."""
    up, down = resampler(RATE, opus.RATE), resampler(opus.RATE, RATE)
    sent = up.feed(pcm) + up.flush()
    encoder, decoder = opus.OpusEncoder(), opus.OpusDecoder()
    chance = random.Random(seed)
    received = b""
    for number in range(len(sent) // FRAME_BYTES):
        packet = encoder.encode(sent[number * FRAME_BYTES : (number + 1) * FRAME_BYTES])
        if chance.random() >= lost:
            received += decoder.decode(packet, number * TICKS)
    return down.feed(received) + down.flush()


def wrong_percent(speakers: Sequence[Spoken], lost: float, seeds: int) -> float:
    decoder: Any = pocketsphinx.Decoder(samprate=RATE, loglevel="FATAL", **DECODERS["ours, bestpath (used)"])
    errors = words = 0
    for speaker in speakers:
        for seed in range(seeds):
            decoder.set_cmn(AVERAGE_CEPSTRUM)
            for number, (text, pcm) in enumerate(speaker):
                heard, _, _ = decode(decoder, through(pcm, lost, 1000 * seed + number))
                errors += word_errors(text, heard)
                words += len(text.split())
    return 100 * errors / words


async def main(every: int, seeds: int) -> list[Result]:
    kinds = await all_sentences(every)
    print(f"{'sentences':10} {'lost %':>7} {'silence, wrong %':>17} {'concealed, wrong %':>19}")
    results = []
    for kind, times in (("people", seeds), ("held out", 1)):
        for lost in LOST:
            with patch.object(opus, "Concealment", _Silence):
                silence = wrong_percent(kinds[kind], lost, times)
            concealed = wrong_percent(kinds[kind], lost, times)
            results.append(Result(kind, 100 * lost, silence, concealed))
            print(f"{kind:10} {100 * lost:7.0f} {silence:17.1f} {concealed:19.1f}", flush=True)
    return results


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--every", type=int, default=12, help="take every n-th sentence of the embedded voice")
    arguments.add_argument("--seeds", type=int, default=4, help="other packets are lost each time")
    arguments.add_argument("--json", type=result_file)
    options = arguments.parse_args()
    measured = asyncio.run(main(options.every, options.seeds))
    if options.json:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(measured)))
