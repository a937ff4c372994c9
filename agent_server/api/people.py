"""What is known of a person, for them to have."""

import asyncio
from typing import Final
from uuid import UUID

import msgspec
from aiohttp import web
from msgspec import Struct

from agent_server.api.endpoint import Call, Resource
from agent_server.api.numbers import number_of
from agent_server.web.errors import Problem
from storage import email_address
from storage.erasure.person import Ambiguous, Subject
from storage.errors import StorageError
from storage.postgres.json_codec import encode_json

people = Resource("people", "What is known of a person, for them to have.")

EXPORT_S: Final = 300.0
"""The records are read as they were at one moment, which the database cannot hold for ever."""

_FLUSH_BYTES: Final = 64 * 1024


class PersonQuery(Struct, frozen=True):
    """Exactly one."""

    lead_id: UUID | None = None
    phone: str | None = None
    email: str | None = None


@people.get(
    "/api/people/export",
    scope="admin",
    summary="Everything that is known of a person",
    produces="application/json; charset=utf-8",
    errors=(404, 409, 422),
)
async def export_person(call: Call, query: PersonQuery) -> web.StreamResponse:
    """One JSON document: `{"subject", "exported_at", "records": [{"kind", "record"}]}`, of everything that an erasure
    would find, streamed. A number that several people share is refused (409 `several_people`): name the lead."""
    subject = subject_of(query.lead_id, query.phone, query.email)
    records = call.services.erasures.kept.show(subject)
    try:
        async with asyncio.timeout(EXPORT_S):
            first = await anext(records, None)
            if first is None:
                raise Problem(404, "person_not_found", "Nothing is known of such a person.")
            response = web.StreamResponse(headers={"Content-Disposition": 'attachment; filename="person.json"'})
            response.content_type = "application/json"
            await response.prepare(call.request)
            about = {"subject": msgspec.to_builtins(subject), "exported_at": call.services.utc_now()}
            buffer = bytearray(encode_json(about)[:-1] + b',"records":[\n' + _line(first))
            async for record in records:
                buffer += b",\n" + _line(record)
                if len(buffer) >= _FLUSH_BYTES:
                    await response.write(bytes(buffer))
                    buffer.clear()
            await response.write(bytes(buffer) + b"\n]}\n")
            await response.write_eof()
    except (Ambiguous, StorageError) as error:
        raise problem_of(error) from error
    finally:
        await records.aclose()
    return response


def subject_of(lead_id: UUID | None, phone: str | None, email: str | None) -> Subject:
    """Raises Problem."""
    if sum(each is not None for each in (lead_id, phone, email)) != 1:
        message = "Name the person by exactly one of 'lead_id', 'phone' and 'email'."
        raise Problem(422, "person_unnamed", message, param="lead_id")
    if phone is not None:
        return Subject(phone=number_of(phone, param="phone"))
    if email is None:
        return Subject(lead_id=lead_id)
    address = email_address.normalised(email)
    if address is None:
        raise Problem(422, "email_invalid", "An address such as ada@example.com is needed.", param="email")
    return Subject(email=address)


def problem_of(error: Ambiguous | StorageError) -> Exception:
    """As the API tells it."""
    if isinstance(error, Ambiguous):
        leads = ", ".join(map(str, error.leads)) or "none is a lead"
        message = f"Several people share this number; name one by 'lead_id' or 'email'. Leads: {leads}."
        return Problem(409, "several_people", message, param="phone")
    if error.code == "person_too_wide":
        return Problem(409, error.code, str(error))
    if error.code == "already_exists":
        return Problem(409, "erasure_under_way", "This person is being erased already.")
    return error


def _line(record: tuple[str, object]) -> bytes:
    kind, row = record
    return encode_json({"kind": kind, "record": row})
