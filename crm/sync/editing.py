"""What an edit makes of a contact. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from crm.contact import CONTACT_FIELDS, ContactFields
from crm.mapping import linkedin_url, names
from crm.sync.merge import WHOLE
from storage import email_address, phone_number
from storage.crm.contacts import ContactRow


class UnfitValue(ValueError):  # noqa: N818 - names the fact
    """What somebody entered for ``field`` is no value of it."""

    def __init__(self, field: str) -> None:
        super().__init__(f"'{field}' {_NEEDS.get(field, 'needs more than spaces')}.")
        self.field = field


_NEEDS = {"email": "needs an address such as ada@example.com", WHOLE: "needs one side's state, not a value"}


def check_entered(values: Mapping[str, Any]) -> None:
    """What somebody enters is taken as a value or refused: kept as nothing, it would empty the field. Raises
    UnfitValue."""
    if WHOLE in values:
        raise UnfitValue(WHOLE)
    entered = {name: value for name, value in values.items() if name in CONTACT_FIELDS and value is not None}
    fitting = tidy(ContactFields(**entered))
    for name in entered:
        if getattr(fitting, name) is None:
            raise UnfitValue(name)


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
