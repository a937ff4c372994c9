"""Events of a run that wait to be written: all at once, in order, and no more than the buffer keeps."""

import asyncio

from agent_server.agents.waiting_events import WaitingEvents
from pipelines.agents.events import AgentEvent


def event(number: int) -> AgentEvent:
    return AgentEvent("token", {"text": str(number)})


async def test_what_came_together_is_taken_together() -> None:
    waiting = WaitingEvents()
    assert not waiting
    for number in range(3):
        waiting.put(event(number))
    await asyncio.wait_for(waiting.wait(), 1)
    assert waiting.take() == [event(0), event(1), event(2)]
    assert not waiting
    assert waiting.take() == []


async def test_at_the_bound_the_oldest_go_and_are_counted() -> None:
    waiting = WaitingEvents(most=2)
    for number in range(5):
        waiting.put(event(number))
    assert waiting.dropped == 3
    assert waiting.take() == [event(3), event(4)]


async def test_who_waits_is_woken_by_the_next_and_not_by_one_that_was_taken() -> None:
    waiting = WaitingEvents()
    waiting.put(event(0))
    waiting.take()
    task = asyncio.create_task(waiting.wait())
    await asyncio.sleep(0)
    assert not task.done()
    waiting.put(event(1))
    await asyncio.wait_for(task, 1)
