"""Conversations as activities in the CRM: each call, qualification, booking, cancellation and hand-over is entered
exactly once."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from msgspec import structs

from crm.contact import CallOutcome, Gone
from crm.errors import InvalidRecord, NotFound, RetryLater, SkipRecord
from crm.provider import Capability, Provider
from crm.sync.call_outcomes import is_over, outcome_of, recording_link
from crm.sync.outbox import CALL_NOT_OVER, CONTACT_NOT_READY, NOBODY_KNOWN, SETTLE_S, wire_reference
from crm.sync.run import Run
from crm.sync.whom import QUALIFICATION, contact_for
from storage.crm_contacts import ContactRow
from storage.crm_outbox import OutboxEntry, hurry_contact, note_try, settle_sent
from storage.database import Transaction

_MOST_NOTE_CHARS = 20_000
_TOO_OLD = timedelta(days=30)
"""What waited longer, because no CRM was connected, is history."""
_LONGEST_CONVERSATION = timedelta(days=1)
_WRITTEN_BEHIND = timedelta(minutes=5)
"""How late what a conversation leaves behind may be written."""
_TITLES = {
    "meeting": "Meeting booked",
    "cancellation": "Meeting cancelled",
    "opt_out": "Asked not to be contacted",
    "handoff": "Handed over to a person",
    "lead_update": "Learned in conversation",
    QUALIFICATION: "Qualified",
}


class NotReady(RetryLater):
    """What it belongs to is not over there yet, or an earlier attempt may still be under way."""


class NotEntered(Exception):  # noqa: N818 - names the fact
    """It is not to be entered any more. ``reason`` is a stable code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ActivitySender:
    """Carries out one outbox entry that enters something with a contact's record, once and for all. Here: calls and
    notes; what else there is to enter overrides ``_find`` and ``_enter``."""

    capability = Capability.CALLS

    def __init__(self, run: Run, provider: Provider, entry: OutboxEntry) -> None:
        self._run = run
        self._provider = provider
        self._entry = entry
        self._reference = wire_reference(entry.reference)

    async def send(self) -> None:
        """Raises CrmError; the entry is settled otherwise."""
        if (reason := await self._why_not()) is not None:
            await self._settle("skipped", None, error=reason)
            return
        await self._check_over()
        contact = await contact_for(self._run, self._entry)
        if contact is None:
            await self._nobody()
            return
        try:
            await self._send_to(contact)
        except NotEntered as refusal:
            await self._settle("skipped", None, error=refusal.reason)

    async def _send_to(self, contact: ContactRow) -> None:
        if contact.external_id is None or contact.parent_id is None:
            if contact.deleted_at is not None:
                await self._settle("skipped", None, error="contact_deleted")
                return
            async with self._run.writing() as transaction:
                await hurry_contact(transaction, self._run.platform, contact.id)
            raise NotReady(CONTACT_NOT_READY, "the contact is not in the CRM yet", retry_after_s=SETTLE_S)
        parent = await self._run.store.contacts.current_name(self._run.platform, contact.parent_id)
        try:
            entered: str | None = await self._enter_once(parent, contact.external_id)
        except (NotFound, InvalidRecord) as error:
            entered = await self._enter_where_it_is_now(contact, parent, error)
        await self._settle("done" if entered else "skipped", entered, error=None if entered else "contact_gone")

    async def _why_not(self) -> str | None:
        """Why it is not worth entering, if so."""
        entry, run = self._entry, self._run
        if self.capability not in self._provider.capabilities:
            return "not_supported"
        if entry.tried_at is None and run.now() - entry.created_at > _TOO_OLD:
            return "too_old"
        if entry.payload.get("outcome") == QUALIFICATION and await run.store.outbox.is_superseded(entry.subject):
            return "superseded"
        return None

    async def _check_over(self) -> None:
        """A call that we made is entered as a whole."""
        entry, store = self._entry, self._run.store
        if entry.kind != "call" or (call := await store.calls.of_conversation(entry.subject)) is None:
            return
        conversation = await store.conversations.get(entry.subject)
        if not is_over(call, conversation, since=entry.created_at, now=self._run.now()):
            raise NotReady(CALL_NOT_OVER, "what became of the call is not known yet", retry_after_s=SETTLE_S)

    async def _nobody(self) -> None:
        """Who it was may turn out while the conversation goes on, and what tells so is written a moment later."""
        entry, run = self._entry, self._run
        conversation = await run.store.conversations.get(entry.subject)
        goes_on = conversation is not None and conversation.ended_at is None
        if run.now() - entry.created_at < (_LONGEST_CONVERSATION if goes_on else _WRITTEN_BEHIND):
            raise NotReady(NOBODY_KNOWN, "whom it concerns is not known yet", retry_after_s=60.0)
        await self._settle("skipped", None, error="no_contact")

    async def _enter_where_it_is_now(self, contact: ContactRow, parent: str, error: SkipRecord) -> str | None:
        """The parent went away: the contact may have moved. Raises ``error`` when it has not."""
        assert contact.external_id is not None  # checked by the caller
        there = await self._provider.get_contact(contact.external_id)
        if isinstance(there, Gone) or there.parent_id is None:
            return None
        if there.parent_id == parent:
            raise error
        return await self._enter_once(there.parent_id, contact.external_id)

    async def _enter_once(self, parent: str, contact_id: str) -> str:
        entry, run = self._entry, self._run
        if entry.tried_at is not None:
            age_s = (run.now() - entry.tried_at).total_seconds()
            if age_s < SETTLE_S:
                raise NotReady(
                    "attempt_unsettled", "an earlier attempt may be under way", retry_after_s=SETTLE_S - age_s
                )
            if (found := await self._found(parent)) is not None:
                return found
        await self._prepare(contact_id)
        async with run.writing() as transaction:
            await self._permit(transaction)
            if not await note_try(transaction, entry, parent, now=run.now()):
                raise NotEntered("called_off")
        return await self._enter(parent, contact_id)

    async def _prepare(self, contact_id: str) -> None:
        """What is to be asked over there before it is entered. Raises NotEntered."""

    async def _permit(self, transaction: Transaction) -> None:
        """A last look at whether it may be entered, in the transaction after which it may have been. Raises NotEntered,
        NotReady."""

    async def _found(self, parent: str) -> str | None:
        """With the parent it was tried with, too: the contact may have another since."""
        tried = self._entry.payload.get("tried_parent")
        if isinstance(tried, str) and tried != parent:
            before = await self._run.store.contacts.current_name(self._run.platform, tried)
            with suppress(NotFound, InvalidRecord):  # it is gone, with everything in it
                if (found := await self._find(before)) is not None:
                    return found
        return await self._find(parent)

    async def _find(self, parent: str) -> str | None:
        """The id of what an earlier attempt entered."""
        find = self._provider.find_call if self._entry.kind == "call" else self._provider.find_note
        return await find(parent, self._reference, since=self._entry.created_at)

    async def _enter(self, parent: str, contact_id: str) -> str:
        if self._entry.kind == "call":
            outcome = await self._outcome()
            return await self._provider.log_call(parent, outcome, reference=self._reference, contact_id=contact_id)
        text = note_text(self._entry.payload)
        return await self._provider.add_note(parent, text, reference=self._reference, contact_id=contact_id)

    async def _outcome(self) -> CallOutcome:
        store, subject = self._run.store, self._entry.subject
        history = await store.conversations.load(subject)
        outcome = outcome_of(await store.calls.of_conversation(subject), history)
        link = recording_link(history)
        if link is None or not any(one.is_kept for one in await store.recordings.of_conversation(subject)):
            return outcome
        return structs.replace(outcome, recording_url=link)

    async def _settle(self, state: Any, external_id: str | None, *, error: str | None) -> None:
        async with self._run.writing() as transaction:
            await settle_sent(
                transaction, self._entry, state, now=self._run.now(), external_id=external_id, error=error
            )


def note_text(payload: dict[str, Any]) -> str:
    """An outcome in plain words, one line a value."""
    title = _TITLES.get(str(payload.get("outcome")), "Note")
    data = payload.get("data")
    lines = [f"{key.replace('_', ' ')}: {value}" for key, value in data.items()] if isinstance(data, dict) else []
    return "\n".join([title, *lines])[:_MOST_NOTE_CHARS]
