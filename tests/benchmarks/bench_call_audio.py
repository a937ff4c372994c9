"""What recording a call costs the event loop: a frame of the caller's, a reply's audio, the writing of a second.

The frame is also given to a whole conversation (real runner, engines that do nothing), with and without a recorder.

python tests/benchmarks/bench_call_audio.py --json call_audio.json
"""

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

import msgspec
from result_file import result_file

sys.path.insert(0, str(Path(__file__).parents[1] / "live"))

from conditions import conditions
from scripted_engines import scripted_engines
from speech_call import Caller

from agent_server.call_audio.spool_files import SpoolFile
from pipelines.call_audio.port import Head
from pipelines.call_audio.recorder import CallRecorder
from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.core import ConversationCore
from pipelines.conversation.rim.runner import ConversationRunner
from pipelines.conversation.settings import ConversationSettings

FRAMES = 20_000
A_SECOND = 50
FRAME = bytes(960)
ROUNDS = 5


class Result(msgspec.Struct):
    case: str
    us: float


def recorder() -> CallRecorder:
    return CallRecorder(Head("rec_1", "conv_1", 0.0), announced=False, changed=lambda _: None)


def frame_us() -> float:
    """Of the recorder alone; what it keeps is taken from it each second."""
    ear, began = recorder(), time.perf_counter()
    for number in range(FRAMES):
        ear.hear(FRAME, number * 20.0)
        if number % A_SECOND == 0:
            ear.bytes = 0
            ear.take()
    return (time.perf_counter() - began) / FRAMES * 1e6


def reply_us() -> float:
    """A piece of 80 ms of a reply, as an observer sees it go out."""
    ear, piece = recorder(), bytes(80 * 48)
    actions = [act.OutputAudioDelta("resp_1", "item_1", 0, piece)]
    began = time.perf_counter()
    for number in range(FRAMES // 4):
        ear.saw(facts.Tick(), actions, number * 80.0)
        if number % 12 == 0:
            ear.bytes = 0
            ear.take()
    return (time.perf_counter() - began) / (FRAMES // 4) * 1e6


def write_us() -> float:
    """In a thread, beside the loop: a second of the caller's audio to the spool."""
    with tempfile.TemporaryDirectory() as directory:
        spool, ear, spent = SpoolFile(Path(directory) / "a.spool", Head("rec_1", "conv_1", 0.0)), recorder(), 0.0
        for second in range(100):
            for number in range(A_SECOND):
                ear.hear(FRAME, second * 1000.0 + number * 20.0)
            kept, began = ear.take(), time.perf_counter()
            spool.write(kept)
            spent += time.perf_counter() - began
        spool.close()
    return spent / 100 * 1e6


async def conversation_us(*, recorded: bool) -> float:
    """A frame of a silent line, through a conversation's runner."""
    ear, caller = recorder(), Caller()
    runner = ConversationRunner(
        "conv_1",
        ConversationCore(ConversationSettings(turn_detection=None), id_prefix="b"),
        scripted_engines(),
        client=caller,
        memory=caller,
        observers=(ear,) if recorded else (),
        ear=ear.hear if recorded else None,
    )
    async with runner:
        await asyncio.sleep(0.1)
        spent = 0.0
        for _ in range(FRAMES // 1000):
            began = time.perf_counter()
            for _ in range(1000):
                runner.receive_audio(FRAME)
            spent += time.perf_counter() - began
            ear.bytes = 0
            ear.take()
            runner.clear_audio(None)
            await asyncio.sleep(0)
    return spent / FRAMES * 1e6


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--json", type=result_file)
    given = arguments.parse_args()
    rounds = [[asyncio.run(conversation_us(recorded=recorded)) for recorded in (False, True)] for _ in range(ROUNDS)]
    without, recorded = (min(us) for us in zip(*rounds, strict=True))  # in turns: a machine is not always as busy
    results = [
        Result("frame of 20 ms, recorder alone", min(frame_us() for _ in range(ROUNDS))),
        Result("frame through a conversation, not recorded", without),
        Result("frame through a conversation, recorded", recorded),
        Result("80 ms of a reply", min(reply_us() for _ in range(ROUNDS))),
        Result("a second written, in a thread", min(write_us() for _ in range(3))),
    ]
    print(conditions())
    for result in results:
        print(f"{result.case:46}{result.us:10.2f} us")
    if given.json:
        given.json.write_bytes(msgspec.json.format(msgspec.json.encode(results)))


if __name__ == "__main__":
    main()
