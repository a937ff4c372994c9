"""Whose record an activity belongs to: the contact that was named, or that of the lead a conversation is held with. A
lead that the CRM does not have yet becomes a contact there, once, with what is known of it."""

from uuid import UUID

import msgspec

from crm.contact import CONTACT_FIELDS, FURTHER, ContactFields
from crm.mapping import names
from crm.sync import further
from crm.sync.editing import tidy
from crm.sync.run import Run
from crm.sync.same_person import same_people
from storage.crm.contacts import ContactRow, contacts_of_lead, lock_contact, lock_of_emails, save_contacts
from storage.crm.outbox import OutboxEntry, send_contacts
from storage.leads.records import LeadRecord
from storage.postgres.database import Transaction

QUALIFICATION = "qualification"
"""The kind of outcome whose subject is an agent's execution, not a conversation."""


async def contact_for(run: Run, entry: OutboxEntry) -> ContactRow | None:
    """None: nobody is known, so far."""
    given = entry.payload.get("contact_id")
    if isinstance(given, str):
        return await run.store.contacts.get(given)
    lead = await _lead(run, entry)
    if lead is None:
        return await run.store.contacts.of_conversation(run.platform, entry.subject)
    async with run.writing() as transaction:
        row = await _row_of(transaction, run, lead)
        if row is None and not _is_somebody(lead):
            return None
        known = of_lead(lead)
        filled = _filled(run, row, lead, known) if row is not None else _new(run, lead, known)
        if filled != row:
            await save_contacts(transaction, [filled])
            await send_contacts(transaction, run.platform, [filled.id], now=run.now())
    return filled


async def _lead(run: Run, entry: OutboxEntry) -> LeadRecord | None:
    if entry.kind == "email":
        return await run.store.leads.get(UUID(entry.subject))
    is_judgement = entry.payload.get("outcome") == QUALIFICATION
    find = run.store.contacts.lead_of_qualification if is_judgement else run.store.contacts.lead_of_conversation
    lead_id = await find(entry.subject)
    lead = await run.store.leads.get(lead_id) if lead_id is not None else None
    if lead is None or (is_judgement and lead.conversation_id is None):
        return None  # a list that was bought and judged is no reason to fill the CRM with it
    return lead


async def _row_of(transaction: Transaction, run: Run, lead: LeadRecord) -> ContactRow | None:
    """The lead's contact; else one of the same person by their addresses, which is then the lead's."""
    rows = await contacts_of_lead(transaction, run.platform, lead.id)
    if rows:
        return next((row for row in rows if row.deleted_at is None), rows[0])
    if lead.contact_email is None:
        return await lock_contact(transaction, _contact_id(lead))
    known = of_lead(lead)
    rows = await lock_of_emails(transaction, run.platform, sorted(further.all_of(known, "email")))
    return same_people({"": known}, rows).get("") or await lock_contact(transaction, _contact_id(lead))


def of_lead(lead: LeadRecord) -> ContactFields:
    """What is known of a lead in the terms of a contact."""
    first, last = names.split(lead.contact_name)
    return tidy(
        ContactFields(
            email=lead.contact_email,
            first_name=first,
            last_name=last,
            company=lead.company_name,
            title=lead.contact_title,
            phone=lead.contact_phone,
            linkedin_url=lead.linkedin_url,
            further_emails=lead.further_emails,
            further_phones=lead.further_phones,
        )
    )


def _is_somebody(lead: LeadRecord) -> bool:
    return any((lead.contact_email, lead.contact_phone, lead.contact_name))


def _contact_id(lead: LeadRecord) -> str:
    """The same whoever makes it, whenever."""
    return f"contact_{lead.id.hex}"


def _new(run: Run, lead: LeadRecord, known: ContactFields) -> ContactRow:
    now = run.now()
    values = {name: getattr(known, name) for name in CONTACT_FIELDS}
    return ContactRow(
        id=_contact_id(lead),
        crm_platform=run.platform,
        reference=_contact_id(lead),
        lead_id=lead.id,
        **values,
        further_emails=further.beside("email", known.email, known.further_emails or ()),
        further_phones=further.beside("phone", known.phone, known.further_phones or ()),
        field_times={name: now for name, value in values.items() if value is not None},
        created_at=now,
        updated_at=now,
    )


def _filled(run: Run, row: ContactRow, lead: LeadRecord, known: ContactFields) -> ContactRow:
    """With what the contact lacks and the lead has; nothing is overwritten."""
    if row.deleted_at is not None:
        return row
    beside_them: dict[str, tuple[str, ...]] = {}
    values = {
        name: getattr(known, name)
        for name in CONTACT_FIELDS
        if getattr(row, name) is None and getattr(known, name) is not None and name not in row.refused
    }
    for name, others in FURTHER.items():
        first = values.get(name, getattr(row, name))
        more = {*getattr(row, others), *(getattr(known, others) or ())} - further.refused(row, name)
        if first is not None and (beside := further.beside(name, first, more)) != getattr(row, others):
            beside_them[others] = beside
    if not values and not beside_them and row.lead_id is not None:
        return row
    now = run.now()
    return msgspec.structs.replace(
        row,
        **values,
        **beside_them,
        lead_id=row.lead_id or lead.id,
        field_times=row.field_times | dict.fromkeys(values, now),
        version=row.version + 1,
        updated_at=now,
    )
