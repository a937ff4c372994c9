"""What every CRM and enrichment provider is to the rest of the product.

A provider declares its capabilities and implements exactly their methods; that both agree is checked when the class is
made. Ask ``capabilities`` before calling; anything else raises NotSupported. How to add one: ``crm/README.md``.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from crm.client import BACKGROUND, CallOptions
from crm.contact import (
    Account,
    CallOutcome,
    Change,
    ChangePage,
    ContactFields,
    ContactPage,
    ContactQuery,
    Enrichment,
    Gone,
    Holding,
    NewSubscription,
    PersonKey,
    RemoteContact,
    Subscription,
)
from crm.errors import NotSupported
from crm.mail import OutgoingMail, RemoteMail
from crm.opportunity import OpportunityFields, RemoteOpportunity


class Capability(StrEnum):
    """What a provider may be able to do, by ``METHODS``."""

    READ = "read"
    LIST = "list"
    SEARCH = "search"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    CHANGES = "changes"
    WEBHOOKS = "webhooks"
    CALLS = "calls"
    NOTES = "notes"
    OPPORTUNITIES = "opportunities"
    MAIL = "mail"
    ENRICH_PERSON = "enrich_person"
    ENRICH_PEOPLE = "enrich_people"
    ENRICH_COMPANY = "enrich_company"
    PROFILE = "profile"
    POSTING = "posting"


METHODS: Mapping[Capability, tuple[str, ...]] = {
    Capability.READ: ("get_contact", "held_by"),
    Capability.LIST: ("list_contacts",),
    Capability.SEARCH: ("find_contacts",),
    Capability.CREATE: ("create_contact", "find_created"),
    Capability.UPDATE: ("update_contact",),
    Capability.DELETE: ("delete_contact",),
    Capability.CHANGES: ("changes_from", "changes"),
    Capability.WEBHOOKS: ("receive", "subscriptions", "subscribe", "repair_subscription", "unsubscribe"),
    Capability.CALLS: ("log_call", "find_call", "remove_call"),
    Capability.NOTES: ("add_note", "find_note", "remove_note"),
    Capability.OPPORTUNITIES: ("create_opportunity", "find_opportunity", "update_opportunity"),
    Capability.MAIL: ("enter_mail", "mails", "may_mail", "stop_mail", "remove_mail"),
    Capability.ENRICH_PERSON: ("enrich_person",),
    Capability.ENRICH_PEOPLE: ("enrich_people",),
    Capability.ENRICH_COMPANY: ("enrich_company",),
    Capability.PROFILE: ("profile",),
    Capability.POSTING: ("post",),
}


class WebhookRefused(Exception):  # noqa: N818 - names the fact
    """A delivery that is not surely from the provider and fresh. ``code``: missing_signature, stale_timestamp,
    bad_signature, unreadable_body."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Provider(ABC):
    """All methods raise CrmError. A write that failed with ``outcome == "unknown"`` may have been applied: look with
    ``find_created``, ``find_call`` or ``find_note``, by the reference it was made with, before writing again."""

    platform: ClassVar[str]
    bulk_size: ClassVar[int] = 1
    """How many people one call of ``enrich_people`` takes."""
    capabilities: ClassVar[frozenset[Capability]]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for capability, names in METHODS.items():
            overridden = {name for name in names if getattr(cls, name) is not getattr(Provider, name)}
            expected = set(names) if capability in cls.capabilities else set()
            if overridden != expected:
                raise TypeError(f"{cls.__name__}: capability {capability} and methods {names} do not agree")

    @abstractmethod
    async def check(self, options: CallOptions = BACKGROUND) -> Account:
        """Whether the credentials work, by the cheapest call there is."""

    async def prepare(self, options: CallOptions = BACKGROUND) -> bool:
        """Whatever has to be set up over there before contacts are read or made, such as a place for our references.
        Done once, and again costs nothing. False: it is not allowed; creations are then known again by their values."""
        return True

    async def size(self, options: CallOptions = BACKGROUND) -> int | None:
        """About how many contacts there are; None: the provider does not say."""
        return None

    async def get_contact(
        self, external_id: str, known: ContactFields | None = None, options: CallOptions = BACKGROUND
    ) -> RemoteContact | Gone:
        """One contact as it is now. ``known`` is what we have of it, and settles what the provider leaves open (where
        a full name is divided)."""
        raise self._unsupported(Capability.READ)

    async def held_by(
        self, parent_id: str, known: Mapping[str, ContactFields] | None = None, options: CallOptions = BACKGROUND
    ) -> Holding | Gone:
        """All contacts and deals of one parent as they are now; ``known`` by external id of contacts."""
        raise self._unsupported(Capability.READ)

    async def successor(self, parent_id: str, options: CallOptions = BACKGROUND) -> str | Gone | None:
        """What a parent that is no longer there was merged into; Gone when it was deleted, None when nothing tells, as
        where there is no change feed."""
        return None

    async def list_contacts(
        self, cursor: str | None = None, *, since: datetime | None = None, options: CallOptions = BACKGROUND
    ) -> ContactPage:
        """A page of all contacts (whose parent changed at ``since`` or later). ``cursor`` goes on from a page; it stays
        good, whatever the provider's own cursors do."""
        raise self._unsupported(Capability.LIST)

    async def find_contacts(self, query: ContactQuery, options: CallOptions = BACKGROUND) -> tuple[RemoteContact, ...]:
        """Contacts that match. Search indexes lag behind writes by seconds."""
        raise self._unsupported(Capability.SEARCH)

    def takes(self, fields: ContactFields) -> ContactFields:
        """``fields`` without the values that a creation would leave out, because the CRM has no place for them in that
        form: all that shows afterwards is what was changed since."""
        return fields

    async def create_contact(
        self, fields: ContactFields, *, reference: str, parent_id: str | None = None, options: CallOptions = BACKGROUND
    ) -> RemoteContact:
        """A new contact, in the given parent or one made for it. ``reference`` names this one creation for good. Like
        ``update_contact`` it names in an InvalidRecord which of ``CONTACT_FIELDS`` are refused, where that is told."""
        raise self._unsupported(Capability.CREATE)

    async def find_created(
        self, reference: str, fields: ContactFields, *, since: datetime, options: CallOptions = BACKGROUND
    ) -> RemoteContact | Gone | None:
        """What ``create_contact`` with this reference made at ``since`` or later; Gone when somebody deleted it again,
        None when it was never applied. ``since`` is by our clock, the provider allows for its own being off."""
        raise self._unsupported(Capability.CREATE)

    async def update_contact(
        self, seen: RemoteContact, changes: ContactFields, options: CallOptions = BACKGROUND
    ) -> RemoteContact:
        """Set the given fields, leave the rest. Raises ChangedMeanwhile when the contact is no longer as ``seen``."""
        raise self._unsupported(Capability.UPDATE)

    async def delete_contact(self, external_id: str, options: CallOptions = BACKGROUND) -> None:
        """Gone already is done."""
        raise self._unsupported(Capability.DELETE)

    def changes_from(self, moment: datetime) -> str:
        """The cursor at which the change feed starts to tell of ``moment``."""
        raise self._unsupported(Capability.CHANGES)

    async def changes(self, cursor: str, options: CallOptions = BACKGROUND) -> ChangePage:
        """What changed since. Entries repeat, none is missed. Raises GiveUp ``changes_expired`` when the feed does not
        reach back that far, ``changes_unreadable`` when an entry of it cannot be had: a full listing is needed then."""
        raise self._unsupported(Capability.CHANGES)

    def receive(self, headers: Mapping[str, str], body: bytes, *, keys: Sequence[str], now: float) -> Change | None:
        """The change a webhook delivery tells of, None when it concerns nothing here. One of ``keys`` has to have
        signed it. Raises WebhookRefused."""
        raise self._unsupported(Capability.WEBHOOKS)

    async def subscriptions(self, options: CallOptions = BACKGROUND) -> tuple[Subscription, ...]:
        """All webhook subscriptions of the account, other people's too."""
        raise self._unsupported(Capability.WEBHOOKS)

    async def subscribe(self, url: str, options: CallOptions = BACKGROUND) -> NewSubscription:
        """Have changes of contacts told at ``url``."""
        raise self._unsupported(Capability.WEBHOOKS)

    async def repair_subscription(self, subscription_id: str, options: CallOptions = BACKGROUND) -> None:
        """Have it go on, with everything the sync needs to hear of."""
        raise self._unsupported(Capability.WEBHOOKS)

    async def unsubscribe(self, subscription_id: str, options: CallOptions = BACKGROUND) -> None:
        """Gone already is done."""
        raise self._unsupported(Capability.WEBHOOKS)

    async def log_call(
        self,
        parent_id: str,
        outcome: CallOutcome,
        *,
        reference: str,
        contact_id: str | None = None,
        options: CallOptions = BACKGROUND,
    ) -> str:
        """Enter a finished conversation; returns the entry's id."""
        raise self._unsupported(Capability.CALLS)

    async def find_call(
        self, parent_id: str, reference: str, *, since: datetime, options: CallOptions = BACKGROUND
    ) -> str | None:
        """The id of what ``log_call`` entered with this reference, if it was applied."""
        raise self._unsupported(Capability.CALLS)

    async def remove_call(self, external_id: str, options: CallOptions = BACKGROUND) -> None:
        """Gone already is done."""
        raise self._unsupported(Capability.CALLS)

    async def add_note(
        self,
        parent_id: str,
        text: str,
        *,
        reference: str,
        contact_id: str | None = None,
        options: CallOptions = BACKGROUND,
    ) -> str:
        """Enter a note of plain text; returns its id."""
        raise self._unsupported(Capability.NOTES)

    async def find_note(
        self, parent_id: str, reference: str, *, since: datetime, options: CallOptions = BACKGROUND
    ) -> str | None:
        """The id of what ``add_note`` entered with this reference, if it was applied."""
        raise self._unsupported(Capability.NOTES)

    async def remove_note(self, external_id: str, options: CallOptions = BACKGROUND) -> None:
        """Gone already is done."""
        raise self._unsupported(Capability.NOTES)

    async def create_opportunity(
        self,
        parent_id: str,
        fields: OpportunityFields,
        *,
        reference: str,
        contact_id: str | None = None,
        options: CallOptions = BACKGROUND,
    ) -> RemoteOpportunity:
        """A new deal; ``reference`` comes back as its ``mark``."""
        raise self._unsupported(Capability.OPPORTUNITIES)

    async def find_opportunity(
        self, parent_id: str, reference: str, options: CallOptions = BACKGROUND
    ) -> RemoteOpportunity | None:
        """What ``create_opportunity`` made with this reference, if it was applied."""
        raise self._unsupported(Capability.OPPORTUNITIES)

    async def update_opportunity(
        self, external_id: str, changes: OpportunityFields, options: CallOptions = BACKGROUND
    ) -> RemoteOpportunity:
        """Set the given fields, leave the rest."""
        raise self._unsupported(Capability.OPPORTUNITIES)

    async def enter_mail(
        self, parent_id: str, mail: OutgoingMail, *, contact_id: str | None = None, options: CallOptions = BACKGROUND
    ) -> str:
        """Have it sent, or enter it as a draft; returns its id."""
        raise self._unsupported(Capability.MAIL)

    async def mails(
        self, parent_id: str, *, since: datetime, options: CallOptions = BACKGROUND
    ) -> tuple[RemoteMail, ...]:
        """All messages of a parent that were made at ``since`` or later, by our clock; in no order."""
        raise self._unsupported(Capability.MAIL)

    async def may_mail(self, contact_id: str, address: str, options: CallOptions = BACKGROUND) -> bool:
        """Whether this address is not marked there as one that wants nothing automatic."""
        raise self._unsupported(Capability.MAIL)

    async def stop_mail(self, address: str, options: CallOptions = BACKGROUND) -> None:
        """Have it marked so; again changes nothing."""
        raise self._unsupported(Capability.MAIL)

    async def remove_mail(self, external_id: str, options: CallOptions = BACKGROUND) -> None:
        """Gone already is done. What was sent stays sent."""
        raise self._unsupported(Capability.MAIL)

    async def enrich_person(self, key: PersonKey, options: CallOptions = BACKGROUND) -> Enrichment | None:
        """What the provider knows of a person; None: no match."""
        raise self._unsupported(Capability.ENRICH_PERSON)

    @property
    def finds_phones(self) -> bool:
        """Whether telephone numbers can be had that come later, by a way of the provider's own."""
        return False

    async def enrich_people(
        self, keys: Sequence[PersonKey], options: CallOptions = BACKGROUND, *, phones: bool = False
    ) -> tuple[Enrichment | None, ...]:
        """The same for up to ``bulk_size`` people, in the order of ``keys``; one request, done whole or not.
        ``phones``: have their telephone numbers sent later too, where ``finds_phones``."""
        raise self._unsupported(Capability.ENRICH_PEOPLE)

    async def enrich_company(self, domain: str, options: CallOptions = BACKGROUND) -> Enrichment | None:
        """What the provider knows of a company; None: no match."""
        raise self._unsupported(Capability.ENRICH_COMPANY)

    async def profile(self, options: CallOptions = BACKGROUND) -> Enrichment:
        """The signed-in member's own profile."""
        raise self._unsupported(Capability.PROFILE)

    async def post(self, text: str, options: CallOptions = BACKGROUND) -> str:
        """Publish in the signed-in member's name; returns the post's id. Repeating it posts again."""
        raise self._unsupported(Capability.POSTING)

    def _unsupported(self, capability: Capability) -> NotSupported:
        return NotSupported("not_supported", f"no {capability} here", platform=self.platform)
