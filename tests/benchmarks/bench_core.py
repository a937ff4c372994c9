"""What the conversation core costs: a window of a silent line, a window of speech, and one whole spoken turn.

python tests/benchmarks/bench_core.py --json core.json
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from result_file import result_file

sys.path.insert(0, str(Path(__file__).parents[1] / "pipelines" / "conversation"))

from conditions import conditions
from fake_call import FakeCall

from pipelines.conversation import facts
from pipelines.conversation.core import ConversationCore
from pipelines.conversation.settings import ConversationSettings, SemanticVad

WINDOWS = 20_000
TURNS = 50
WINDOW_MS = 32.0
SETTINGS = ConversationSettings(turn_detection=SemanticVad(eagerness="high"), transcribe=True)


class Result(msgspec.Struct):
    case: str
    us: float
    repeats: int


def windows_us(probability: Callable[[int], float]) -> float:
    """Microseconds a window, ``wake_ms`` included: the runner asks it after every fact."""
    core = ConversationCore(SETTINGS, id_prefix="b")
    frames = [facts.VoiceWindow(probability(n), n * WINDOW_MS, n * WINDOW_MS, n * WINDOW_MS) for n in range(WINDOWS)]
    began = time.perf_counter()
    for frame in frames:
        core.step(frame, frame.end_ms)
        core.wake_ms()
    return (time.perf_counter() - began) / WINDOWS * 1e6


def turn_us() -> float:
    """Microseconds of core time in one turn: 2 s of speech, a pause, a reply of 27 words in 8 s of paced audio.

    The fake call around the core is not counted: only the time inside ``step`` and ``wake_ms`` is.
    """
    call = FakeCall(SETTINGS)
    spent = 0.0
    step, wake_ms = call.core.step, call.core.wake_ms

    def timed_step(fact: facts.Fact, now_ms: float) -> list[object]:
        nonlocal spent
        began = time.perf_counter()
        try:
            return step(fact, now_ms)  # type: ignore[return-value]
        finally:
            spent += time.perf_counter() - began

    def timed_wake_ms() -> float | None:
        nonlocal spent
        began = time.perf_counter()
        try:
            return wake_ms()
        finally:
            spent += time.perf_counter() - began

    call.core.step, call.core.wake_ms = timed_step, timed_wake_ms  # type: ignore[method-assign, assignment]
    for _ in range(TURNS):
        for n in range(62 + 14):
            call.window(0.95 if n < 62 else 0.02)
            for utterance in sorted(call.finishing):
                call.finishing.discard(utterance)
                call.send(facts.Transcribed(utterance, "what would that cost for twenty people?"))
        (model,) = call.models
        for _ in range(27):
            call.model_text(model)
        call.model_finishes(model)
        (voice,) = call.voices
        call.voice_finishes(voice)
        call.advance(9000.0)
    return spent / TURNS * 1e6


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--json", type=result_file)
    given = arguments.parse_args()
    results = [
        Result("window of a silent line", min(windows_us(lambda _: 0.0) for _ in range(5)), WINDOWS),
        Result("window of a noisy line", min(windows_us(lambda n: 0.2 + 0.1 * (n % 3)) for _ in range(5)), WINDOWS),
        Result("window of speech", min(windows_us(lambda n: 0.9) for _ in range(5)), WINDOWS),
        Result("spoken turn with its reply", min(turn_us() for _ in range(3)), TURNS),
    ]
    print(conditions())
    print(f"{'case':30}{'us':>10}")
    for result in results:
        print(f"{result.case:30}{result.us:10.2f}")
    if given.json:
        given.json.write_bytes(msgspec.json.format(msgspec.json.encode(results)))


if __name__ == "__main__":
    main()
