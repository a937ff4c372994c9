"""Calls that the agent makes."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from agent_server.api.agent_profile_forms import Slug
from agent_server.api.endpoint import Call, Resource
from agent_server.api.numbers import Number, number_of
from agent_server.telephony.outbound.carrier import Carrier, CarrierError
from agent_server.telephony.outbound.carriers import missing_of
from agent_server.telephony.outbound.dialler import Wish
from agent_server.telephony.outbound.opening import MOST_PURPOSE_CHARS
from agent_server.web.errors import Problem
from storage.calls.outbound import CallStatus, ListedCall, OutboundCall
from storage.postgres.cursor import MAX_LIMIT, Page

calls = Resource("calls", "Calls that the agent makes, and whom it may call.")

_STATUSES = {
    "do_not_call": 403,
    "no_consent": 403,
    "outside_calling_hours": 409,
    "already_in_call": 409,
    "too_many_attempts": 429,
    "number_invalid": 422,
    "lines_busy": 503,
    "server_stopping": 503,
}
"""Of refusals by code; others are the carrier's."""

_KEY_HEADER = "Idempotency-Key"
_KEY_CHARS = range(8, 201)
_RETRY_LINES_S = 5.0


class CallQuery(Struct, frozen=True):
    limit: Annotated[int, Meta(ge=1, le=MAX_LIMIT)] = 50
    cursor: str | None = None
    status: CallStatus | None = None
    lead_id: UUID | None = None
    to: Number | None = None


