"""What an edit makes of a contact. Pure."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from crm.contact import CONTACT_FIELDS, FURTHER, ContactFields
from crm.mapping import linkedin_url, names
from crm.sync import further
from crm.sync.merge import WHOLE
from storage import email_address, phone_number
from storage.crm.contacts import ContactRow


class UnfitValue(ValueError):  # noqa: N818 - names the fact
    """What somebody entered for ``field`` is no value of it."""

    def __init__(self, field: str) -> None:
        super().__init__(f"'{field}' {_NEEDS.get(field, 'needs more than spaces')}.")
        self.field = field


_NEEDS = {
    "email": "needs an address such as ada@example.com",
    "emails": "needs addresses such as ada@example.com",
    "phones": "needs whole telephone numbers, such as +14155550132",
    WHOLE: "needs one side's state, not a value",
}


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
    for each in values.get(FURTHER["email"]) or ():
        if email_address.normalised(each) is None:
            raise UnfitValue("emails")
    for each in values.get(FURTHER["phone"]) or ():
        if phone_number.normalised(each) is None:
            raise UnfitValue("phones")


def edited(row: ContactRow, changes: Mapping[str, Any], *, now: datetime) -> ContactRow:
    """With the named fields set; ``row`` itself when that changes nothing. ``enrichment_data`` is merged key by key,
    ``address_types`` too. A first address or number that gives way to another is kept beside it, unless
    the further ones are named as well; where it goes, one of these takes its place."""
    known = {name: value for name, value in changes.items() if name in (*CONTACT_FIELDS, *FURTHER.values())}
    given = tidy(ContactFields(**known))
    values = {name: getattr(given, name) for name in known} | _lists(row, given, known)
    news = {name: value for name, value in values.items() if value != getattr(row, name)}
    types = row.address_types | (changes.get("address_types") or {})
    data = row.enrichment_data | (changes.get("enrichment_data") or {})
    if not news and data == row.enrichment_data:
        return row
    after = msgspec.structs.replace(row, **news)
    if row.base:  # what is emptied here is not known to be unwanted there
        emptied = [others for name, others in FURTHER.items() if name in news and news[name] is None]
        after = msgspec.structs.replace(after, base=row.base | dict.fromkeys(emptied))
    stamped = [
        *(name for name in news if name in CONTACT_FIELDS),
        *(["enrichment_data"] if data != row.enrichment_data else []),
    ]
    return msgspec.structs.replace(
        after,
        address_types=further.types(after, types),
        enrichment_data=data,
        field_times=row.field_times | dict.fromkeys(stamped, now),
        refused={name: value for name, value in row.refused.items() if name not in news},
        version=row.version + 1,
        updated_at=now,
    )


def _lists(row: ContactRow, given: ContactFields, named: Mapping[str, Any]) -> dict[str, Any]:
    """The first and the further ones, where either is named."""
    values: dict[str, Any] = {}
    for name, others in FURTHER.items():
        if not {name, others} & named.keys():
            continue
        first = getattr(given if name in named else row, name)
        if others in named:
            beside = further.beside(name, first, getattr(given, others) or ())
        else:
            gives_way = getattr(row, name) if first is not None else None
            beside = further.beside(name, first, (*getattr(row, others), gives_way))
        if first is None and beside:
            first, *rest = beside
            beside = tuple(rest)
        values |= {name: first, others: beside}
    return values


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
        further_emails=_each(email_address.normalised, fields.further_emails),
        further_phones=_each(phone_number.normalised, fields.further_phones),
        address_types=fields.address_types,
        enrichment_data=fields.enrichment_data,
    )


def _each(spelled: Callable[[str], str | None], values: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(filter(None, map(spelled, values)))
