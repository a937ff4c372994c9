"""``/organizations/enrich``: what a company is, by its domain."""

from msgspec import Struct

from crm import http
from crm.apollo.records import Organization
from crm.http import Request


class EnrichAnswer(Struct, frozen=True):
    """No match is a success without ``organization``."""

    organization: Organization | None = None


def enrich(domain: str) -> Request:
    return http.get("/organizations/enrich", "organizations/enrich", {"domain": domain})
