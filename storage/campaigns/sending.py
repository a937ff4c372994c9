"""The sending of campaigns: whether it is on, whose turn comes next, and what came of it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from storage.campaigns.mails import EnteredMail, Sending
from storage.campaigns.results import DayResults, VariantResults, add_result, suppress
from storage.crm.outbox import tell_unsubscription
from storage.errors import StorageError
from storage.postgres.database import Database
from storage.postgres.named_query import load_queries

_MOVES: dict[Sending, tuple[Sending, ...]] = {
    "on": ("off", "paused", "on"),
    "paused": ("on", "paused"),
    "stopped": ("off", "on", "paused", "stopped"),
}
_SQL = load_queries("storage.queries", "campaign_sending.sql")


class CampaignSending(Struct, frozen=True):
    """The repository. Every method raises StorageError."""

    database: Database

    async def move(self, campaign_id: UUID, sending: Sending, *, now: datetime) -> bool:
        """False: there is no such campaign. Raises ``campaign_state`` where it cannot be done as it is."""
        async with self.database.transaction() as transaction:
            before = await transaction.fetch_value(_SQL["campaign_lock_sending"], id=campaign_id)
            if before is None:
                return False
            if before not in _MOVES[sending]:
                raise StorageError("campaign_state", f"Its sending is {before}, and cannot become {sending}.")
            await transaction.execute(_SQL["campaign_set_sending"], id=campaign_id, sending=sending, now=now)
        return True

    async def has_due(self, *, now: datetime) -> bool:
        """Whether anybody's turn has come, the pace left aside."""
        return bool(await self.database.fetch_value(_SQL["campaigns_has_due"], now=now))

    async def numbers_of_due(self, *, now: datetime, rows: int) -> tuple[str, ...]:
        """Telephone numbers of those whose turn has come, up to ``rows`` messages of each campaign."""
        found = await self.database.fetch_all(_SQL["campaigns_numbers_of_due"], now=now, rows=rows)
        return tuple(row["contact_phone"] for row in found)

    async def company_of(self, message_id: UUID) -> str | None:
        """The one a message names; None: none, or the message is gone."""
        found = await self.database.fetch_value(_SQL["campaign_message_company"], id=message_id)
        return str(found) if found else None

    async def next_due(self, *, after: datetime) -> datetime | None:
        """When the next message's turn comes, of those whose turn has not come at ``after``."""
        found = await self.database.fetch_value(_SQL["campaigns_next_due"], now=after)
        return found if isinstance(found, datetime) else None

    async def of_parent(self, platform: str, parent: str, *, after: datetime) -> tuple[EnteredMail, ...]:
        """Messages entered since ``after`` with this record over there."""
        rows = await self.database.fetch_all(_SQL["mails_of_parent"], platform=platform, parent=parent, after=after)
        return tuple(EnteredMail(**row) for row in rows)

    async def by_day(self, campaign_id: UUID) -> tuple[DayResults, ...]:
        rows = await self.database.fetch_all(_SQL["results_by_day"], id=campaign_id)
        return tuple(DayResults(**(dict(row) | {"day": row["day"].isoformat()})) for row in rows)

    async def by_variant(self, campaign_id: UUID) -> tuple[VariantResults, ...]:
        rows = await self.database.fetch_all(_SQL["results_by_variant"], id=campaign_id)
        return tuple(VariantResults(**row) for row in rows)

    async def suppressed(self, emails: Sequence[str]) -> frozenset[str]:
        """Those that unsubscribed, bounced or were erased."""
        rows = await self.database.fetch_all(_SQL["suppressed_addresses"], emails=list(emails))
        return frozenset(row["email"] for row in rows)

    async def unsubscribe(self, message_id: UUID, address_hash: bytes, platform: str, *, now: datetime) -> None:
        """No message of a campaign goes to this address any more, which is told there. The message may be gone."""
        async with self.database.transaction() as transaction:
            await suppress(transaction, address_hash, "unsubscribed", now=now)
            await tell_unsubscription(transaction, platform, address_hash, now=now)
            row = await transaction.fetch_one(_SQL["message_of_id"], id=message_id)
            if row is not None:
                await add_result(transaction, row["campaign_id"], row["lead_id"], "unsubscribed", at=now)
