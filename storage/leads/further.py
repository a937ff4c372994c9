"""The further addresses and telephone numbers of a lead, beside the first. Pure."""

from collections.abc import Iterable

from msgspec import structs

from storage.leads.records import FURTHER, LeadRecord


def all_of(lead: LeadRecord, name: str) -> frozenset[str]:
    """The first and the further ones. ``name``: the field of the first."""
    first = getattr(lead, name)
    return frozenset([*([first] if first is not None else []), *getattr(lead, FURTHER[name])])


def in_order(lead: LeadRecord) -> LeadRecord:
    """With none of them twice, and the first of the further ones first where there is no other."""
    values: dict[str, str | tuple[str, ...] | None] = {}
    for name, others in FURTHER.items():
        first, further = getattr(lead, name), tuple(sorted({*getattr(lead, others)} - {getattr(lead, name)}))
        if first is None and further:
            first, *rest = further
            further = tuple(rest)
        values |= {name: first, others: further}
    return structs.replace(lead, **values)


def with_more(lead: LeadRecord, *, emails: Iterable[str] = (), phones: Iterable[str] = ()) -> LeadRecord:
    """With these as well, where it has not got them."""
    more = {"further_emails": (*lead.further_emails, *emails), "further_phones": (*lead.further_phones, *phones)}
    return in_order(structs.replace(lead, **more))


def without_number(lead: LeadRecord, phone: str) -> LeadRecord:
    further = tuple(each for each in lead.further_phones if each != phone)
    first = None if lead.contact_phone == phone else lead.contact_phone
    return in_order(structs.replace(lead, contact_phone=first, further_phones=further))
