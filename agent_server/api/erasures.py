"""People whose data is erased: asked for, looked at before, confirmed, and proved."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from agent_server.api.endpoint import Call, Resource
from agent_server.api.people import problem_of, subject_of
from agent_server.web.errors import Problem
from storage.erasure.digests import CrmChoice
from storage.erasure.erasures import Erasure, ErasureSource, ErasureStatus
from storage.erasure.person import Ambiguous, Subject
from storage.erasure.plan import Plan
from storage.errors import StorageError
from storage.postgres.cursor import MAX_LIMIT, Page

erasures = Resource("erasures", "Erasing what is known of a person, on their wish.")


class NewErasure(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Exactly one of `lead_id`, `phone` and `email`. `crm`: as ERASE_IN_CRM says, unless said. `dry_run`: only look at
    what would become of it."""

    lead_id: UUID | None = None
    phone: str | None = None
    email: str | None = None
    crm: CrmChoice | None = None
    dry_run: bool = False


class Confirmation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom the request is about, where it does not say so itself."""

    lead_id: UUID | None = None
    phone: str | None = None
    email: str | None = None
    crm: CrmChoice | None = None


class ErasureQuery(Struct, frozen=True):
    limit: Annotated[int, Meta(ge=1, le=MAX_LIMIT)] = 50
    cursor: str | None = None
    status: ErasureStatus | None = None


class ShownErasure(Struct, frozen=True, kw_only=True):
    """`subject` names whom it is about until it is finished; then only keyed hashes do. `counts` is what went, by kind.
    `waits_for` says what has to end first: a conversation, a call, an agent's run, the news of a cancelled meeting."""

    id: str
    status: ErasureStatus
    source: ErasureSource
    subject: Subject | None
    crm: CrmChoice
    requested_by: str | None
    conversation_id: str | None
    counts: dict[str, int]
    waits_for: str | None
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None


class ErasureReply(Struct, frozen=True):
    """Of a `dry_run` only `plan` is there, else only `erasure`."""

    erasure: ShownErasure | None
    plan: Plan | None


def _status(reply: ErasureReply) -> int:
    return 200 if reply.erasure is None or reply.erasure.status == "finished" else 202


@erasures.post(
    "/api/erasures",
    scope="admin",
    summary="Erase a person's data",
    status=202,
    other_statuses=(200,),
    status_of=_status,
    errors=(409, 422),
)
async def add_erasure(call: Call, body: NewErasure) -> ErasureReply:
    """Everything that belongs to the lead, number or address, wherever it lies. Asked for again while it is under way
    it is the same one, begun anew (202); for somebody who was erased, and of whom nothing came since, it is the
    finished one (200), as is the plan of a `dry_run`.

    A number that several people share is refused (409 `several_people`): name the lead. A conversation that is under
    way ends first. Costs, latencies and other figures stay, without the person; that a number may not be called stays
    as a keyed hash.
    """
    subject = subject_of(body.lead_id, body.phone, body.email)
    crm = body.crm or call.services.settings.privacy.erase_in_crm
    work = call.services.erasures
    try:
        if body.dry_run:
            return ErasureReply(None, await work.kept.plan(subject, crm))
        erasure, is_new = await work.kept.ask(
            subject, crm, requested_by=call.key_holder.key_id, now=call.services.utc_now()
        )
    except (Ambiguous, StorageError) as error:
        raise problem_of(error) from error
    if is_new:
        work.wake()
    return ErasureReply(_shown(erasure), None)


@erasures.get("/api/erasures", scope="admin", summary="List erasures and requests for them, newest first")
async def list_erasures(call: Call, query: ErasureQuery) -> Page[ShownErasure]:
    """`status=requested`: what people asked for in conversations, to be confirmed or dismissed."""
    page = await call.services.erasures.kept.list(status=query.status, limit=query.limit, cursor=query.cursor)
    return Page(tuple(map(_shown, page.items)), page.next_cursor)


@erasures.get("/api/erasures/{id}", scope="admin", summary="One erasure", errors=(404,))
async def get_erasure(call: Call) -> ShownErasure:
    return _shown(await _existing(call))


@erasures.post(
    "/api/erasures/{id}/confirm",
    scope="admin",
    summary="Have a request carried out",
    status=202,
    errors=(404, 409, 422),
)
async def confirm_erasure(call: Call, body: Confirmation) -> ShownErasure:
    """Anybody can claim to be anybody: make sure first. A request that names nobody needs `lead_id`, `phone` or
    `email`."""
    found, work = await _existing(call), call.services.erasures
    given = body.lead_id is not None or body.phone is not None or body.email is not None
    subject = subject_of(body.lead_id, body.phone, body.email) if given or found.subject is None else found.subject
    try:
        erasure = await work.kept.confirm(
            found.id,
            subject,
            body.crm or call.services.settings.privacy.erase_in_crm,
            requested_by=call.key_holder.key_id,
            now=call.services.utc_now(),
        )
    except (Ambiguous, StorageError) as error:
        raise problem_of(error) from error
    if erasure is None:
        raise _settled()
    work.wake()
    return _shown(erasure)


@erasures.post("/api/erasures/{id}/dismiss", scope="admin", summary="Let a request be", errors=(404, 409))
async def dismiss_erasure(call: Call) -> ShownErasure:
    erasure = await call.services.erasures.kept.dismiss(
        (await _existing(call)).id, requested_by=call.key_holder.key_id, now=call.services.utc_now()
    )
    if erasure is None:
        raise _settled()
    return _shown(erasure)


async def _existing(call: Call) -> Erasure:
    erasure = await call.services.erasures.kept.get(call.path("id"))
    if erasure is None:
        raise Problem(404, "erasure_not_found", "There is no such erasure.", param="id")
    return erasure


def _settled() -> Problem:
    return Problem(409, "erasure_settled", "This request is confirmed or dismissed already.", param="id")


def _shown(erasure: Erasure) -> ShownErasure:
    return ShownErasure(**{name: getattr(erasure, name) for name in ShownErasure.__struct_fields__})
