"""Close's contacts and ours, in both directions. Pure.

Close keeps one name, lists of e-mail addresses, telephone numbers and links, and the company as the lead's name. Ours
are the first address, the first number and the first LinkedIn link; a change puts the new value first and keeps the
others, since writing a list replaces it whole.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, Struct

from crm.close.contacts import ContactDraft
from crm.close.records import Contact, Email, Lead, Phone, Url
from crm.contact import ContactFields, RemoteContact
from crm.mapping import linkedin_url, names
from storage import email_address, phone_number

PLATFORM = "close"

T = TypeVar("T")


class CloseMapping(Struct, frozen=True):
    """How this organisation's Close is filled in.

    ``custom_fields`` maps keys of ``enrichment_data`` to ids of contact custom fields (``cf_...``); only plain values
    are written. ``reference_field`` is the custom field that holds our reference.
    """

    default_country_code: str = "1"
    custom_fields: dict[str, str] = {}
    reference_field: str | None = None


def remote(
    contact: Contact, lead_name: str | None, mapping: CloseMapping, known: ContactFields | None = None
) -> RemoteContact:
    """Close's contact in our terms. ``known`` settles where its name is divided."""
    reference = contact.custom.get(mapping.reference_field) if mapping.reference_field else None
    return RemoteContact(
        platform=PLATFORM,
        external_id=contact.id,
        fields=fields(contact, lead_name, mapping, known),
        updated_at=contact.date_updated,
        parent_id=contact.lead_id,
        reference=reference if isinstance(reference, str) else None,
        created_at=contact.date_created,
    )


def of_lead(
    lead: Lead, mapping: CloseMapping, known: dict[str, ContactFields] | None = None
) -> tuple[RemoteContact, ...]:
    """All contacts of a lead. Contacts embedded in a lead need not name it."""
    owned = (msgspec.structs.replace(contact, lead_id=lead.id) for contact in lead.contacts)
    return tuple(remote(contact, lead.name, mapping, (known or {}).get(contact.id)) for contact in owned)


def fields(
    contact: Contact, lead_name: str | None, mapping: CloseMapping, known: ContactFields | None = None
) -> ContactFields:
    before = known or ContactFields()
    first, last = names.split_as_known(contact.name, before.first_name, before.last_name)
    code = mapping.default_country_code
    return ContactFields(
        email=_first(email_address.normalised(entry.email) for entry in contact.emails),
        first_name=first,
        last_name=last,
        company=names.tidy(lead_name),
        title=names.tidy(contact.title),
        phone=_first(
            phone_number.normalised_or_text(entry.phone, default_country_code=code) for entry in contact.phones
        ),
        linkedin_url=_first(linkedin_url.normalised(entry.url) for entry in contact.urls),
        enrichment_data={
            key: contact.custom[field_id]
            for key, field_id in mapping.custom_fields.items()
            if contact.custom.get(field_id) not in (None, "")
        },
    )


def draft(wanted: ContactFields, mapping: CloseMapping) -> tuple[ContactDraft, dict[str, Any]]:
    """A new contact and its custom fields."""
    return changes(Contact(id=""), wanted, mapping)


def taken(wanted: ContactFields, mapping: CloseMapping) -> ContactFields:
    """What shows of it once it was made: no telephone number that is not E.164, and no link to somewhere else."""
    number = phone_number.normalised(wanted.phone, default_country_code=mapping.default_country_code)
    return msgspec.structs.replace(wanted, phone=number, linkedin_url=linkedin_url.normalised(wanted.linkedin_url))


def changes(
    current: Contact, wanted: ContactFields, mapping: CloseMapping, known: ContactFields | None = None
) -> tuple[ContactDraft, dict[str, Any]]:
    """What has to be written for ``current`` to show the set fields of ``wanted``; all UNSET when it does already.
    ``known``: what we have of the contact, which says where its name is divided.

    A telephone number that is not E.164 is left out: Close refuses it, and with it the whole update.
    """
    now = fields(current, None, mapping, known)
    custom = {
        field_id: wanted.enrichment_data[key]
        for key, field_id in mapping.custom_fields.items()
        if _is_plain(wanted.enrichment_data.get(key)) and wanted.enrichment_data[key] != current.custom.get(field_id)
    }
    number = phone_number.normalised(wanted.phone, default_country_code=mapping.default_country_code)
    name = _name(now, wanted)
    return (
        ContactDraft(
            name=name if name and name != names.tidy(current.name) else UNSET,
            title=wanted.title if wanted.title and wanted.title != now.title else UNSET,
            emails=_emails(current, wanted.email) if wanted.email and wanted.email != now.email else UNSET,
            phones=_phones(current, number, mapping) if number and number != now.phone else UNSET,
            urls=_urls(current, wanted.linkedin_url)
            if wanted.linkedin_url and wanted.linkedin_url != now.linkedin_url
            else UNSET,
        ),
        custom,
    )


def is_empty(contact_draft: ContactDraft, custom: dict[str, Any]) -> bool:
    """Whether there is nothing to write."""
    return contact_draft == ContactDraft() and not custom


def _name(now: ContactFields, wanted: ContactFields) -> str | None:
    return names.joined(wanted.first_name or now.first_name, wanted.last_name or now.last_name)


def _emails(current: Contact, address: str) -> tuple[Email, ...]:
    known = {email_address.normalised(entry.email): entry.type for entry in current.emails}
    others = (entry for entry in current.emails if email_address.normalised(entry.email) != address)
    return (Email(address, known.get(address, "office")), *others)


def _phones(current: Contact, number: str, mapping: CloseMapping) -> tuple[Phone, ...]:
    def e164(entry: Phone) -> str | None:
        return phone_number.normalised(entry.phone, default_country_code=mapping.default_country_code)

    known = {e164(entry): entry.type for entry in current.phones}
    return (Phone(number, known.get(number, "office")), *(entry for entry in current.phones if e164(entry) != number))


def _urls(current: Contact, address: str) -> tuple[Url, ...]:
    return (Url(address), *(entry for entry in current.urls if linkedin_url.normalised(entry.url) != address))


def _first(values: Iterable[T | None]) -> T | None:
    return next((value for value in values if value is not None), None)


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float | bool) and value != ""
