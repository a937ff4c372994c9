"""Lets messages of campaigns go out, each in its turn: into the outbox, from where they are entered at the CRM.

Any number of processes may do so: they release one after the other, in one transaction with what they release.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from agent_server.background.working_when_told import LONGEST_S, working_when_told
from agent_server.campaigns.pacing import Ask, Later, Never, Pace, decide, next_turn
from agent_server.campaigns.terms import Terms
from agent_server.campaigns.writing import CHANNEL
from agent_server.telephony.outbound.place import told_zone, zones_of_number
from storage.campaigns.release import (
    Candidate,
    SendingCampaign,
    candidates,
    end_message,
    hold_message,
    lock_release,
    put_off,
    release,
    sending_campaigns,
)
from storage.campaigns.sending import CampaignSending
from storage.erasure.digests import ErasedPeople, Named
from storage.postgres.database import Transaction

Zones = Mapping[str, tuple[ZoneInfo, ...]]

_LOOKED_AT: Final = 50
"""Messages of one campaign in one transaction."""


class CampaignRelease:
    """One for each worker. ``terms`` None: nothing may go out, and nothing does."""

    def __init__(
        self,
        kept: CampaignSending,
        terms: Terms | None,
        pace: Pace,
        now: Callable[[], datetime],
        *,
        erased: ErasedPeople | None,
        platform: str,
    ) -> None:
        """``erased``: who was erased, and is not written to should somebody enter them anew."""
        self._kept = kept
        self._erased = erased
        self._terms = terms
        self._pace = pace
        self._platform = platform
        self._now = now

    async def run(self) -> None:
        """Until cancelled."""
        if self._terms is None:
            await asyncio.Event().wait()
        await working_when_told(self._kept.database.line, CHANNEL, self._work, name="campaigns cannot be sent")

    async def _work(self) -> float:
        """Release what may go out; returns after how many seconds to look again."""
        while (at := await self.release_next()) is not None and at <= self._now():
            pass
        due_at = await self._kept.next_due(after=self._now())
        moments = [moment for moment in (at, due_at) if moment is not None]
        return min([LONGEST_S, *(max(0.0, (moment - self._now()).total_seconds()) for moment in moments)])

    async def release_next(self) -> datetime | None:
        """At most one message. When to look again; None: when there is news."""
        if not await self._kept.has_due(now=self._now()):
            return None
        zones = await self._zones_of_due()  # before the lock: it may wait for what is being imported
        async with self._kept.database.transaction() as transaction:
            last = await lock_release(transaction)
            now = self._now()
            turns: list[datetime] = []
            for campaign in await sending_campaigns(transaction):
                turn = next_turn(campaign, last, self._pace)
                if turn is not None and turn > now:
                    turns.append(turn)
                elif await self._release_one(transaction, campaign, zones, now):
                    return now
        return min(turns, default=None)

    async def _zones_of_due(self) -> Zones:
        """By number, of those whose turn has come."""
        numbers = await self._kept.numbers_of_due(now=self._now(), rows=_LOOKED_AT)
        return {number: await zones_of_number(number) for number in numbers}

    async def _release_one(
        self, transaction: Transaction, campaign: SendingCampaign, zones: Zones, now: datetime
    ) -> bool:
        """Whether to look again at once: one went out, or there may be more to look at."""
        found = await candidates(transaction, campaign.id, now=now, rows=_LOOKED_AT)
        addresses: list[tuple[Named, str]] = [
            ("email", message.contact_email) for message in found if message.contact_email
        ]
        gone = await self._erased.among(addresses, transaction) if self._erased is not None else {}
        for message in found:
            where = _zones(message, zones)
            if where is None:
                return True
            is_gone = ("email", message.contact_email) in gone
            match Never("erased") if is_gone else decide(message, where, self._pace, now):
                case Later(at):
                    await put_off(transaction, message.id, at)
                case Ask():
                    await hold_message(transaction, message.id, now=now)
                case Never(reason):
                    await end_message(transaction, message.id, reason, now=now)
                case _:
                    await self._release(transaction, campaign, message, now)
                    return True
        return len(found) == _LOOKED_AT

    async def _release(
        self, transaction: Transaction, campaign: SendingCampaign, message: Candidate, now: datetime
    ) -> None:
        assert self._terms is not None, "as run looks"
        token = self._terms.links.token(message.id, message.contact_email or "")
        payload = {
            "mark": token,
            "footer": self._terms.footer(token, message.company, below=message.body or ""),
            "sender": self._terms.sender if campaign.send else "",
        }
        await release(transaction, message, self._platform, payload, now=now)


def _zones(message: Candidate, known: Zones) -> tuple[ZoneInfo, ...] | None:
    """None: they are to be looked up first."""
    told = told_zone(message.time_zone)
    if told or message.contact_phone is None:
        return told
    return known.get(message.contact_phone)
