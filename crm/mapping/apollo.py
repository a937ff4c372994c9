"""Apollo's people and companies in the product's terms. Pure."""

from typing import Any

import msgspec

from crm.apollo.records import Organization, Person
from crm.contact import ContactFields, Enrichment
from crm.mapping import linkedin_url, names
from storage import email_address, phone_number

PLATFORM = "apollo"

_OF_PERSON = ("headline", "email_status", "photo_url", "seniority", "departments", "city", "state", "country")
_OF_COMPANY = (
    "website_url",
    "primary_domain",
    "linkedin_url",
    "industry",
    "keywords",
    "estimated_num_employees",
    "annual_revenue",
    "founded_year",
    "technology_names",
    "raw_address",
    "short_description",
)


def person(found: Person) -> Enrichment:
    """The contact's fields, and what else is known, the company's data under ``company``."""
    numbers = [number.sanitized_number or number.raw_number for number in found.phone_numbers or ()]
    whole = tuple(dict.fromkeys(filter(None, map(phone_number.normalised, numbers))))
    return Enrichment(
        platform=PLATFORM,
        external_id=found.id,
        fields=ContactFields(
            email=email_address.normalised(found.usable_email),
            first_name=names.tidy(found.first_name),
            last_name=names.tidy(found.last_name),
            company=names.tidy(found.organization.name) if found.organization else None,
            title=names.tidy(found.title),
            phone=whole[0] if whole else None,
            further_phones=tuple(sorted(whole[1:])),
            linkedin_url=linkedin_url.normalised(found.linkedin_url),
        ),
        data=_known(found, _OF_PERSON) | ({"company": _company(found.organization)} if found.organization else {}),
    )


def company(found: Organization) -> Enrichment:
    return Enrichment(
        platform=PLATFORM,
        external_id=found.id,
        fields=ContactFields(company=names.tidy(found.name)),
        data={"company": _company(found)},
    )


def _company(found: Organization) -> dict[str, Any]:
    return _known(found, ("id", "name", *_OF_COMPANY))


def _known(found: msgspec.Struct, members: tuple[str, ...]) -> dict[str, Any]:
    """The members that say something, as the JSON values they came as."""
    values = {name: getattr(found, name) for name in members}
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}
