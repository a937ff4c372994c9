"""Writes the messages of campaigns, a few at a time, here or at another process."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from agent_server.background.working_when_told import LONGEST_S, working_when_told
from pipelines.agents.errors import AgentError
from pipelines.agents.marketing.agent import MAX_EARLIER_CHARS
from pipelines.agents.service import Agents
from storage.campaigns.campaigns import Campaigns
from storage.campaigns.messages import LEASE_S, CampaignMessages, SkipReason, ToWrite
from storage.campaigns.sending import CampaignSending
from storage.errors import StorageError
from storage.leads.leads import Leads
from storage.leads.records import LeadRecord
from storage.postgres.database import Database

log = logging.getLogger(__name__)

CHANNEL: Final = "campaigns"
"""As the triggers of migration 0018_campaigns name it."""
AT_ONCE: Final = 3
"""Of a process: calls go before, and providers have limits."""

MOST_ATTEMPTS: Final = 3
AGAIN_S: Final = 10.0
WRITE_S: Final = LEASE_S - 15.0
_SOONEST_S: Final = 0.2
REFUSED: Final = frozenset({"false", "no", "0", "denied", "withdrawn"})
"""Values of `custom.consent` by which somebody agrees to nothing."""


def left_out(lead: LeadRecord) -> SkipReason | None:
    """Why somebody is written no message, as far as the lead tells; None: they may be."""
    if lead.opted_out_at is not None:
        return "opted_out"
    if str(lead.custom.get("consent", "")).strip().lower() in REFUSED:
        return "no_consent"
    if lead.status == "not_interested":
        return "not_interested"
    return None if lead.contact_email else "no_email"


def subject_of(output: dict[str, Any], variant: int) -> str:
    """The agent's choice, or of the others it thought of the one at that place; the choice where there are fewer."""
    chosen = str(output["email"]["subject"])
    others = [subject for subject in output.get("subjects") or () if subject != chosen]
    return str([chosen, *others][variant]) if variant <= len(others) else chosen


class _Busy(Exception):  # noqa: N818 - names the fact
    """The agents of this process have too much to do: nothing was tried."""


class CampaignWork:
    """``kept`` is where campaigns are, ``messages`` their messages, ``sending`` what becomes of those."""

    def __init__(
        self, database: Database, leads: Leads, agents: Callable[[], Agents], now: Callable[[], datetime]
    ) -> None:
        self.kept = Campaigns(database)
        self.messages = CampaignMessages(database)
        self.sending = CampaignSending(database)
        self._database = database
        self._leads = leads
        self._agents = agents
        self._now = now
        self._wanted = asyncio.Event()
        self._claiming = asyncio.Lock()

    async def why_left_out(self, leads: Sequence[LeadRecord]) -> Sequence[SkipReason | None]:
        """For each; None: they may be written to. Raises StorageError."""
        addresses = [lead.contact_email for lead in leads if lead.contact_email]
        suppressed = await self.sending.suppressed(addresses)
        return [left_out(lead) or ("suppressed" if lead.contact_email in suppressed else None) for lead in leads]

    def wake(self) -> None:
        """There is something to write."""
        self._wanted.set()

    async def keep(self) -> None:
        await working_when_told(
            self._database.line, CHANNEL, self._work, name="campaigns cannot be written", wanted=self._wanted
        )

    async def _work(self) -> float:
        """Write what there is to write; returns after how many seconds to look again."""
        await self.kept.settle(now=self._now())
        failures: list[BaseException] = []
        try:
            if (first := await self._next()) is not None:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._write_all(first))
                    for _ in range(AT_ONCE - 1):
                        group.create_task(self._write_all(await self._next()))
        except* StorageError as errors:
            failures += errors.exceptions
        if failures:
            raise failures[0]
        ends_at = await self.messages.next_lease_end()
        left_s = (ends_at - self._now()).total_seconds() if ends_at is not None else LONGEST_S
        return min(LONGEST_S, max(_SOONEST_S, left_s))

    async def _write_all(self, message: ToWrite | None) -> None:
        """This one and on, until there is nothing to write, or the agents here are busy. After each the budget is
        looked at."""
        while message is not None:
            try:
                await self._write(message)
            except _Busy:
                await self._back(message, AGAIN_S)
                return
            await self.kept.settle(now=self._now())
            message = await self._next()

    async def _next(self) -> ToWrite | None:
        async with self._claiming:  # a preview is to have as many as it was asked for
            return await self.messages.claim()

    async def _write(self, message: ToWrite) -> None:
        if message.attempts > MOST_ATTEMPTS:
            await self._failed(message, "process_died", 0.0)
            return
        lead = await self._leads.get(message.lead_id)
        (reason,) = await self.why_left_out([lead]) if lead is not None else ("no_email",)
        if reason is not None:
            await self.messages.not_written(message, status="skipped", reason=reason, now=self._now())
            return
        try:
            async with asyncio.timeout(WRITE_S):
                about = {
                    "lead_id": str(message.lead_id),
                    "goal": message.goal,
                    "follow_up": message.step,
                    "earlier": [body[:MAX_EARLIER_CHARS] for body in message.earlier],
                    "agent": message.agent,
                    # A follow-up goes out under the first message's subject.
                    "only": ["email"] if message.step else ["email", "subjects"],
                }
                reply = await self._agents().invoke("marketing", about)
        except asyncio.CancelledError:
            # This process stops; another goes on at once.
            await asyncio.shield(self._back(message, 0.0))
            raise
        except TimeoutError:
            await self._failed(message, "agent_timeout", 0.0)
            return
        except AgentError as error:
            if error.code == "agents_busy":
                raise _Busy from error
            await self._failed(message, error.code, 0.0)
            return
        except StorageError:
            raise
        except Exception:
            log.exception("a message of a campaign cannot be written")
            await self._failed(message, "agent_failed", 0.0)
            return
        output: dict[str, Any] = reply.output or {}
        email: dict[str, Any] = output.get("email") or {}
        if reply.status != "completed" or not email:
            await self._failed(message, reply.error.code if reply.error else "agent_failed", reply.cost_usd)
            return
        sender = output["sender"]
        if message.agent is not None and sender["agent"] != message.agent:
            log.warning("there is no agent '%s' any more: '%s' writes in its place", message.agent, sender["agent"])
        await self.messages.written(
            message,
            subject=subject_of(output, message.variant),
            body=email["body"],
            agent=sender["agent"],
            company=sender["company"],
            engine=reply.engine,
            execution_id=reply.execution_id,
            cost_usd=reply.cost_usd,
            now=self._now(),
        )

    async def _failed(self, message: ToWrite, code: str, cost_usd: float) -> None:
        is_over = message.attempts >= MOST_ATTEMPTS
        await self.messages.not_written(
            message,
            status="failed" if is_over else None,
            reason=code,
            cost_usd=cost_usd,
            again_s=AGAIN_S,
            now=self._now(),
        )

    async def _back(self, message: ToWrite, again_s: float) -> None:
        """As if it had not been begun."""
        try:
            await self.messages.give_back(message, again_s=again_s, now=self._now())
        except StorageError as error:
            log.warning("a message waits for the end of its time: %s", error.code)