class NewCall(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`lead_id` or `to`; with both, that number of that lead. `purpose`: why you call, as the agent says it: "I'm
    calling about …". `agent`: the profile that talks, else the default one."""

    lead_id: UUID | None = None
    to: Number | None = None
    purpose: Annotated[str, Meta(min_length=1, max_length=MOST_PURPOSE_CHARS, pattern=r"\S")] | None = None
    agent: Slug | None = None


class PhoneCall(Struct, frozen=True, kw_only=True):
    """A call, from the wish to its end. `status`: `queued`, `dialling`, `ringing`, `in_progress`; `completed`,
    `voicemail`, `busy`, `no_answer`, `failed`, `canceled`, `refused`; `unknown` when the carrier was asked and did not
    answer: then it is found out and never dialled again. `code` and `message`: why it was refused or failed;
    `retry_at`: from when on it would be permitted. `conversation_id`: once it is answered. `agent`: the profile that
    talks; null: the default one."""

    id: str
    to: str
    lead_id: UUID | None
    status: CallStatus
    code: str | None
    message: str | None
    retry_at: datetime | None
    purpose: str | None
    answered_by: str | None
    conversation_id: str | None
    requested_by: str | None
    agent: str | None
    created_at: datetime
    dialled_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None


class ListedPhoneCall(PhoneCall, frozen=True, kw_only=True):
    """A call with the names of its lead."""

    company_name: str | None
    contact_name: str | None


@calls.post(
    "/api/calls",
    scope="write",
    summary="Call somebody now",
    status=201,
    errors=(404, 409, 422, 429, 502, 503),
    headers={_KEY_HEADER: "8 to 200 characters: a repeated request with the same is the same call"},
)
async def make_call(call: Call, body: NewCall) -> PhoneCall:
    """Refused with one code that says why: `no_consent`, `do_not_call`, `outside_calling_hours`, `too_many_attempts`,
    `already_in_call`, `number_invalid`, `lines_busy`, `telephony_not_configured`, or the carrier's. Refusals are kept,
    too. With the header `Idempotency-Key` (8 to 200 characters) a repeated request is the same call."""
    carrier = configured_carrier(call)
    number, lead_id = await _whom(call, body)
    wish = Wish(
        number=number,
        lead_id=lead_id,
        purpose=body.purpose.strip() if body.purpose else None,
        idempotency_key=_key(call),
        requested_by=call.key_holder.key_id,
        agent=call.services.profiles.check(body.agent),
        base_url=call.services.settings.process.public_url or f"{call.request.scheme}://{call.request.host}",
    )
    made, _ = await call.services.calls.dialler.ask(wish, carrier)
    if made.status in ("refused", "failed"):
        raise _refusal(made)
    return shown(made)


@calls.get("/api/calls", scope="read", summary="List calls, newest first", errors=(422,))
async def list_calls(call: Call, query: CallQuery) -> Page[ListedPhoneCall]:
    """`status=refused` are those that were not made, each with its reason."""
    page = await call.services.calls.records.list(
        status=query.status,
        lead_id=query.lead_id,
        number=number_of(query.to, param="to") if query.to is not None else None,
        limit=query.limit,
        cursor=query.cursor,
    )
    return Page(items=tuple(map(_listed, page.items)), next_cursor=page.next_cursor)


@calls.get("/api/calls/{id}", scope="read", summary="One call", errors=(404,))
async def get_call(call: Call) -> PhoneCall:
    found = await call.services.calls.records.get(call.path("id"))
    if found is None:
        raise _missing()
    return shown(found)


@calls.post("/api/calls/{id}/cancel", scope="write", summary="Hang up, or do not dial", errors=(404, 502))
async def cancel_call(call: Call) -> PhoneCall:
    """A call that is over stays as it ended. One that is hung up ends a moment later."""
    try:
        found = await call.services.calls.dialler.cancel(call.path("id"))
    except CarrierError as error:
        raise Problem(502, error.code, str(error)) from error
    if found is None:
        raise _missing()
    return shown(found)


def shown(call: OutboundCall) -> PhoneCall:
    return PhoneCall(
        id=call.id,
        to=call.number,
        lead_id=call.lead_id,
        status=call.status,
        code=call.code,
        message=call.message,
        retry_at=call.retry_at,
        purpose=call.purpose,
        answered_by=call.answered_by,
        conversation_id=call.conversation_id if call.answered_at is not None else None,
        requested_by=call.requested_by,
        agent=call.agent,
        created_at=call.created_at,
        dialled_at=call.dialled_at,
        answered_at=call.answered_at,
        ended_at=call.ended_at,
    )


def _listed(call: ListedCall) -> ListedPhoneCall:
    return ListedPhoneCall(
        **msgspec.structs.asdict(shown(call)), company_name=call.company_name, contact_name=call.contact_name
    )


def configured_carrier(call: Call) -> Carrier:
    """Raises Problem (503) ``telephony_not_configured``."""
    missing = missing_of(call.services.settings)
    carrier = call.services.calls.carrier
    if missing or carrier is None:
        raise Problem(503, "telephony_not_configured", f"Nobody can be called: set {', '.join(missing)}.")
    return carrier


async def _whom(call: Call, body: NewCall) -> tuple[str, UUID | None]:
    """Number and lead."""
    services = call.services
    number = number_of(body.to, param="to") if body.to is not None else None
    if body.lead_id is None:
        if number is None:
            raise Problem(400, "missing_required_parameter", "'lead_id' or 'to' is required.", param="lead_id")
        known = await services.leads.find(phone=number)
        return number, known.id if known is not None else None
    lead = await services.leads.get(body.lead_id)
    if lead is None:
        raise Problem(404, "lead_not_found", "There is no such lead.", param="lead_id")
    if number is None and lead.contact_phone is None:
        raise Problem(422, "number_invalid", "This lead has no telephone number.", param="lead_id")
    return number or number_of(lead.contact_phone or "", param="lead_id"), lead.id


def _key(call: Call) -> str | None:
    key = call.request.headers.get(_KEY_HEADER)
    if key is not None and (len(key) not in _KEY_CHARS or not key.isprintable()):
        message = f"The header {_KEY_HEADER} has 8 to 200 printable characters."
        raise Problem(400, "invalid_value", message, param=_KEY_HEADER)
    return key


def _refusal(call: OutboundCall) -> Problem:
    code, message = call.code or "call_failed", call.message or "The call failed."
    if call.retry_at is not None:
        message = f"{message} It is permitted from {call.retry_at:%Y-%m-%dT%H:%M:%SZ} on."
    return Problem(
        _STATUSES.get(code, 502),
        code,
        message,
        retry_after_s=_retry_after_s(call),
        headers={"Location": f"/api/calls/{call.id}"},
    )


def _retry_after_s(call: OutboundCall) -> float | None:
    if call.retry_at is not None:
        return (call.retry_at - call.created_at).total_seconds()
    return _RETRY_LINES_S if call.code == "lines_busy" else None


def _missing() -> Problem:
    return Problem(404, "call_not_found", "There is no such call.", param="id")
