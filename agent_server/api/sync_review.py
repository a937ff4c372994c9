"""What a sync leaves to a person: conflicts to decide, and dead letters to replay or discard."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from agent_server.api.endpoint import Call, Resource
from agent_server.crm_sync.parts import CrmParts
from agent_server.web.errors import Problem
from crm.platforms import Platform
from crm.sync import dead_letters
from crm.sync.decisions import Decided, Decision, decide
from crm.sync.editing import UnfitValue
from crm.sync.merge import WHOLE
from storage.crm.conflicts import ConflictGroup, ConflictKind, ConflictRow, ConflictState, Side
from storage.crm.dead_letters import DeadLetter, DeadLetterState
from storage.postgres.cursor import MAX_LIMIT, Page

MOST_AT_ONCE = 200
"""About a second's work, so that who waits sees it go on."""

sync_review = Resource("sync", "Syncs with Close, Apollo and LinkedIn.")


class ConflictQuery(Struct, frozen=True):
    limit: Annotated[int, Meta(ge=1, le=MAX_LIMIT)] = 50
    cursor: str | None = None
    platform: Platform | None = None
    state: ConflictState | None = None
    contact_id: str | None = None
    kind: ConflictKind | None = None
    field: Annotated[str, Meta(max_length=100)] | None = None


class ConflictGroups(Struct, frozen=True):
    items: tuple[ConflictGroup, ...]


class ManyResolutions(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which side is right in every open conflict of the platform, kind and field that are given, and that began at
    `until` (`newest_at` of those seen) or before."""

    choice: Side
    until: Annotated[datetime, Meta(tz=True)]
    platform: Platform | None = None
    kind: ConflictKind | None = None
    field: Annotated[str, Meta(max_length=100)] | None = None


class Resolution(Struct, frozen=True, forbid_unknown_fields=True):
    """Which side is right, or, with `value`, what is right instead."""

    choice: Literal["local", "remote", "value"]
    value: Annotated[str, Meta(max_length=500)] | None = None


class DeadLetterQuery(Struct, frozen=True):
    limit: Annotated[int, Meta(ge=1, le=MAX_LIMIT)] = 50
    cursor: str | None = None
    platform: Platform | None = None
    state: DeadLetterState | None = None


@sync_review.get("/api/sync/conflicts", scope="read", summary="Edits that contradict each other, with both values")
async def list_conflicts(call: Call, query: ConflictQuery) -> Page[ConflictRow]:
    """Those of critical fields are open until somebody resolves them; the others were settled by the later edit."""
    return await _parts(call).store.conflicts.list(
        limit=query.limit,
        cursor=query.cursor,
        platform=query.platform,
        state=query.state,
        contact_id=query.contact_id,
        kind=query.kind,
        field=query.field,
    )


@sync_review.get("/api/sync/conflicts/groups", scope="read", summary="Open conflicts, counted by what they are about")
async def list_conflict_groups(call: Call) -> ConflictGroups:
    return ConflictGroups(await _parts(call).store.conflicts.grouped())


@sync_review.post("/api/sync/conflicts/resolve", scope="write", summary="Decide many conflicts the same way")
async def resolve_conflicts(call: Call, body: ManyResolutions) -> Decided:
    """Some hundreds at a time: send the same again until none is `left`. Cannot be undone: the values that are chosen
    hold on both sides, and a contact that the chosen side deleted is deleted on both."""
    decision = msgspec.convert(body, Decision, from_attributes=True)
    parts = _parts(call)
    return await decide(parts.edits, parts.store.conflicts, decision, most=MOST_AT_ONCE)


@sync_review.get("/api/sync/conflicts/{id}", scope="read", summary="One conflict", errors=(404,))
async def get_conflict(call: Call) -> ConflictRow:
    found = await _parts(call).store.conflicts.get(call.path("id"))
    if found is None:
        raise Problem(404, "conflict_not_found", "There is no such conflict.", param="id")
    return found


@sync_review.post(
    "/api/sync/conflicts/{id}/resolve", scope="write", summary="Decide a conflict", errors=(404, 409, 422)
)
async def resolve_conflict(call: Call, body: Resolution) -> ConflictRow:
    """The value that is chosen holds on both sides from then on."""
    if body.choice == "value" and body.value is None:
        raise Problem(422, "value_missing", "With the choice 'value' a text is needed.", param="value")
    if body.choice == "value" and (await get_conflict(call)).field == WHOLE:
        raise Problem(
            422, "side_missing", "Of a whole contact one side's state is chosen, not a value.", param="choice"
        )
    try:
        resolved = await _parts(call).edits.resolve(call.path("id"), body.choice, body.value)
    except UnfitValue as error:
        raise Problem(400, "invalid_value", str(error), param="value") from None
    if resolved is None:
        await get_conflict(call)
        raise Problem(409, "conflict_resolved", "This conflict is resolved already.", param="id")
    return resolved


@sync_review.get("/api/sync/dead-letters", scope="read", summary="What could not be synced, newest first")
async def list_dead_letters(call: Call, query: DeadLetterQuery) -> Page[DeadLetter]:
    return await _parts(call).store.dead_letters.list(
        limit=query.limit, cursor=query.cursor, platform=query.platform, state=query.state
    )


@sync_review.get("/api/sync/dead-letters/{key}", scope="read", summary="One dead letter", errors=(404,))
async def get_dead_letter(call: Call) -> DeadLetter:
    found = await _parts(call).store.dead_letters.get(call.path("key"))
    if found is None:
        raise Problem(404, "dead_letter_not_found", "There is no such dead letter.", param="key")
    return found


@sync_review.post("/api/sync/dead-letters/{key}/replay", scope="write", summary="Try it anew", errors=(404, 409))
async def replay_dead_letter(call: Call) -> DeadLetter:
    parts = _parts(call)
    if not await dead_letters.replay(parts.store, call.path("key"), now=parts.now()):
        await get_dead_letter(call)
        raise _settled()
    letter = await get_dead_letter(call)
    await parts.queue.changed(letter.platform)
    return letter


@sync_review.delete("/api/sync/dead-letters/{key}", scope="write", summary="Let it be", errors=(404, 409))
async def discard_dead_letter(call: Call) -> DeadLetter:
    parts = _parts(call)
    if not await dead_letters.discard(parts.store, call.path("key"), now=parts.now()):
        await get_dead_letter(call)
        raise _settled()
    return await get_dead_letter(call)


def _settled() -> Problem:
    return Problem(409, "dead_letter_settled", "It was replayed or discarded already.", param="key")


def _parts(call: Call) -> CrmParts:
    return call.services.crm
