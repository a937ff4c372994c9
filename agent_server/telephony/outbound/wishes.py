"""A spoken wish for no more calls is on the disk before the call ends, whatever the model makes of it."""

import asyncio
import logging
from uuid import UUID

from agent_server.services import Services
from storage.calls.do_not_call import opt_out_lead, suppress_conversation
from storage.errors import StorageError

log = logging.getLogger(__name__)

DEADLINE_S = 30.0
"""The line stays open as long: a database that fails over is back by then."""

FLUSH_S = 5.0
AGAIN_S = 0.5


class Wishes:
    """Of one call. ``lead_id``: who is on the line; then no number of theirs is called again."""

    def __init__(self, services: Services, conversation_id: str, lead_id: UUID | None) -> None:
        self._services = services
        self._id = conversation_id
        self._lead_id = lead_id
        self._task: asyncio.Task[None] | None = None

    def wants_no_calls(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._keep(), name=f"{self._id} do not call")

    async def kept(self) -> None:
        """Wait until what was wished is written down, if anything was."""
        if self._task is None:
            return
        done, _ = await asyncio.wait([self._task], timeout=DEADLINE_S)
        if not done:
            log.error("a wish for no more calls could not be written down in time")
            self._task.cancel()
        elif (mistake := self._task.exception()) is not None:
            log.error("a wish for no more calls could not be written down: %s", type(mistake).__name__)

    async def _keep(self) -> None:
        """Tried for as long as somebody waits for it."""
        services = self._services
        while True:
            # An incoming call's number is in its conversation's row, which is written behind.
            is_there = await services.conversation_log.flush(self._id, FLUSH_S)
            try:
                async with services.database.transaction() as transaction:
                    # The lead first, as every opt-out: the tool of the conversation may be at it at the same time.
                    await opt_out_lead(transaction, self._id, self._lead_id, now=services.utc_now())
                    await suppress_conversation(transaction, self._id, self._lead_id, now=services.utc_now())
                if is_there:
                    return
            except StorageError as error:
                log.error("a wish for no more calls could not be written down: %s", error.code)
            await asyncio.sleep(AGAIN_S)
