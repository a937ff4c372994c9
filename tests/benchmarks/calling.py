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
    """``calls`` at once, each of ``turns`` utterances, beginning spread over ``spread_s``.

    Each is followed by another, ``rounds`` in all. ``brief``: see ``Caller``.
    """

    url: str
    key: str
    calls: int
    turns: int
    interrupt_every: int = 0
    spread_s: float = 0.0
    rounds: int = 1
    brief: bool = False


class Called(Struct):
    """``cpu_s``: what the callers themselves cost."""

    callers: list[CallerFigures]
    cpu_s: float


async def call(plan: Plan, start_after_s: float) -> list[CallerFigures]:
    """One call after the other."""
    figures: list[CallerFigures] = []
    for number in range(plan.rounds):
        caller = Caller(
            plan.url,
            plan.key,
            turns=plan.turns,
            interrupt_every=plan.interrupt_every,
            start_after_s=0.0 if number else start_after_s,
            brief=plan.brief,
        )
        figures.append(await caller.run())
    return figures


async def call_all(plan: Plan) -> list[CallerFigures]:
    speech_frames(UTTERANCE), onset_s(UTTERANCE), silence_frame()
    gc.freeze()
    starts = [plan.spread_s * number / plan.calls for number in range(plan.calls)]
    called = await asyncio.gather(*(call(plan, start_s) for start_s in starts))
    return [figures for calls in called for figures in calls]


def main() -> None:
    plan = msgspec.json.decode(sys.argv[1], type=Plan)
    figures = uvloop.run(call_all(plan))
    times = os.times()
    sys.stdout.buffer.write(msgspec.json.encode(Called(figures, times.user + times.system)))


if __name__ == "__main__":
    main()
