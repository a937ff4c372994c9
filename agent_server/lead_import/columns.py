"""Which column of a table is which field of a lead, whatever the program calls it. Pure."""

import re
from collections.abc import Sequence

from msgspec import Struct

MAX_COLUMNS = 1_000
"""Whole exports of CRMs have some hundred."""

_MAX_NAME_CHARS = 100

_NAMES = {
    "company_name": "company company_name account account_name organization organisation organization_name business"
    " firma unternehmen",
    "company_website": "website company_website web url homepage company_url domain company_domain site webseite",
    "company_size": "company_size size employees employee_count number_of_employees no_of_employees headcount"
    " mitarbeiter",
    "industry": "industry sector vertical branche",
    "contact_name": "name full_name contact contact_name person contact_person lead_name ansprechpartner",
    "first_name": "first_name firstname given_name forename vorname",
    "last_name": "last_name lastname surname family_name nachname",
    "contact_email": "email e_mail mail email_address e_mail_address contact_email work_email business_email"
    " primary_email",
    "contact_title": "title job_title contact_title position role job_role",
    "contact_phone": "phone phone_number telephone tel mobile mobile_phone cell contact_phone work_phone"
    " primary_phone direct_phone telefon",
    "linkedin_url": "linkedin linkedin_url linkedin_profile person_linkedin_url",
    "notes": "notes note comment comments description remarks notizen",
    "status": "status lead_status",
    "time_zone": "time_zone timezone",
    "need": "need pain pain_point use_case",
    "team_size": "team_size users seats",
    "budget": "budget",
    "authority": "authority decision_maker",
    "timing": "timing timeline time_frame timeframe",
    "source": "source lead_source origin",
}
_FIELD_OF = {name: field for field, names in _NAMES.items() for name in names.split()}
FIELDS = tuple(_NAMES)


class Columns(Struct, frozen=True):
    """What a header says. ``fields``: the field of each column, None where it is none of ours: it is kept under its
    own name in ``custom``."""

    names: tuple[str, ...]
    fields: tuple[str | None, ...]

    @property
    def known(self) -> dict[str, str]:
        """Field by column, for the report."""
        return {name: field for name, field in zip(self.names, self.fields, strict=True) if field is not None}

    @property
    def custom(self) -> tuple[str, ...]:
        return tuple(name for name, field in zip(self.names, self.fields, strict=True) if field is None and name)


def columns_of(header: Sequence[str]) -> Columns:
    names = tuple(cell[:_MAX_NAME_CHARS] for cell in header)
    return Columns(names, tuple(_FIELD_OF.get(plain(name)) for name in names))


def plain(name: str) -> str:
    """ "E-Mail Address", "emailAddress" and "EMAIL_ADDRESS" are one name."""
    parted = re.sub(r"(?<=[a-zäöü])(?=[A-Z])", "_", name)
    return re.sub(r"[^\w]+|_+", "_", parted.strip().lower()).strip("_")
