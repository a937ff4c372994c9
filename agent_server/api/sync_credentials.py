"""The keys of Close and Apollo: replaced while everything runs, tried before they are taken."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from agent_server.api.crm_calls import asked
from agent_server.api.endpoint import Call, Resource
from agent_server.crm_sync.jobs import WORKER
from agent_server.crm_sync.parts import CrmParts
from agent_server.web.errors import Problem
from crm.contact import Account
from crm.credentials import Credential
from crm.sync.phases import OTHER_ACCOUNT
from crm.vault import VaultError

sync_credentials = Resource("sync", "Syncs with Close, Apollo and LinkedIn.")

KEYED = ("close", "apollo")
Source = Literal["stored", "settings", "none", "unreadable"]


class NewCrmKey(Struct, frozen=True, forbid_unknown_fields=True):
    """`check` off stores the key unseen, for a platform that is away just now. `move`: to another account over there,
    whose records are read; those of the one before are gone here with the next comparison."""

    api_key: Annotated[str, Meta(min_length=8, max_length=500, pattern=r"^\s*[!-~]+\s*$")]
    check: bool = True
    move: bool = False

    def __repr__(self) -> str:
        """Without the key."""
        return "NewCrmKey()"


class CrmKeyState(Struct, frozen=True):
    """Where the key comes from that is used. A stored one goes before one of the settings; `unreadable`: one that was
    encrypted with an `ENCRYPTION_KEY` that is no longer there. `account`: whose it is, when it was just tried."""

    platform: str
    source: Source
    account: str | None = None


class CrmKeys(Struct, frozen=True):
    platforms: list[CrmKeyState]


@sync_credentials.get("/api/sync/credentials", scope="admin", summary="Which platforms have a key, and from where")
async def list_credentials(call: Call) -> CrmKeys:
    return CrmKeys([await _state(_parts(call), platform) for platform in KEYED])


@sync_credentials.put(
    "/api/sync/credentials/{platform}",
    scope="admin",
    summary="Replace a platform's key",
    errors=(404, 409, 422, 502, 503),
)
async def replace_key(call: Call, body: NewCrmKey) -> CrmKeyState:
    """Every process takes it up within half a minute, and at once when the old one is refused. It is kept encrypted."""
    parts, platform, key = _parts(call), _platform(call), body.api_key.strip()
    account = None
    if body.check:
        found = await _account_of(parts, platform, key)
        known = await parts.store.accounts.other(platform, found.ids)
        if known is not None and not body.move:
            message = f'This key is of {found.name}, and the records of {known} are known here. "move": true moves.'
            raise Problem(409, OTHER_ACCOUNT, message, param="api_key")
        account = found.name
    if body.move:
        await parts.store.accounts.forget(platform)
    await parts.crm.store.put(Credential(platform, api_key=key))
    worker = call.request.app.get(WORKER)
    if worker is not None:
        worker.start()
    return CrmKeyState(platform, "stored", account)


@sync_credentials.delete(
    "/api/sync/credentials/{platform}", scope="admin", summary="Forget a platform's stored key", errors=(404,)
)
async def forget_key(call: Call) -> None:
    """The one of the settings, if there is one, is used again."""
    if not await _parts(call).crm.store.delete(_platform(call)):
        raise Problem(404, "key_not_stored", "There is no stored key of this platform.", param="platform")


async def _account_of(parts: CrmParts, platform: str, api_key: str) -> Account:
    try:
        return await asked(parts.crm.try_key(platform, api_key))
    except Problem as problem:
        if problem.code != "credentials_refused":
            raise
        message = f"{platform} refuses this key; the one in use stays."
        raise Problem(422, problem.code, message, param="api_key") from None


async def _state(parts: CrmParts, platform: str) -> CrmKeyState:
    try:
        stored = await parts.crm.store.get(platform)
    except VaultError:
        return CrmKeyState(platform, "unreadable")
    if stored is not None:
        return CrmKeyState(platform, "stored" if stored.is_active else "none")
    return CrmKeyState(platform, "settings" if platform in parts.crm.from_settings else "none")


def _platform(call: Call) -> str:
    platform = call.path("platform")
    if platform not in KEYED:
        raise Problem(404, "platform_not_found", "Only Close and Apollo are opened by a key.", param="platform")
    return platform


def _parts(call: Call) -> CrmParts:
    return call.services.crm
