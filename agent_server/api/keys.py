"""API keys: who else may use this server."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from agent_server.api.endpoint import Call, Resource
from agent_server.web.errors import Problem
from storage.conversations.records import ApiKeyRecord
from storage.postgres.cursor import MAX_LIMIT, Page

keys = Resource("keys", "API keys. They are shown once, when they are made, and kept as hashes.")


KeyScope = Literal["realtime", "read", "write", "supervise", "send", "admin", "*"]


class KeyPageQuery(Struct, frozen=True):
    limit: Annotated[int, Meta(ge=1, le=MAX_LIMIT, description="Rows of a page")] = 50
    cursor: Annotated[str | None, Meta(description="`next_cursor` of the page before")] = None


class NewKey(Struct, frozen=True, forbid_unknown_fields=True):
    """What the key is for, and what it may do. `*` stands for every scope."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    scopes: Annotated[tuple[KeyScope, ...], Meta(min_length=1, max_length=8)] = ("realtime", "read", "write")


class IssuedKey(Struct, frozen=True):
    """A key just made. `key` is shown this once."""

    id: str
    key: str
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: datetime


@keys.get("/api/keys", scope="admin", summary="List the keys, newest first")
async def list_keys(call: Call, query: KeyPageQuery) -> Page[ApiKeyRecord]:
    """Revoked ones too."""
    return await call.services.api_keys.list(limit=query.limit, cursor=query.cursor)


@keys.post("/api/keys", scope="admin", summary="Make a key", status=201)
async def create_key(call: Call, body: NewKey) -> IssuedKey:
    issued = await call.services.api_keys.create(body.name, scopes=body.scopes)
    record = issued.record
    return IssuedKey(record.id, issued.key, record.name, record.prefix, record.scopes, record.created_at)


@keys.delete("/api/keys/{id}", scope="admin", summary="Revoke a key", errors=(404, 409))
async def revoke_key(call: Call) -> None:
    """At once in this process, within seconds in others. Client secrets it minted die with it."""
    key_id = call.path("id")
    if key_id == call.key_holder.key_id:
        raise Problem(409, "key_in_use", "This is the key you are using; revoke it with another one.")
    if not await call.services.api_keys.revoke(key_id):
        raise Problem(404, "key_not_found", "There is no such key, or it was revoked before.", param="id")
