"""A spoken wish for no more calls is on the disk before the call ends, whatever the model makes of it.

A database that is away for longer ends the call, not the wish: the process has it written down once the database is
back.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from storage.calls.do_not_call import opt_out_lead, suppress_conversation
from storage.errors import StorageError
from storage.log.conversation_log import ConversationLog
from storage.postgres.database import Database

log = logging.getLogger(__name__)

DEADLINE_S = 30.0
"""The line stays open as long: a database that fails over is back by then."""

STOP_S = 5.0
FLUSH_S = 5.0
AGAIN_S = 0.5

NEVER_WRITTEN = "%s: the caller wants no more calls, and it was not written down (%s): put them on the list by hand"


class Wishes:
    """Of one process. No more can wait than there are calls: without a database no new one is taken."""

    def __init__(self, database: Database, conversation_log: ConversationLog, utc_now: Callable[[], datetime]) -> None:
        self._database = database
        self._log = conversation_log
        self._utc_now = utc_now
        self._keeping: set[asyncio.Task[None]] = set()

    def of(self, conversation_id: str, lead_id: UUID | None) -> "CallersWish":
        """``lead_id``: who is on the line; then no number of theirs is called again."""
        return CallersWish(self, conversation_id, lead_id)

    def keep(self, conversation_id: str, lead_id: UUID | None) -> asyncio.Task[None]:
        """It belongs to the process from now on."""
        task = asyncio.create_task(self._keep(conversation_id, lead_id), name=f"{conversation_id} do not call")
        self._keeping.add(task)
        task.add_done_callback(self._keeping.discard)
        return task

    async def aclose(self) -> None:
        """What is not written down by the end is said: a person can do it by hand."""
        if not self._keeping:
            return
        _, left = await asyncio.wait(self._keeping, timeout=STOP_S)
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)

    async def _keep(self, conversation_id: str, lead_id: UUID | None) -> None:
        late = False
        try:
            while (code := await self._tried(conversation_id, lead_id)) is not None:
                if not late:
                    log.error("%s: the caller wants no more calls; not written down yet: %s", conversation_id, code)
                late = True
                await asyncio.sleep(AGAIN_S)
        except asyncio.CancelledError:
            log.error(NEVER_WRITTEN, conversation_id, "the process ends")
            raise
        except Exception as error:  # a mistake of ours
            log.error(NEVER_WRITTEN, conversation_id, type(error).__name__)
        else:
            if late:
                log.warning("%s: that the caller wants no more calls is written down", conversation_id)

    async def _tried(self, conversation_id: str, lead_id: UUID | None) -> str | None:
        """What is in the way, as a code; None: it is done."""
        # An incoming call's number is in its conversation's row, which is written behind.
        is_there = await self._log.flush(conversation_id, FLUSH_S)
        now = self._utc_now()
        try:
            async with self._database.transaction() as transaction:
                # The lead first, as every opt-out: the tool of the conversation may be at it at the same time.
                await opt_out_lead(transaction, conversation_id, lead_id, now=now)
                await suppress_conversation(transaction, conversation_id, lead_id, now=now)
        except StorageError as error:
            return error.code
        return None if is_there else "conversation_not_written"


class CallersWish:
    """Of one call."""

    def __init__(self, wishes: Wishes, conversation_id: str, lead_id: UUID | None) -> None:
        self._wishes = wishes
        self._id = conversation_id
        self._lead_id = lead_id
        self._keeping: asyncio.Task[None] | None = None

    def wants_no_calls(self) -> None:
        if self._keeping is None:
            self._keeping = self._wishes.keep(self._id, self._lead_id)

    async def kept(self) -> None:
        """Wait until what was wished is written down, if anything was, but no longer than a caller should."""
        if self._keeping is not None:
            await asyncio.wait([self._keeping], timeout=DEADLINE_S)
