"""Under what keys answers of enrichment sources about somebody may be kept: a source is asked with what was known
then."""

from collections.abc import Mapping
from typing import Any

from msgspec import structs

from pipelines.agents.enrichment.keys import cache_key, person_key
from pipelines.agents.lead import LeadFacts


def keys_of_face(face: Mapping[str, Any]) -> list[str]:
    """``face``: a row of the query ``erasure_faces``. Keys that name a company alone are nobody's."""
    facts = LeadFacts(
        contact_email=face["email"],
        contact_name=face["name"] or None,
        company_name=face["company"],
        company_website=face["website"],
        linkedin_url=face["linkedin_url"],
    )
    whole = person_key(facts, None)
    forms = [
        whole,
        structs.replace(whole, email=None),
        structs.replace(whole, email=None, linkedin_url=None),
        structs.replace(whole, email=None, linkedin_url=None, domain=None),
    ]
    return [
        key
        for form in forms
        if (form.email or form.linkedin_url or form.last_name) and (key := cache_key(form)) is not None
    ]
