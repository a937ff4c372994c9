"""Who agreed to be called: without a record nobody is."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from agent_server.api.endpoint import Call, Resource
from agent_server.api.leads import existing_lead
from agent_server.api.numbers import number_of
from agent_server.web.errors import Problem
from storage.calls.consents import ConsentKind, ConsentRecord, ListedConsent
from storage.leads.records import LeadRecord
from storage.postgres.cursor import MAX_LIMIT, Page

consents = Resource("calls", "Calls that the agent makes, and whom it may call.")

Moment = Annotated[datetime, Meta(tz=True)]


class ConsentQuery(Struct, frozen=True):
    limit: Annotated[int, Meta(ge=1, le=MAX_LIMIT)] = 50
    cursor: str | None = None
    kind: ConsentKind | None = None


class Consent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`kind`: `express`, `express_written`, `existing_relationship` (needs `valid_until`: it ends), or `none` when it
    was refused or taken back. `source`: where it was given, such as "web form of 2026-03-02", for who has to show it.
    `given_at`: now, unless said."""

    kind: ConsentKind
    source: Annotated[str, Meta(min_length=1, max_length=500, pattern=r"\S")]
    given_at: Moment | None = None
    valid_until: Moment | None = None


@consents.get("/api/consents", scope="read", summary="List consents, newest first")
async def list_consents(call: Call, query: ConsentQuery) -> Page[ListedConsent]:
    return await call.services.calls.consents.list(kind=query.kind, limit=query.limit, cursor=query.cursor)


@consents.get("/api/consents/{number}", scope="read", summary="The consent of a number", errors=(404, 422))
async def get_consent(call: Call) -> ConsentRecord:
    return await _existing(call, number_of(call.path("number"), param="number"))


@consents.put("/api/consents/{number}", scope="write", summary="Record the consent of a number", errors=(422,))
async def put_consent(call: Call, body: Consent) -> ConsentRecord:
    """The newest record counts; `none` takes it back at once."""
    return await _put(call, number_of(call.path("number"), param="number"), body)


@consents.get("/api/leads/{id}/consent", scope="read", summary="The consent of a lead's number", errors=(404, 409, 422))
async def get_lead_consent(call: Call) -> ConsentRecord:
    return await _existing(call, _number_of_lead(await existing_lead(call)))


@consents.put("/api/leads/{id}/consent", scope="write", summary="Record a lead's consent", errors=(404, 409, 422))
async def put_lead_consent(call: Call, body: Consent) -> ConsentRecord:
    """For the number the lead has now: with another number it has to agree anew."""
    lead = await existing_lead(call)
    return await _put(call, _number_of_lead(lead), body, lead_id=lead.id)


async def _existing(call: Call, number: str) -> ConsentRecord:
    consent = await call.services.calls.consents.get(number)
    if consent is None:
        raise Problem(404, "consent_not_found", "There is no record for this number, so it is not called.")
    return consent


async def _put(call: Call, number: str, body: Consent, *, lead_id: UUID | None = None) -> ConsentRecord:
    now = call.services.utc_now()
    if body.kind == "existing_relationship" and body.valid_until is None:
        message = "An existing relationship ends; say when with 'valid_until'."
        raise Problem(422, "valid_until_missing", message, param="valid_until")
    return await call.services.calls.consents.put(
        number,
        body.kind,
        source=body.source.strip(),
        given_at=body.given_at or now,
        valid_until=body.valid_until,
        lead_id=lead_id,
        recorded_by=call.key_holder.key_id,
        now=now,
    )


def _number_of_lead(lead: LeadRecord) -> str:
    if lead.contact_phone is None:
        raise Problem(409, "lead_without_number", "This lead has no telephone number.", param="id")
    return number_of(lead.contact_phone, param="id")
