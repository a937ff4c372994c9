"""Close's contacts and ours, in both directions. Pure.

Close keeps one name, lists of e-mail addresses, telephone numbers and links, and the company as the lead's name. The
first address and number are ours too, and the others our further ones; of links ours is the first to LinkedIn. Writing
a list replaces it whole: what we do not read as an address or number, and other links, stay in it.
"""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, Struct, UnsetType

from crm.close.contacts import ContactDraft
from crm.close.records import Contact, Email, Lead, Phone, Url
from crm.contact import FURTHER, ContactFields, RemoteContact
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
    addresses = [email_address.normalised(entry.email) for entry in contact.emails]
    numbers = [phone_number.normalised(entry.phone, default_country_code=code) for entry in contact.phones]
    email = _first(addresses)
    phone = _first(phone_number.normalised_or_text(each.phone, default_country_code=code) for each in contact.phones)
    types = [entry.type for entry in contact.emails] + [entry.type for entry in contact.phones]
    return ContactFields(
        email=email,
        first_name=first,
        last_name=last,
        company=names.tidy(lead_name),
        title=names.tidy(contact.title),
        phone=phone,
        linkedin_url=_first(linkedin_url.normalised(entry.url) for entry in contact.urls),
        further_emails=_beside(email, addresses),
        further_phones=_beside(phone, numbers),
        address_types={
            value: type_ for value, type_ in zip([*addresses, *numbers], types, strict=True) if value is not None
        },
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
    numbers = [phone_number.normalised(wanted.phone, default_country_code=mapping.default_country_code)]
    numbers += wanted.further_phones or ()
    number = _first(numbers)
    return msgspec.structs.replace(
        wanted,
        phone=number,
        further_phones=None if wanted.further_phones is None else _beside(number, numbers),
        linkedin_url=linkedin_url.normalised(wanted.linkedin_url),
    )


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
    name = _name(now, wanted)
    return (
        ContactDraft(
            name=name if name and name != names.tidy(current.name) else UNSET,
            title=wanted.title if wanted.title and wanted.title != now.title else UNSET,
            emails=_emails(current, now, wanted),
            phones=_phones(current, now, wanted, mapping),
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


def _emails(current: Contact, now: ContactFields, wanted: ContactFields) -> tuple[Email, ...] | UnsetType:
    if _shows(now, wanted, "email", wanted.email):
        return UNSET
    listed = [(email_address.normalised(entry.email), entry) for entry in current.emails]
    changed = _listed(listed, wanted.email or now.email, wanted.further_emails)
    return tuple(found if isinstance(found, Email) else Email(found, _type(wanted, found)) for found in changed)


def _phones(
    current: Contact, now: ContactFields, wanted: ContactFields, mapping: CloseMapping
) -> tuple[Phone, ...] | UnsetType:
    code = mapping.default_country_code
    number = phone_number.normalised(wanted.phone, default_country_code=code)
    if _shows(now, wanted, "phone", number):
        return UNSET
    listed = [(phone_number.normalised(entry.phone, default_country_code=code), entry) for entry in current.phones]
    first = number or phone_number.normalised(now.phone, default_country_code=code)
    changed = _listed(listed, first, wanted.further_phones)
    return tuple(found if isinstance(found, Phone) else Phone(found, _type(wanted, found)) for found in changed)


def _shows(now: ContactFields, wanted: ContactFields, name: str, first: str | None) -> bool:
    others = getattr(wanted, FURTHER[name])
    return (not first or first == getattr(now, name)) and (
        others is None or {*others} == {*getattr(now, FURTHER[name])}
    )


def _listed(listed: Sequence[tuple[str | None, T]], first: str | None, others: Iterable[str] | None) -> list[T | str]:
    """The entries of a list with ``first`` in front and ``others`` beside it, or all that it had where ``others`` is
    None. Entries that are nothing to us stay. What is new is told by its value."""
    known = {value: entry for value, entry in reversed(listed) if value is not None}
    wanted = None if others is None else {first, *others}
    stays = [
        entry for value, entry in listed if value is None or (value != first and (wanted is None or value in wanted))
    ]
    front = [known.get(first, first)] if first is not None else []
    added = [each for each in others or () if each != first and each not in known]
    return [*front, *stays, *added]


def _type(wanted: ContactFields, value: str) -> str:
    return wanted.address_types.get(value, "office")


def _urls(current: Contact, address: str) -> tuple[Url, ...]:
    return (Url(address), *(entry for entry in current.urls if linkedin_url.normalised(entry.url) != address))


def _first(values: Iterable[T | None]) -> T | None:
    return next((value for value in values if value is not None), None)


def _beside(first: str | None, values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted({value for value in values if value is not None and value != first}))


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float | bool) and value != ""
