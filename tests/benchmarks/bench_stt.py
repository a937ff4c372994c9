"""What the embedded recogniser hears and how long it takes, with our language model and with the one of the wheel.

Spoken by the embedded voice: sentences the model was written around, and sentences it never saw. Recorded: people
reading aloud. ``wrong`` is the word error rate; ``load`` processor seconds a second of speech; ``finish`` from the end
of the sound to the text, without and (last lines) with the helper process between.

    python tests/benchmarks/bench_stt.py --json stt.json
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pocketsphinx
from result_file import result_file

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "pipelines" / "stt"))

from sphinx_sound import BYTES_PER_MS, recorded, silence, word_errors

from pipelines.audio.comfort_noise import ComfortNoise
from pipelines.audio.resample import resampler
from pipelines.engines.pocketsphinx_process import AVERAGE_CEPSTRUM
from pipelines.stt.language_model.build import DICTIONARY_FILE, MODEL_DIRECTORY, MODEL_FILE
from pipelines.stt.pocketsphinx import PocketsphinxRecognizer
from pipelines.stt.port import Final, SttOptions
from pipelines.tts.espeak import EspeakSpeech
from pipelines.tts.port import Audio, TtsOptions

VOICES = ("alloy", "ballad", "coral", "echo", "shimmer")
PEOPLE = {
    "librivox-0870": "and mister john dashwood had then leisure to consider how much there might be prudently in his "
    "power to do for them",
    "librivox-0880": "he was not an ill disposed young man",
    "librivox-0930": "he might even have been made amiable himself",
    "go-forward": "go forward ten meters",
}
OURS = {"lm": str(MODEL_DIRECTORY / MODEL_FILE), "dict": str(MODEL_DIRECTORY / DICTIONARY_FILE), "pl_window": 10}
DECODERS: dict[str, dict[str, Any]] = {
    "wheel's model": {},
    "ours, fwdflat, bestpath": OURS,
    "ours, bestpath (used)": {**OURS, "fwdflat": False},
    "ours, neither": {**OURS, "fwdflat": False, "bestpath": False},
}

Spoken = list[tuple[str, bytes]]


class Result(msgspec.Struct):
    decoder: str
    sentences: str
    wrong_percent: float
    load: float
    finish_mean_ms: float
    finish_longest_ms: float


def sentences_of(name: str) -> list[str]:
    lines = (ROOT / "data" / f"{name}.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


async def say(speech: EspeakSpeech, text: str, voice: str) -> bytes:
    context = speech.open(TtsOptions(voice=voice))
    context.send_text(text)
    context.finish()
    convert = resampler(speech.sample_rate, 16_000)
    pcm = b"".join([convert.feed(event.pcm) async for event in context if isinstance(event, Audio)])
    return silence(100) + pcm + convert.flush() + silence(100)


async def all_sentences(every: int) -> dict[str, list[Spoken]]:
    """By kind, one list a speaker: a decoder learns a speaker's sound from one sentence to the next."""
    speech = await EspeakSpeech.start()
    kinds = {}
    for kind, name in (("tuned on", "sales_sentences_tuned_on"), ("held out", "sales_sentences_held_out")):
        texts = sentences_of(name)[::every]
        kinds[kind] = [[(text, await say(speech, text, voice)) for text in texts] for voice in VOICES]
    kinds["people"] = [[(text, recorded(name)) for name, text in PEOPLE.items()]]
    await speech.aclose()
    return kinds


def decode(decoder: Any, pcm: bytes) -> tuple[str, float, float]:
    """What was heard, processor seconds of all, wall seconds of the end."""
    noisy = ComfortNoise(40).add(pcm)
    started = time.process_time()
    decoder.start_utt()
    for start in range(0, len(noisy), 60 * BYTES_PER_MS):
        decoder.process_raw(noisy[start : start + 60 * BYTES_PER_MS], False, False)
        decoder.hyp()
    ending = time.perf_counter()
    decoder.end_utt()
    hypothesis = decoder.hyp()
    finish_s = time.perf_counter() - ending
    return hypothesis.hypstr if hypothesis else "", time.process_time() - started, finish_s


def measure(name: str, kind: str, speakers: Sequence[Spoken]) -> Result:
    decoder: Any = pocketsphinx.Decoder(samprate=16_000, loglevel="FATAL", **DECODERS[name])
    errors = words = 0
    used_s = sound_s = 0.0
    finishes = []
    for sentences in speakers:
        decoder.set_cmn(AVERAGE_CEPSTRUM)
        for text, pcm in sentences:
            heard, processor_s, finish_s = decode(decoder, pcm)
            errors += word_errors(text, heard)
            words += len(text.split())
            used_s += processor_s
            sound_s += len(pcm) / BYTES_PER_MS / 1000
            finishes.append(finish_s * 1000)
    mean_ms, longest_ms = float(np.mean(finishes)), max(finishes)
    return Result(name, kind, 100 * errors / words, used_s / sound_s, mean_ms, longest_ms)


async def finish_through_the_helper(seconds: float, repeats: int) -> list[float]:
    """Wall ms from ``finish`` to ``Final`` for an utterance that came in real time."""
    recognizer = await PocketsphinxRecognizer.start()
    stream = await recognizer.open(SttOptions())
    speech = recorded("librivox-0870")[: int(seconds * 1000) * BYTES_PER_MS]
    waits = []
    for number in range(1, repeats + 1):
        stream.begin(number)
        due = time.perf_counter()
        for start in range(0, len(speech), 20 * BYTES_PER_MS):
            stream.send_audio(speech[start : start + 20 * BYTES_PER_MS])
            due += 0.020
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
        started = time.perf_counter()
        stream.finish(number)
        async for event in stream:
            if isinstance(event, Final):
                break
        waits.append((time.perf_counter() - started) * 1000)
    await stream.aclose()
    await recognizer.aclose()
    return waits


async def main(every: int) -> list[Result]:
    kinds = await all_sentences(every)
    print(f"{'decoder':26} {'sentences':10} {'wrong %':>8} {'load':>6} {'finish mean ms':>15} {'longest ms':>11}")
    results = []
    for name in DECODERS:
        for kind, speakers in kinds.items():
            result = measure(name, kind, speakers)
            results.append(result)
            print(
                f"{name:26} {kind:10} {result.wrong_percent:8.1f} {result.load:6.3f} "
                f"{result.finish_mean_ms:15.0f} {result.finish_longest_ms:11.0f}",
                flush=True,
            )
    for seconds in (1.0, 3.0, 7.0):
        waits = await finish_through_the_helper(seconds, repeats=5)
        middle, longest = float(np.median(waits)), max(waits)
        print(
            f"helper, {seconds:.0f} s of speech in real time: finish median {middle:.0f} ms, longest {longest:.0f} ms"
        )
        results.append(Result("through the helper", f"{seconds:.0f} s", 0.0, 0.0, middle, longest))
    return results


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--every", type=int, default=3, help="take every n-th sentence")
    arguments.add_argument("--json", type=result_file)
    options = arguments.parse_args()
    measured = asyncio.run(main(options.every))
    if options.json:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(measured)))
