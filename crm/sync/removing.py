"""What was entered with the record of somebody who was erased goes over there too: calls, notes and messages."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from crm.errors import InvalidRecord, NotFound
from crm.provider import Capability, Provider
from crm.sync.mail_results import is_marked
from crm.sync.outbox import wire_reference
from crm.sync.run import Run
from storage.crm.outbox import OutboxEntry, drop_entry

_NEEDS: Mapping[str, Capability] = {
    "call": Capability.CALLS,
    "note": Capability.NOTES,
    "email": Capability.MAIL,
}
_MOST_HEIRS = 4
"""Merges of records that are followed."""


class RemovalSender:
    """Carries out one outbox entry of kind ``removal``. Its subject is what to delete; empty: an attempt without an
    answer entered it, or not. Its payload says which ``kind`` it is, and of such an attempt the ``parent`` it was made
    with, and the ``reference`` or ``mark`` it had."""

    def __init__(self, run: Run, provider: Provider, entry: OutboxEntry) -> None:
        self._run = run
        self._provider = provider
        self._entry = entry

    async def send(self) -> None:
        """Raises CrmError; nothing is left of the entry otherwise."""
        payload = self._entry.payload
        if _NEEDS[payload["kind"]] in self._provider.capabilities:
            external_id = self._entry.subject or await self._found(payload)
            if external_id is not None:
                await self._remove(payload["kind"], external_id)
        async with self._run.writing() as transaction:
            await drop_entry(transaction, self._entry)

    async def _found(self, payload: Mapping[str, Any]) -> str | None:
        """With the parent it was tried with, or what that was merged into since."""
        parent: Any = payload.get("parent")
        for _ in range(_MOST_HEIRS):
            if not isinstance(parent, str):
                return None
            parent = await self._run.store.contacts.current_name(self._run.platform, parent)
            if (found := await self._found_with(parent, payload)) is not None:
                return found
            parent = await self._provider.successor(parent)
        return None

    async def _found_with(self, parent: str, payload: Mapping[str, Any]) -> str | None:
        provider, since = self._provider, self._entry.created_at
        with suppress(NotFound, InvalidRecord):  # the parent is gone, with everything in it
            if payload["kind"] == "email":
                there = await provider.mails(parent, since=since)
                return next((mail.external_id for mail in there if is_marked(mail, payload["mark"])), None)
            find = provider.find_call if payload["kind"] == "call" else provider.find_note
            return await find(parent, wire_reference(payload["reference"]), since=since)
        return None

    async def _remove(self, kind: str, external_id: str) -> None:
        provider = self._provider
        if kind == "call":
            await provider.remove_call(external_id)
        elif kind == "note":
            await provider.remove_note(external_id)
        else:
            await provider.remove_mail(external_id)
