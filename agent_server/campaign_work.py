"""Writes the messages of campaigns, a few at a time, here or at another process."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from pipelines.agents.errors import AgentError
from pipelines.agents.service import Agents
from storage.campaigns import LEASE_S, Campaigns, SkipReason, ToWrite
from storage.errors import StorageError
from storage.lead_records import LeadRecord
from storage.leads import Leads

log = logging.getLogger(__name__)

EVERY_S: Final = 3.0
AT_ONCE: Final = 3
"""Of a process: calls go before, and providers have limits."""

MOST_ATTEMPTS: Final = 3
AGAIN_S: Final = 10.0
WRITE_S: Final = LEASE_S - 15.0
_REFUSED: Final = frozenset({"false", "no", "0", "denied", "withdrawn"})


def left_out(lead: LeadRecord) -> SkipReason | None:
    """Why somebody is written no message; None: they may be."""
    if lead.opted_out_at is not None:
        return "opted_out"
    if str(lead.custom.get("consent", "")).strip().lower() in _REFUSED:
        return "no_consent"
    if lead.status == "not_interested":
        return "not_interested"
    return None if lead.contact_email else "no_email"


class CampaignWork:
    """``kept`` is where campaigns are."""

    def __init__(
        self, kept: Campaigns, leads: Leads, agents: Callable[[], Agents], now: Callable[[], datetime]
    ) -> None:
        self.kept = kept
        self._leads = leads
        self._agents = agents
        self._now = now
        self._wanted = asyncio.Event()
        self._claiming = asyncio.Lock()

    def wake(self) -> None:
        """There is something to write."""
        self._wanted.set()

    async def keep(self) -> None:
        while True:
            self._wanted.clear()
            try:
                await self.kept.settle(now=self._now())
                if (first := await self._next()) is not None:
                    async with asyncio.TaskGroup() as group:
                        group.create_task(self._write_all(first))
                        for _ in range(AT_ONCE - 1):
                            group.create_task(self._write_all(await self._next()))
            except* StorageError as errors:
                log.warning("campaigns cannot be worked on now: %s", errors.exceptions[0])
            try:
                async with asyncio.timeout(EVERY_S):
                    await self._wanted.wait()
            except TimeoutError:
                pass

    async def _write_all(self, message: ToWrite | None) -> None:
        """This one and on, until there is nothing to write. After each the budget is looked at."""
        while message is not None:
            await self._write(message)
            await self.kept.settle(now=self._now())
            message = await self._next()

    async def _next(self) -> ToWrite | None:
        async with self._claiming:  # a preview is to have as many as it was asked for
            return await self.kept.claim()

    async def _write(self, message: ToWrite) -> None:
        if message.attempts > MOST_ATTEMPTS:
            await self._failed(message, "process_died", 0.0)
            return
        lead = await self._leads.get(message.lead_id)
        reason = left_out(lead) if lead is not None else "no_email"
        if reason is not None:
            await self.kept.not_written(message, status="skipped", reason=reason, now=self._now())
            return
        try:
            async with asyncio.timeout(WRITE_S):
                reply = await self._agents().invoke(
                    "marketing", {"lead_id": str(message.lead_id), "goal": message.goal}
                )
        except asyncio.CancelledError:
            # This process stops; another goes on at once.
            await asyncio.shield(self._again(message, 0.0))
            raise
        except TimeoutError:
            await self._failed(message, "agent_timeout", 0.0)
            return
        except AgentError as error:
            await self._failed(message, error.code, 0.0)
            return
        except StorageError:
            raise
        except Exception:
            log.exception("a message of a campaign cannot be written")
            await self._failed(message, "agent_failed", 0.0)
            return
        email: dict[str, Any] = (reply.output or {}).get("email") or {}
        if reply.status != "completed" or not email:
            await self._failed(message, reply.error.code if reply.error else "agent_failed", reply.cost_usd)
            return
        await self.kept.written(
            message,
            subject=email["subject"],
            body=email["body"],
            engine=reply.engine,
            execution_id=reply.execution_id,
            cost_usd=reply.cost_usd,
            now=self._now(),
        )

    async def _failed(self, message: ToWrite, code: str, cost_usd: float) -> None:
        is_over = message.attempts >= MOST_ATTEMPTS
        await self.kept.not_written(
            message,
            status="failed" if is_over else None,
            reason=code,
            cost_usd=cost_usd,
            again_s=AGAIN_S,
            now=self._now(),
        )

    async def _again(self, message: ToWrite, again_s: float) -> None:
        try:
            await self.kept.not_written(message, status=None, reason=None, again_s=again_s, now=self._now())
        except StorageError as error:
            log.warning("a message waits for the end of its time: %s", error.code)
