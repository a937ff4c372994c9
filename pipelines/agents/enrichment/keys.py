"""Who is meant, in one spelling: the key answers are cached under. Pure."""

import hashlib
from urllib.parse import urlsplit

from crm.contact import PersonKey
from crm.mapping import linkedin_url, names
from pipelines.agents.lead import LeadFacts
from storage import email_address

FREE_MAIL = frozenset(
    "gmail.com googlemail.com yahoo.com hotmail.com outlook.com live.com icloud.com gmx.de gmx.net web.de aol.com"
    " proton.me protonmail.com mail.com".split()
)
"""Domains that tell nothing of a company."""


def person_key(lead: LeadFacts, email: str | None) -> PersonKey:
    address = email_address.normalised(email or lead.contact_email)
    first, last = names.split(lead.contact_name)
    return PersonKey(
        email=address,
        first_name=first,
        last_name=last,
        company=names.tidy(lead.company_name),
        domain=company_domain(lead.company_website, address),
        linkedin_url=linkedin_url.normalised(lead.linkedin_url),
    )


def company_domain(website: str | None, address: str | None) -> str | None:
    """Of the company's site, else of the address, unless anybody can have one there."""
    if website:
        host = urlsplit(website if "//" in website else f"//{website}").hostname or ""
        host = host.removeprefix("www.")
        if "." in host:
            return host
    domain = (address or "").rpartition("@")[2]
    return domain if domain and domain not in FREE_MAIL else None


def cache_key(key: PersonKey) -> str | None:
    """By address, else by profile, else by name and company; None when nobody is meant. No plain personal data: a
    hash, so that the cache's keys tell nobody anything."""
    if key.email:
        plain = f"email {key.email}"
    elif key.linkedin_url:
        plain = f"linkedin {key.linkedin_url}"
    elif key.first_name and key.last_name and (key.domain or key.company):
        plain = f"name {key.first_name} {key.last_name} {key.domain or key.company}".lower()
    elif key.domain:
        plain = f"domain {key.domain}"
    else:
        return None
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()
