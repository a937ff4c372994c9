"""What somebody does who is called, whoever carries the call."""

import asyncio

from simulators.telephone.handset import FRAME_MS
from simulators.telephone.person import UNANSWERED, Behaviour
from simulators.telephone.script import ScriptedCaller
from simulators.telephone.streamed_call import StreamedCall

NO_ANSWER_RINGS = 5
"""As long as others who answer ring."""


async def rings_out(does: Behaviour, ring_s: float, given_up: asyncio.Event) -> str | None:
    """How the call ends without an answer: "busy", "no-answer", "canceled" when the caller gave up. None: somebody
    answers."""
    rings = NO_ANSWER_RINGS if does == "no_answer" else 1
    try:
        async with asyncio.timeout(ring_s * rings):
            await given_up.wait()
    except TimeoutError:
        return UNANSWERED.get(does)
    return "canceled"


async def hear_out(call: StreamedCall) -> None:
    """Hangs up once the agent has said all it wants to."""
    person, clock = ScriptedCaller([]), asyncio.get_running_loop().time
    while True:
        if call.streaming.is_set() and person.look(call.handset, clock() * 1000):
            return call.hang_up()
        await asyncio.sleep(FRAME_MS / 1000)
