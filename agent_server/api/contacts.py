"""Contacts, as the CRMs and this server have them in common."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from agent_server.api.endpoint import Call, Resource
from agent_server.crm_sync.parts import CrmParts
from agent_server.web.errors import Problem
from crm.contact import CONTACT_FIELDS, FURTHER, ContactFields
from crm.platforms import Platform
from storage.crm.contact_search import contact_search_of
from storage.crm.contacts import ContactRow
from storage.email_address import normalised as normalised_email
from storage.phone_number import normalised_or_text
from storage.postgres.cursor import MAX_LIMIT, Page

contacts = Resource("contacts", "People at the CRMs.")

Text = Annotated[str, Meta(min_length=1, max_length=500)]
Email = Annotated[str, Meta(min_length=1, max_length=320)]
Type = Annotated[str, Meta(min_length=1, max_length=30)]


class EmailAddress(Struct, frozen=True, forbid_unknown_fields=True):
    """`type`: what it is for (`office`, `home` …), as the CRM has it; it says so of an address that is new there."""

    email: Email
    type: Type | None = None


class PhoneNumber(Struct, frozen=True, forbid_unknown_fields=True):
    """`type`: what it is (`office`, `mobile` …), as the CRM has it; it says so of a number that is new there."""

    phone: Text
    type: Type | None = None


class Contact(Struct, frozen=True, kw_only=True):
    """`external_id` is null until the contact is in the CRM. A deleted contact is shown with `deleted_at`. `emails` and
    `phones` are all that are known, the first of which are `email` and `phone`."""

    id: str
    crm_platform: str
    external_id: str | None
    parent_id: str | None
    lead_id: UUID | None
    email: str | None
    emails: list[EmailAddress]
    first_name: str | None
    last_name: str | None
    company: str | None
    title: str | None
    phone: str | None
    phones: list[PhoneNumber]
    linkedin_url: str | None
    enrichment_data: dict[str, Any]
    last_synced_at: datetime | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    deleted_by: str | None


class ContactQuery(Struct, frozen=True):
    """`email` may be any of somebody's. `search` looks for words in name, company and e-mail addresses, of the last of
    which a beginning is enough; `jane@` is the beginning of the first e-mail address, `555 0132` are digits of a
    telephone number."""

    limit: Annotated[int, Meta(ge=1, le=MAX_LIMIT)] = 50
    cursor: str | None = None
    platform: Platform | None = None
    crm_platform: Platform | None = None
    email: str | None = None
    search: Annotated[str, Meta(min_length=1, max_length=200)] | None = None


Emails = Annotated[list[EmailAddress], Meta(max_length=50)]
Phones = Annotated[list[PhoneNumber], Meta(max_length=50)]


class NewContact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """At least one of e-mail address, name and telephone number. `emails` and `phones`, the first one first, take the
    place of `email` and `phone` or hold the others. `parent_id`: the record at the CRM that is to hold it (a lead at
    Close); else one is made."""

    crm_platform: Literal["close"] = "close"
    parent_id: Text | None = None
    lead_id: UUID | None = None
    email: Email | None = None
    first_name: Text | None = None
    last_name: Text | None = None
    company: Text | None = None
    title: Text | None = None
    phone: Text | None = None
    linkedin_url: Text | None = None
    emails: Emails = []
    phones: Phones = []
    enrichment_data: dict[str, Any] = {}


class ContactChanges(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fields left out stay as they are. null empties a field here; the CRM keeps what it has, and the difference is
    listed as a conflict. `enrichment_data` is merged key by key.

    `emails` and `phones` are the whole list, the first one first: what is left out goes, at the CRM too. `email` and
    `phone` alone change the first and keep the one before beside it; null takes the first off, and the next comes in
    its place."""

    email: Email | UnsetType | None = UNSET
    first_name: Text | UnsetType | None = UNSET
    last_name: Text | UnsetType | None = UNSET
    company: Text | UnsetType | None = UNSET
    title: Text | UnsetType | None = UNSET
    phone: Text | UnsetType | None = UNSET
    linkedin_url: Text | UnsetType | None = UNSET
    emails: Emails | UnsetType = UNSET
    phones: Phones | UnsetType = UNSET
    enrichment_data: dict[str, Any] | UnsetType = UNSET


