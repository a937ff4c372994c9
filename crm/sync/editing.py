"""What an edit makes of a contact. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from crm.contact import CONTACT_FIELDS, ContactFields
from crm.mapping import linkedin_url, names
from storage import email_address, phone_number
from storage.crm_contacts import ContactRow


def edited(row: ContactRow, changes: Mapping[str, Any], *, now: datetime) -> ContactRow:
    """With the named fields set; ``row`` itself when that changes nothing. ``enrichment_data`` is merged key by key."""
    known = {name: value for name, value in changes.items() if name in CONTACT_FIELDS}
    given = tidy(ContactFields(**known))
    values = {name: getattr(given, name) for name in known}
    news = {name: value for name, value in values.items() if value != getattr(row, name)}
    data = row.enrichment_data | (changes.get("enrichment_data") or {})
    if not news and data == row.enrichment_data:
        return row
    stamped = [*news, *(["enrichment_data"] if data != row.enrichment_data else [])]
    return msgspec.structs.replace(
        row,
        **news,
        enrichment_data=data,
        field_times=row.field_times | dict.fromkeys(stamped, now),
        refused={name: value for name, value in row.refused.items() if name not in news},
        version=row.version + 1,
        updated_at=now,
    )


def tidy(fields: ContactFields) -> ContactFields:
    """Addresses, numbers and links in their one form, so that the same value is the same on both sides."""
    return ContactFields(
        email=email_address.normalised(fields.email),
        first_name=names.tidy(fields.first_name),
        last_name=names.tidy(fields.last_name),
        company=names.tidy(fields.company),
        title=names.tidy(fields.title),
        phone=phone_number.normalised_or_text(fields.phone),
        linkedin_url=linkedin_url.normalised(fields.linkedin_url) or names.tidy(fields.linkedin_url),
        enrichment_data=fields.enrichment_data,
    )
