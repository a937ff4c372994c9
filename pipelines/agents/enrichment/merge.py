"""Person and company facts from several sources, each with where it comes from. Pure."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from crm.contact import CONTACT_FIELDS, Enrichment
from pipelines.agents.enrichment.sources import Source
from pipelines.agents.lead import LeadFacts
from pipelines.person_name import parted
from pipelines.tools.retrieved import bounded

PERSON = ("email", "first_name", "last_name", "title", "phone", "linkedin_url")
_COMPANY = {
    "name": "company_name",
    "website_url": "website",
    "primary_domain": "domain",
    "industry": "industry",
    "estimated_num_employees": "employees",
    "annual_revenue": "annual_revenue",
    "founded_year": "founded_year",
    "technology_names": "technologies",
    "short_description": "description",
    "linkedin_url": "linkedin_url",
    "raw_address": "address",
}
_LISTS = frozenset({"technologies"})
_FROM_LEAD = 0.6
_GUESSED = 0.3
NAME_CHARS = 80
"""Of a name or a title in a sentence about somebody."""

AGREED = 0.1
"""Two sources that say the same are surer than one."""


class Told(Struct, frozen=True):
    """What one source said: ``fields`` of a contact, ``data`` as the platform keeps it."""

    source: str
    confidence: float
    fields: dict[str, Any]
    data: dict[str, Any]

    @classmethod
    def of(cls, source: Source, found: Enrichment) -> "Told":
        """What a source found, within bounds, whatever it sent."""
        fields = {name: value for name in CONTACT_FIELDS if (value := getattr(found.fields, name)) is not None}
        return cls(source.name, source.confidence, bounded(fields), bounded(found.data))


Facts = dict[str, dict[str, Any]]


def merged(lead: LeadFacts, domain: str | None, told: Sequence[Told]) -> tuple[Facts, Facts]:
    """(person, company): by name of the fact its value, source and confidence. The surer source wins."""
    person, company = _of_lead(lead, domain)
    for said in sorted(told, key=lambda entry: entry.confidence):
        for name in PERSON:
            _put(person, name, said.fields.get(name), said)
        of_company = said.data.get("company")
        known = of_company if isinstance(of_company, dict) else {}
        for name, shown in _COMPANY.items():
            _put(company, shown, known.get(name), said)
        _put(company, "company_name", said.fields.get("company"), said)
        for name in ("headline", "seniority", "city", "country"):
            _put(person, name, said.data.get(name), said)
    return person, company


def summary_by_rules(person: Facts, company: Facts) -> str:
    """Who it is, in a sentence or two."""

    def value(facts: Facts, name: str) -> str:
        return str(facts[name]["value"])[:NAME_CHARS] if name in facts else ""

    who = " ".join(filter(None, (value(person, "first_name"), value(person, "last_name")))) or "The contact"
    what = f" is {value(person, 'title')}" if "title" in person else ""
    where = f" at {value(company, 'company_name')}" if "company_name" in company else ""
    about = [
        value(company, "industry"),
        _people(value(company, "employees")),
    ]
    firm = ", ".join(filter(None, about))
    first = f"{who}{what or (' works' if where else '')}{where}." if what or where else ""
    return f"{first}{f' The company: {firm}.' if firm else ''}".strip() or "Nothing was found beyond what was given."


def _people(employees: str) -> str:
    """In words: of a plain number nobody knows whether it is still so."""
    return f"{'about ' if employees.isdigit() else ''}{employees} people" if employees else ""


def _of_lead(lead: LeadFacts, domain: str | None) -> tuple[Facts, Facts]:
    name = parted(lead.contact_name)
    given_person = {
        "email": lead.contact_email,
        "first_name": name.first or None,
        "last_name": name.last or None,
        "title": lead.contact_title,
        "phone": lead.contact_phone,
        "linkedin_url": lead.linkedin_url,
    }
    given_company = {
        "company_name": lead.company_name,
        "website": lead.company_website,
        "industry": lead.industry,
        "employees": lead.company_size,
        "domain": domain,
    }
    person, company = _given(given_person), _given(given_company)
    if not any(name) and lead.contact_email:
        person |= _guessed_names(lead.contact_email)
    return person, company


def _guessed_names(address: str) -> Facts:
    """``sam.jones@`` is most likely Sam Jones."""
    parts = [part for part in address.partition("@")[0].split(".") if part.isalpha() and len(part) > 1]
    if len(parts) != 2:
        return {}
    guess = {"source": "e-mail address", "confidence": _GUESSED}
    first, last = parts
    return {"first_name": {"value": first.title(), **guess}, "last_name": {"value": last.title(), **guess}}


def _given(values: dict[str, Any]) -> Facts:
    return {
        name: {"value": value, "source": "lead", "confidence": _FROM_LEAD}
        for name, value in values.items()
        if value not in (None, "")
    }


def _put(facts: Facts, name: str, value: Any, said: Told) -> None:
    """Of a value that has not the form of a fact nothing is kept."""
    if not _is_fact(name, value):
        return
    before = facts.get(name)
    agreed = before is not None and str(before["value"]).lower() == str(value).lower()
    sure = min(1.0, said.confidence + AGREED) if agreed else said.confidence
    facts[name] = {"value": value, "source": said.source, "confidence": round(sure, 2)}


def _is_fact(name: str, value: Any) -> bool:
    """A text or a number; of some facts a list of texts."""
    if name in _LISTS:
        return isinstance(value, list) and bool(value) and all(isinstance(entry, str) for entry in value)
    return isinstance(value, str | int | float) and not isinstance(value, bool) and value != ""