@contacts.get("/api/contacts", scope="read", summary="List contacts, newest first")
async def list_contacts(call: Call, query: ContactQuery) -> Page[Contact]:
    """Deleted contacts are left out."""
    page = await _parts(call).store.contacts.list(
        limit=query.limit,
        cursor=query.cursor,
        platform=query.platform or query.crm_platform,
        email=query.email.strip().lower() if query.email else None,
        search=contact_search_of(query.search) if query.search is not None else None,
    )
    return Page(items=tuple(map(_shown, page.items)), next_cursor=page.next_cursor)


@contacts.post("/api/contacts", scope="write", summary="Add a contact", status=201, errors=(422,))
async def add_contact(call: Call, body: NewContact) -> Contact:
    """It is here at once, and at the CRM with the next sync, moments later."""
    given = {name: getattr(body, name) for name in CONTACT_FIELDS} | _lists(
        body.emails or UNSET, body.phones or UNSET, body.email or UNSET, body.phone or UNSET
    )
    if not any(given[name] for name in ("email", "first_name", "last_name", "phone")):
        message = "A contact needs an e-mail address, a name or a telephone number."
        raise Problem(422, "contact_unnamed", message, param="email")
    row = await _parts(call).edits.create(
        ContactFields(**given, enrichment_data=body.enrichment_data),
        platform=body.crm_platform,
        parent_id=body.parent_id,
        lead_id=body.lead_id,
    )
    return _shown(row)


@contacts.get("/api/contacts/{id}", scope="read", summary="One contact", errors=(404,))
async def get_contact(call: Call) -> Contact:
    """Deleted ones too, with `deleted_at`."""
    row = await _parts(call).store.contacts.get(call.path("id"))
    if row is None:
        raise _missing()
    return _shown(row)


@contacts.patch("/api/contacts/{id}", scope="write", summary="Change a contact", errors=(404,))
async def change_contact(call: Call, body: ContactChanges) -> Contact:
    changes = {name: value for name in ContactChanges.__struct_fields__ if (value := getattr(body, name)) is not UNSET}
    lists = changes.pop("emails", UNSET), changes.pop("phones", UNSET)
    changes |= _lists(*lists, body.email, body.phone)
    row = await _parts(call).edits.edit(call.path("id"), changes)
    if row is None:
        raise _missing()
    return _shown(row)


@contacts.delete("/api/contacts/{id}", scope="write", summary="Delete a contact, at the CRM too", errors=(404,))
async def delete_contact(call: Call) -> None:
    if not await _parts(call).edits.delete(call.path("id")):
        raise _missing()


def _lists(
    emails: list[EmailAddress] | UnsetType,
    phones: list[PhoneNumber] | UnsetType,
    email: str | UnsetType | None,
    phone: str | UnsetType | None,
) -> dict[str, Any]:
    """Changes that make these the lists of a contact; a first one that is given for itself comes before them."""
    changes: dict[str, Any] = {}
    types: dict[str, str] = {}
    if not isinstance(emails, UnsetType):
        changes |= _list("email", [each.email for each in emails], email)
        types |= {(normalised_email(each.email) or each.email): each.type for each in emails if each.type}
    if not isinstance(phones, UnsetType):
        changes |= _list("phone", [each.phone for each in phones], phone)
        types |= {normalised_or_text(each.phone) or each.phone: each.type for each in phones if each.type}
    return changes | ({"address_types": types} if types else {})


def _list(name: str, values: list[str], first: str | UnsetType | None) -> dict[str, Any]:
    whole = [*([first] if isinstance(first, str) else []), *values]
    return {name: whole[0] if whole else None, FURTHER[name]: whole[1:]}


def _shown(row: ContactRow) -> Contact:
    types = row.address_types
    emails = [{"email": each, "type": types.get(each)} for each in (row.email, *row.further_emails) if each]
    phones = [{"phone": each, "type": types.get(each)} for each in (row.phone, *row.further_phones) if each]
    return msgspec.convert(msgspec.structs.asdict(row) | {"emails": emails, "phones": phones}, Contact)


def _missing() -> Problem:
    return Problem(404, "contact_not_found", "There is no such contact.", param="id")


def _parts(call: Call) -> CrmParts:
    return call.services.crm
