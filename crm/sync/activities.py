"""Conversations as activities in the CRM: each call, qualification, booking, cancellation and hand-over is entered
exactly once."""

from typing import Any

from msgspec import structs

from crm.contact import CallOutcome
from crm.provider import Capability, Provider
from crm.sync.call_outcomes import is_over, outcome_of, recording_link
from crm.sync.entering import CALLED_OFF, Entered, Outcome, Skipped, enter_once, is_noted, nobody, not_worth, settle
from crm.sync.outbox import CALL_NOT_OVER, SETTLE_S, Waits, wire_reference
from crm.sync.run import Run
from crm.sync.whom import QUALIFICATION, contact_for
from storage.crm.outbox import OutboxEntry

_MOST_NOTE_CHARS = 20_000
_TITLES = {
    "meeting": "Meeting booked",
    "cancellation": "Meeting cancelled",
    "opt_out": "Asked not to be contacted",
    "handoff": "Handed over to a person",
    "lead_update": "Learned in conversation",
    QUALIFICATION: "Qualified",
}


class ActivitySender:
    """Carries out one outbox entry of kind ``call`` or ``note``."""

    def __init__(self, run: Run, provider: Provider, entry: OutboxEntry) -> None:
        self._run = run
        self._provider = provider
        self._entry = entry
        self._reference = wire_reference(entry.reference)

    async def send(self) -> Waits | None:
        """None: the entry is settled. Raises CrmError."""
        outcome = await self._enter_once()
        if isinstance(outcome, Waits):
            return outcome
        async with self._run.writing() as transaction:
            await settle(transaction, self._run, self._entry, outcome)
        return None

    async def _enter_once(self) -> Outcome:
        run, entry = self._run, self._entry
        if (skipped := not_worth(run, self._provider, entry, Capability.CALLS)) is not None:
            return skipped
        if entry.payload.get("outcome") == QUALIFICATION and await run.store.outbox.is_superseded(entry.subject):
            return Skipped("superseded")
        if not await self._is_over():
            return Waits(CALL_NOT_OVER, SETTLE_S)
        contact = await contact_for(run, entry)
        if contact is None:
            return await nobody(run, entry)
        return await enter_once(run, self._provider, entry, contact, self)

    async def _is_over(self) -> bool:
        """A call that we made is entered as a whole, once it is known what became of it."""
        entry, store = self._entry, self._run.store
        if entry.kind != "call" or (call := await store.calls.of_conversation(entry.subject)) is None:
            return True
        conversation = await store.conversations.get(entry.subject)
        return is_over(call, conversation, since=entry.created_at, now=self._run.now())

    async def find(self, parent: str) -> str | None:
        find = self._provider.find_call if self._entry.kind == "call" else self._provider.find_note
        return await find(parent, self._reference, since=self._entry.created_at)

    async def attempt(self, parent: str, contact_id: str) -> Outcome:
        if not await is_noted(self._run, self._entry, parent):
            return CALLED_OFF
        return Entered(await self._enter(parent, contact_id), parent)

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


def note_text(payload: dict[str, Any]) -> str:
    """An outcome in plain words, one line a value."""
    title = _TITLES.get(str(payload.get("outcome")), "Note")
    data = payload.get("data")
    lines = [f"{key.replace('_', ' ')}: {value}" for key, value in data.items()] if isinstance(data, dict) else []
    return "\n".join([title, *lines])[:_MOST_NOTE_CHARS]
