"""The callers' process: runs calls as its argument says and prints what they measured, both JSON.

Frames are made before the first call, so that the process has nothing to do but to send, receive and note the time.
"""

import asyncio
import gc
import os
import sys

import msgspec
import uvloop
from caller import UTTERANCE, Caller, CallerFigures, onset_s, silence_frame, speech_frames
from msgspec import Struct


class Plan(Struct, frozen=True):
    """``calls`` at once, each of ``turns`` utterances, beginning spread over ``spread_s``; ``rounds`` of them."""

    url: str
    key: str
    calls: int
    turns: int
    interrupt_every: int = 0
    spread_s: float = 0.0
    rounds: int = 1


class Called(Struct):
    """``cpu_s``: what the callers themselves cost."""

    callers: list[CallerFigures]
    cpu_s: float


async def call(plan: Plan) -> list[CallerFigures]:
    callers = [
        Caller(
            plan.url,
            plan.key,
            turns=plan.turns,
            interrupt_every=plan.interrupt_every,
            start_after_s=plan.spread_s * number / plan.calls,
        )
        for number in range(plan.calls)
    ]
    return list(await asyncio.gather(*(caller.run() for caller in callers)))


async def call_all(plan: Plan) -> list[CallerFigures]:
    speech_frames(UTTERANCE), onset_s(UTTERANCE), silence_frame()
    gc.freeze()
    figures: list[CallerFigures] = []
    for _ in range(plan.rounds):
        figures += await call(plan)
    return figures


def main() -> None:
    plan = msgspec.json.decode(sys.argv[1], type=Plan)
    figures = uvloop.run(call_all(plan))
    times = os.times()
    sys.stdout.buffer.write(msgspec.json.encode(Called(figures, times.user + times.system)))


if __name__ == "__main__":
    main()
