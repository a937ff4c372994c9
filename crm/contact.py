"""The records providers and the rest of the product exchange, in the product's own terms."""

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from crm.opportunity import RemoteOpportunity

CONTACT_FIELDS = ("email", "first_name", "last_name", "company", "title", "phone", "linkedin_url")
"""Every text field of a contact, in a fixed order."""
FURTHER = {"email": "further_emails", "phone": "further_phones"}
"""Of what people have several of: the field of the first, and that of the others."""


class ContactFields(Struct, frozen=True, omit_defaults=True):
    """A contact's own data. None means unknown; in an update it means leave as it is, so that nothing is ever blanked.

    ``email`` is lower case, ``phone`` E.164 where it could be read as a number, ``linkedin_url`` canonical:
    see ``storage.email_address``, ``storage.phone_number`` and ``crm.mapping.linkedin_url``.

    ``further_emails`` and ``further_phones`` are those beside the first, sorted; telephone numbers are E.164. In an
    update they are all that is to be there beside the first: what is left out goes. ``address_types`` tells of an
    address or number what it is for (``office``, ``mobile`` …).
    """

    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    title: str | None = None
    phone: str | None = None
    linkedin_url: str | None = None
    further_emails: tuple[str, ...] | None = None
    further_phones: tuple[str, ...] | None = None
    address_types: dict[str, str] = {}
    enrichment_data: dict[str, Any] = {}


class RemoteContact(Struct, frozen=True):
    """A contact as it stands at a provider. ``parent_id`` is the record that holds it (a Close lead).

    ``reference`` is the mark we left when we created it, if the provider keeps one. ``created_at``: when the record was
    made there, if the provider tells.
    """

    platform: str
    external_id: str
    fields: ContactFields
    updated_at: datetime | None = None
    parent_id: str | None = None
    reference: str | None = None
    created_at: datetime | None = None


class Holding(Struct, frozen=True):
    """What a parent holds: its contacts, and its deals where the provider has deals."""

    contacts: tuple[RemoteContact, ...] = ()
    opportunities: tuple[RemoteOpportunity, ...] = ()


class Gone(Struct, frozen=True):
    """The record is no longer there."""

    external_id: str


ChangeKind = Literal["created", "updated", "deleted", "merged"]


class Change(Struct, frozen=True):
    """One entry of a provider's change feed or webhook: that something changed, never how. What it is now is to be
    read, since entries come late, twice and in any order.

    ``event_id``, ``at`` and ``digest`` (of what the event holds) name it: the same event may come again with more in it
    (consolidated), as a rule with a newer ``at``.
    ``record`` tells which kind of record changed; a parent's change concerns all its contacts; an unsubscription's
    ``external_id`` is the hash of its address in hexadecimal digits. Who made it is not told: a person may work
    under the same user as our key.
    """

    event_id: str
    at: datetime
    kind: ChangeKind
    record: Literal["contact", "parent", "opportunity", "mail", "unsubscription"]
    external_id: str
    parent_id: str | None = None
    merged_from: str | None = None
    merged_into: str | None = None
    digest: str = ""


class ChangePage(Struct, frozen=True):
    """Changes, oldest first. ``cursor`` continues after them; keep it only once all of ``changes`` are taken in."""

    changes: tuple[Change, ...]
    cursor: str


class ContactPage(Struct, frozen=True):
    """A page of a full listing; ``cursor`` None: the last one. Rows may repeat across pages, none is missed.
    ``unreadable``: ids of parents whose record could not be read here. ``passed_over``: times at which more records
    changed than the provider gives out in any way; some of them are not in the listing."""

    contacts: tuple[RemoteContact, ...]
    cursor: str | None
    opportunities: tuple[RemoteOpportunity, ...] = ()
    unreadable: tuple[str, ...] = ()
    passed_over: tuple[datetime, ...] = ()


class ContactQuery(Struct, frozen=True):
    """What to look for: exact e-mail addresses, or words in names. Exactly one is set."""

    emails: tuple[str, ...] = ()
    text: str = ""
    limit: int = 20

    def __post_init__(self) -> None:
        if bool(self.emails) == bool(self.text):
            raise ValueError("contact query: either emails or text")


class Subscription(Struct, frozen=True):
    """A webhook subscription as the provider lists it. ``is_complete``: it hears of everything the sync needs."""

    id: str
    url: str
    is_active: bool
    is_complete: bool


class NewSubscription(Struct, frozen=True):
    """One just made; its key is shown this once."""

    id: str
    signature_key: str

    def __repr__(self) -> str:
        """Without the key."""
        return f"NewSubscription({self.id})"


Unreached = Literal["no_answer", "busy", "voicemail", "message_left", "failed", "blocked", "canceled"]
"""Why nobody was talked to: "message_left" on a voicemail, "blocked" before anybody's telephone rang."""


class CallOutcome(Struct, frozen=True):
    """A finished call, for the provider's call log. ``notes`` is plain text of what was heard · ``unreached``: why
    ``answered`` is not true; None: it is, or nobody knows."""

    direction: Literal["inbound", "outbound"]
    answered: bool
    duration_s: int
    phone: str | None = None
    notes: str = ""
    recording_url: str | None = None
    unreached: Unreached | None = None


class Account(Struct, frozen=True):
    """Whose credentials these are. ``ids``: whose records they open, empty where nobody can tell."""

    platform: str
    name: str
    ids: tuple[str, ...] = ()


class PersonKey(Struct, frozen=True):
    """What is known of a person to enrich; the more, the surer the match."""

    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    domain: str | None = None
    linkedin_url: str | None = None


class Enrichment(Struct, frozen=True):
    """What a provider knows of a person or company. ``data`` goes into a contact's ``enrichment_data[platform]``."""

    platform: str
    external_id: str | None
    fields: ContactFields
    data: dict[str, Any]
