"""Apollo's people and organisations as the API sends them, as far as they are used. Unknown members are ignored.

Members typed ``Any`` are passed on as they come: a number that turns into a text must not cost the whole person.
"""

from typing import Any

from msgspec import Struct


class Organization(Struct, frozen=True):
    id: str | None = None
    name: str | None = None
    website_url: str | None = None
    primary_domain: str | None = None
    linkedin_url: str | None = None
    phone: str | None = None
    industry: Any = None
    keywords: Any = None
    estimated_num_employees: Any = None
    annual_revenue: Any = None
    founded_year: Any = None
    technology_names: Any = None
    raw_address: Any = None
    short_description: Any = None
    city: Any = None
    state: Any = None
    country: Any = None


class PhoneNumber(Struct, frozen=True):
    """``sanitized_number`` is E.164."""

    sanitized_number: str | None = None
    raw_number: str | None = None
    type_cd: Any = None
    status_cd: Any = None


class Person(Struct, frozen=True):
    """``email`` may be a placeholder such as ``email_not_unlocked@domain.com``: see ``usable_email``."""

    id: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    name: str | None = None
    linkedin_url: str | None = None
    title: str | None = None
    headline: Any = None
    email: str | None = None
    email_status: Any = None
    photo_url: Any = None
    seniority: Any = None
    departments: Any = None
    city: Any = None
    state: Any = None
    country: Any = None
    phone_numbers: tuple[PhoneNumber, ...] | None = None
    employment_history: Any = None
    organization: Organization | None = None

    @property
    def usable_email(self) -> str | None:
        """The address, unless Apollo has not unlocked it."""
        return None if self.email is None or self.email.startswith("email_not_unlocked@") else self.email
