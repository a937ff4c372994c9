"""Close as a provider: contacts both ways, deals, the event log as change feed, calls and notes, mail."""

import msgspec

from crm.client import BACKGROUND, ApiClient, CallOptions
from crm.close import contacts, me, pages, reference_field
from crm.close.api import CloseApi
from crm.close.provided.activities import CloseActivities
from crm.close.provided.change_feed import CloseChanges
from crm.close.provided.creations import CloseCreations
from crm.close.provided.deals import CloseDeals
from crm.close.provided.mail import CloseMail
from crm.close.provided.subscriptions import CloseWebhooks
from crm.close.records import Me
from crm.contact import Account
from crm.mapping.close import CloseMapping
from crm.provider import Capability, Provider


class CloseProvider(CloseCreations, CloseChanges, CloseWebhooks, CloseActivities, CloseDeals, CloseMail, Provider):
    """Close keeps no versions, so a write cannot be made conditional: ``update_contact`` reads just before it writes,
    and what somebody changes in between those two requests is overwritten where it is the same list."""

    platform = "close"
    capabilities = frozenset(
        {
            Capability.READ,
            Capability.LIST,
            Capability.SEARCH,
            Capability.CREATE,
            Capability.UPDATE,
            Capability.DELETE,
            Capability.CHANGES,
            Capability.WEBHOOKS,
            Capability.CALLS,
            Capability.NOTES,
            Capability.OPPORTUNITIES,
            Capability.MAIL,
        }
    )

    def __init__(self, client: ApiClient, *, fill_in: CloseMapping | None = None) -> None:
        self.api = CloseApi(client)
        self.mapping = fill_in or CloseMapping()
        self._ids: tuple[str, ...] | None = None

    async def prepare(self, options: CallOptions = BACKGROUND) -> bool:
        """Make sure that contacts have a custom field for our references. False where this key may not add one; new
        contacts are then known again by address and name."""
        if self.mapping.reference_field is None:
            field_id = await reference_field.ensure(self.api, options)
            self.mapping = msgspec.structs.replace(self.mapping, reference_field=field_id)
        return self.mapping.reference_field is not None

    async def check(self, options: CallOptions = BACKGROUND) -> Account:
        owner = await self.api.one(me.get(), Me, options)
        organization = owner.organizations[0].name if owner.organizations else None
        ids = tuple(each.id for each in owner.organizations)
        if self._ids not in (None, ids):  # another account's key was stored: it has another field for our references
            self.mapping = msgspec.structs.replace(self.mapping, reference_field=None)
        self._ids = ids
        return Account(self.platform, organization or owner.id, ids=ids)

    async def size(self, options: CallOptions = BACKGROUND) -> int | None:
        return (await self.api.client.json(contacts.count(), pages.CountAnswer, options)).total_results
