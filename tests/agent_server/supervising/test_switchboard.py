"""What one process asks of another beside a conversation."""

import asyncio
from types import SimpleNamespace
from typing import Any

from agent_server.stores.shared_redis import SharedRedis
from agent_server.supervising.commands import Hold, Outcome, Standing
from agent_server.supervising.switchboard import MOST_ANSWERS, Switchboard
from storage.postgres.database import Database
from storage.shared.event_buffer import EventBuffer

OUTCOME = Outcome(standing=Standing(channel="phone", speaking="nobody", operator="Maria", whispers_go_to="model"))


def switchboard(database: Database) -> Switchboard:
    buffer = EventBuffer(SharedRedis(None), "test")
    return Switchboard(database, buffer, buffer, lambda *_: None)


async def test_nothing_is_asked_of_another_process_before_its_answer_can_be_heard(database: Database) -> None:
    asked: list[Any] = []

    def do(command: Any) -> Outcome:
        asked.append(command)
        return OUTCOME

    here, there = switchboard(database), switchboard(database)
    there._desks["conv_1"] = SimpleNamespace(do=do)  # type: ignore[assignment]
    keeping = [asyncio.create_task(there.keep())]
    await there.began()
    asking = asyncio.create_task(here.ask_elsewhere("conv_1", Hold("lease")))
    await asyncio.sleep(0)
    assert not asked
    keeping.append(asyncio.create_task(here.keep()))
    assert await asking == OUTCOME
    assert asked == [Hold("lease")]
    for task in keeping:
        task.cancel()
    await asyncio.wait(keeping)


async def test_conversations_that_are_followed_leave_room_for_answers(database: Database) -> None:
    here, there = switchboard(database), switchboard(database)
    there._desks["conv_1"] = SimpleNamespace(do=lambda _: OUTCOME)  # type: ignore[assignment]
    streams = [asyncio.create_task(asyncio.sleep(3600)) for _ in range(MOST_ANSWERS)]
    for stream in streams:
        there._own(stream)
    keeping = [asyncio.create_task(each.keep()) for each in (here, there)]
    for each in (here, there):
        await each.began()
    assert await here.ask_elsewhere("conv_1", Hold("lease")) == OUTCOME
    assert await here.is_held("conv_1")
    for task in (*keeping, *streams):
        task.cancel()
    await asyncio.wait([*keeping, *streams])
