"""Whether the agent tells a person who breaks in from a sound that means nothing: sounds x levels x recognisers.

While the agent speaks a long reply, the caller makes one sound, over line noise, through the real runner and voice
activity. ``stop``: from the first audible sample of real speech to the last sample of the agent's that a client without
events of its own plays. ``false``: replies ended by a cough, a noise or a backchannel. ``hold``: how soon the agent
falls silent at first, whatever is decided later.

Three recognisers: ``told`` hears every word rightly, at the end; ``cloud`` is Deepgram Flux, simulated, which follows
the audio and finds the ends of turns; ``embedded`` is PocketSphinx. Backchannels are spoken by eSpeak, coughs and
noises are made of noise, speech is recorded. The caller's room is quiet (``--noise-dbfs`` -60) or not.

    python tests/benchmarks/bench_interruptions.py --at-once 8 --json interruptions.json
"""

import argparse
import asyncio
import statistics
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import numpy as np
import uvloop
from msgspec import Struct
from result_file import result_file

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "live"), str(HERE.parents[1])]

from conditions import conditions
from live_server import SPEECH, speech
from scripted_engines import FakeModel, FakeRecognizer, FakeVoice
from speech_call import Caller, on_the_line

from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.rim.ports import Engines
from pipelines.conversation.settings import ConversationSettings, SemanticVad
from pipelines.stt.deepgram_flux import DeepgramFlux
from pipelines.stt.pocketsphinx import PocketsphinxRecognizer
from pipelines.stt.port import SpeechToText
from pipelines.tts.espeak import EspeakSpeech
from pipelines.tts.port import Audio, TtsOptions
from pipelines.vad.port import VoiceActivity
from pipelines.vad.silero import SileroVoiceActivity
from simulators.app import start
from simulators.config import SpeechOptions, parse_config

RECOGNISERS = ("told", "cloud", "embedded")
RATE = 24_000
BYTES_PER_MS = 48
REPLY = "word " * 24
"""Six seconds of the scripted voice."""

LEVELS_DBFS = (-12.0, -24.0, -36.0)
"""Of a sound's loudest 50 ms: near the microphone, usual, from the other end of the room."""

ONSET_DB = 20.0
OVER_NOISE_DB = 6.0
LEAD_IN_MS = 1200
WATCH_MS = 2400
BACKCHANNELS = ("mm hmm", "uh huh", "yeah", "okay", "right", "I see")


class Sound(Struct, frozen=True):
    kind: str
    """``speech``, ``backchannel`` or ``noise``."""
    name: str
    text: str
    samples: np.ndarray


class Outcome(Struct, frozen=True):
    recogniser: str
    kind: str
    name: str
    level_dbfs: float
    stopped: bool
    hold_ms: float | None
    stop_ms: float | None


