"""``/organizations/enrich`` and its bulk form: what a company is, by its domain."""

from collections.abc import Sequence

from msgspec import Struct

from crm import http
from crm.apollo.records import Organization
from crm.http import Request

BULK_SIZE = 10


class EnrichAnswer(Struct, frozen=True):
    """No match is a success without ``organization``."""

    organization: Organization | None = None


class BulkAnswer(Struct, frozen=True):
    """In the order of the request, null where there is no match."""

    organizations: tuple[Organization | None, ...]


def enrich(domain: str) -> Request:
    return http.get("/organizations/enrich", "organizations/enrich", {"domain": domain})


def bulk_enrich(domains: Sequence[str]) -> Request:
    """At most ``BULK_SIZE`` companies."""
    if not 0 < len(domains) <= BULK_SIZE:
        raise ValueError(f"bulk_enrich takes 1 to {BULK_SIZE} domains")
    body = {"domains": list(domains)}
    return http.send_json("POST", "/organizations/bulk_enrich", "organizations/bulk_enrich", body, idempotent=True)
