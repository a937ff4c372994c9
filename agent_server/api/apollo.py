"""Apollo: what it knows of people and companies."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from agent_server.api.crm_calls import EnrichmentReply, asked, shown_enrichment
from agent_server.api.endpoint import Call, Resource
from agent_server.web.errors import Problem
from crm.client import LIVE
from crm.contact import PersonKey
from crm.provider import Provider

apollo = Resource("apollo", "Enrichment by Apollo; every match costs a credit.")


class PersonQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of a person; an e-mail address or a profile identifies best."""

    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    domain: str | None = None
    linkedin_url: str | None = None


class PeopleQuery(Struct, frozen=True, forbid_unknown_fields=True):
    people: Annotated[list[PersonQuery], Meta(min_length=1, max_length=10)]


class PeopleReply(Struct, frozen=True):
    """In the order they were asked for; null: no match."""

    people: list[EnrichmentReply | None]


class CompanyQuery(Struct, frozen=True, forbid_unknown_fields=True):
    domain: Annotated[str, Meta(min_length=3, max_length=253)]


class ApolloState(Struct, frozen=True):
    """`account`: whose key it is, null when it is not taken; `problem` says why."""

    connected: bool
    account: str | None
    problem: str | None = None


@apollo.get("/api/apollo", scope="read", summary="Whether Apollo is connected")
async def apollo_state(call: Call) -> ApolloState:
    parts = call.services.crm
    if not await parts.crm.is_connected("apollo"):
        return ApolloState(False, None, "not_connected")
    try:
        account = await asked(parts.crm.providers["apollo"].check(LIVE))
    except Problem as problem:
        return ApolloState(False, None, problem.code)
    return ApolloState(True, account.name)


@apollo.post("/api/apollo/people", scope="write", summary="Enrich a person", errors=(404, 422, 502, 503))
async def enrich_person(call: Call, body: PersonQuery) -> EnrichmentReply:
    found = await asked((await _provider(call)).enrich_person(_key(body), LIVE))
    if found is None:
        raise Problem(404, "no_match", "Apollo knows nobody like that.")
    return shown_enrichment(found)


@apollo.post("/api/apollo/people/bulk", scope="write", summary="Enrich up to ten people", errors=(422, 502, 503))
async def enrich_people(call: Call, body: PeopleQuery) -> PeopleReply:
    found = await asked((await _provider(call)).enrich_people([_key(person) for person in body.people], LIVE))
    return PeopleReply([shown_enrichment(entry) if entry is not None else None for entry in found])


@apollo.post("/api/apollo/companies", scope="write", summary="Enrich a company", errors=(404, 502, 503))
async def enrich_company(call: Call, body: CompanyQuery) -> EnrichmentReply:
    found = await asked((await _provider(call)).enrich_company(body.domain, LIVE))
    if found is None:
        raise Problem(404, "no_match", "Apollo knows no such company.")
    return shown_enrichment(found)


async def _provider(call: Call) -> Provider:
    parts = call.services.crm
    if not await parts.crm.is_connected("apollo"):
        raise Problem(503, "not_connected", "There is no key for Apollo.")
    return parts.crm.providers["apollo"]


def _key(person: PersonQuery) -> PersonKey:
    values: dict[str, Any] = {name: getattr(person, name) for name in PersonQuery.__struct_fields__}
    if not any(values.values()):
        raise Problem(422, "person_unnamed", "Something has to identify the person.")
    return PersonKey(**values)