def noises() -> Iterator[Sound]:
    random = np.random.default_rng(7)

    def burst(ms: int, decay: float) -> np.ndarray:
        samples = random.normal(0, 1, RATE * ms // 1000)
        return samples * np.exp(-np.linspace(0, decay, len(samples)))

    def cough(ms: int) -> np.ndarray:
        """A burst of breath through a throat: noise around 300 to 1500 Hz, in two strokes."""
        stroke = np.convolve(burst(ms // 2, 4.0), np.sin(np.arange(60) * 2 * np.pi * 700 / RATE), "same")
        return np.concatenate([stroke, 0.6 * stroke])

    yield Sound("noise", "knock", "", burst(20, 5.0))
    yield Sound("noise", "click of keys", "", np.concatenate([np.pad(burst(8, 4.0), (0, 2000)) for _ in range(6)]))
    yield Sound("noise", "100 ms of hiss", "", burst(100, 0.0))
    yield Sound("noise", "a second of hiss", "", burst(1000, 0.0))
    yield Sound("noise", "cough", "", cough(300))
    yield Sound("noise", "long cough", "", cough(600))


async def backchannels() -> list[Sound]:
    voice = await EspeakSpeech.start()
    sounds = []
    try:
        for text in BACKCHANNELS:
            for name in ("cedar", "marin"):
                context = voice.open(TtsOptions(voice=name))
                context.send_text(text)
                context.finish()
                pcm = b"".join([event.pcm async for event in context if isinstance(event, Audio)])
                sounds.append(
                    Sound("backchannel", f"{text} ({name})", text, np.frombuffer(pcm, np.int16).astype(float))
                )
    finally:
        await voice.aclose()
    return sounds


def recordings() -> Iterator[Sound]:
    for path in sorted(SPEECH.glob("*.wav")):
        samples = np.frombuffer(speech(path.stem), np.int16).astype(float)
        yield Sound("speech", path.stem, "could you tell me about the price please", samples[: RATE * 3])


def at_level(samples: np.ndarray, dbfs: float, noise_dbfs: float) -> bytes:
    """The sound at this level over line noise, from its first voiced sample on: what lies ``ONSET_DB`` below its
    loudest is breath and room."""
    window = RATE // 20
    padded = np.pad(samples, (0, max(0, window - len(samples))))
    energy = np.convolve(padded**2, np.ones(window) / window, "valid")
    loud = padded * (32768 * 10 ** (dbfs / 20) / np.sqrt(energy.max()))
    grain = RATE // 100
    power = np.convolve(loud**2, np.ones(grain) / grain, "valid")
    audible = np.flatnonzero(np.sqrt(power) > 32768 * 10 ** ((dbfs - ONSET_DB) / 20))
    return with_noise(loud[audible[0] if len(audible) else 0 :], noise_dbfs)


def with_noise(samples: np.ndarray, noise_dbfs: float) -> bytes:
    noise = np.random.default_rng(len(samples)).normal(0, 32768 * 10 ** (noise_dbfs / 20), len(samples))
    return (samples + noise).clip(-32768, 32767).astype(np.int16).tobytes()


class Case(Struct, frozen=True):
    recogniser: str
    sound: Sound
    level_dbfs: float
    noise_dbfs: float


@asynccontextmanager
async def recogniser_of(case: Case, embedded: SpeechToText) -> AsyncIterator[SpeechToText]:
    match case.recogniser:
        case "told":
            yield FakeRecognizer([case.sound.text])
        case "embedded":
            yield embedded
        case _:
            # The simulated recogniser goes by loudness alone: the true one is not taken in by a room's even noise.
            threshold_dbfs = max(SpeechOptions().threshold_dbfs, case.noise_dbfs + OVER_NOISE_DB)
            script = {"script": {"sentences": [case.sound.text or "..."]}, "speech": {"threshold_dbfs": threshold_dbfs}}
            document = parse_config(msgspec.json.encode(script).decode(), delays="", faults="")
            async with await start(document) as simulators:
                url, key = simulators.settings["DEEPGRAM_BASE_URL"], simulators.settings["DEEPGRAM_API_KEY"]
                flux = DeepgramFlux(api_key=key, base_url=url, sample_rate=RATE)
                try:
                    yield flux
                finally:
                    await flux.aclose()


async def try_sound(case: Case, ears: SpeechToText, vad: VoiceActivity) -> Outcome:
    async with recogniser_of(case, ears) as recogniser:
        engines = Engines(
            vad=vad, recognisers=(recogniser,), models=(FakeModel(lambda _: REPLY),), voices=(FakeVoice(),)
        )
        settings = ConversationSettings(
            turn_detection=SemanticVad(eagerness="high"), recognizer_turns=recogniser.detects_turns
        )
        async with on_the_line(engines, settings) as caller:
            assert caller.runner is not None
            await caller.say(with_noise(np.zeros(RATE * LEAD_IN_MS // 1000), case.noise_dbfs))
            caller.runner.post(facts.ResponseCreate())
            await caller.say(with_noise(np.zeros(RATE * LEAD_IN_MS // 1000), case.noise_dbfs))
            began_ms = caller.runner.now_ms
            sound = at_level(case.sound.samples, case.level_dbfs, case.noise_dbfs)
            await caller.say(sound + with_noise(np.zeros(RATE * WATCH_MS // 1000), case.noise_dbfs))
            blank = Outcome(case.recogniser, case.sound.kind, case.sound.name, case.level_dbfs, False, None, None)
            return outcome(caller, began_ms, blank)


def outcome(caller: Caller, began_ms: float, blank: Outcome) -> Outcome:
    holds = [at for at, action in caller.told if isinstance(action, act.PausePlayback) and at >= began_ms]
    endings = [
        at for at, done in caller.told if isinstance(done, act.ResponseDone) and done.response.status == "cancelled"
    ]
    hold_ms = holds[0] - began_ms if holds else None
    if not endings:
        return msgspec.structs.replace(blank, hold_ms=hold_ms)
    plays_until_ms = 0.0
    for at, action in caller.told:
        if isinstance(action, act.OutputAudioDelta) and at <= endings[0]:
            plays_until_ms = max(at, plays_until_ms) + len(action.pcm) / BYTES_PER_MS
    return msgspec.structs.replace(blank, stopped=True, hold_ms=hold_ms, stop_ms=plays_until_ms - began_ms)


@asynccontextmanager
async def engines() -> AsyncIterator[tuple[SpeechToText, VoiceActivity]]:
    ears, vad = await PocketsphinxRecognizer.start(), SileroVoiceActivity()
    try:
        yield ears, vad
    finally:
        await ears.aclose()
        await vad.aclose()


async def measure(at_once: int, recognisers: Sequence[str], noise_dbfs: float) -> list[Outcome]:
    sounds = [*noises(), *await backchannels(), *recordings()]
    places = asyncio.Semaphore(at_once)

    async with engines() as (ears, vad):

        async def one(case: Case) -> Outcome:
            async with places:
                return await try_sound(case, ears, vad)

        cases = [
            Case(name, sound, level, noise_dbfs) for name in recognisers for sound in sounds for level in LEVELS_DBFS
        ]
        return await asyncio.gather(*map(one, cases))


def show(outcomes: Sequence[Outcome]) -> None:
    figures = ("recogniser", "sound", "level", "tried", "ended the reply", "hold p50", "stop p50", "p95")
    print("{:10} {:12} {:>6} {:>5} {:>15} {:>9} {:>9} {:>6}".format(*figures))
    for name in dict.fromkeys(case.recogniser for case in outcomes):
        for kind in ("speech", "backchannel", "noise"):
            for level in LEVELS_DBFS:
                alike = (name, kind, level)
                row(*alike, [case for case in outcomes if (case.recogniser, case.kind, case.level_dbfs) == alike])
    for name in dict.fromkeys(case.recogniser for case in outcomes):
        meaningless = [o for o in outcomes if o.recogniser == name and o.kind != "speech"]
        people = [o for o in outcomes if o.recogniser == name and o.kind == "speech"]
        false, missed = [o for o in meaningless if o.stopped], [o for o in people if not o.stopped]
        stops = [o.stop_ms for o in people if o.stop_ms is not None]
        print(
            f"\n{name}: false stops {len(false)} of {len(meaningless)} ({len(false) / len(meaningless):.1%}), "
            f"people not noticed {len(missed)} of {len(people)}, "
            f"stop p50 {statistics.median(stops):.0f} ms, p95 {sorted(stops)[int(0.95 * (len(stops) - 1))]:.0f} ms"
        )
        for wrong in (*false, *missed):
            print(f"   {wrong.kind} {wrong.name!r} at {wrong.level_dbfs:.0f} dBFS")


def row(name: str, kind: str, level: float, cases: Sequence[Outcome]) -> None:
    ended = sum(case.stopped for case in cases)
    holds = sorted(case.hold_ms for case in cases if case.hold_ms is not None)
    stops = sorted(case.stop_ms for case in cases if case.stop_ms is not None)
    hold = f"{statistics.median(holds):6.0f} ms" if holds else "        -"
    stop = f"{statistics.median(stops):6.0f} ms" if stops else "        -"
    worst = f"{stops[int(0.95 * (len(stops) - 1))]:6.0f}" if stops else "     -"
    print(f"{name:10} {kind:12} {level:6.0f} {len(cases):5} {ended:15} {hold} {stop} {worst}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--at-once", type=int, default=8, help="conversations side by side")
    parser.add_argument("--recognisers", nargs="+", default=RECOGNISERS, choices=RECOGNISERS)
    parser.add_argument("--noise-dbfs", type=float, default=-60.0, help="the noise of the caller's room and line")
    parser.add_argument("--json", type=result_file)
    wanted = parser.parse_args()
    under = conditions()
    print(under)
    outcomes = uvloop.run(measure(wanted.at_once, wanted.recognisers, wanted.noise_dbfs))
    show(outcomes)
    if wanted.json:
        result = {"conditions": msgspec.to_builtins(under), "outcomes": msgspec.to_builtins(outcomes)}
        wanted.json.write_bytes(msgspec.json.format(msgspec.json.encode(result)))


if __name__ == "__main__":
    main()
